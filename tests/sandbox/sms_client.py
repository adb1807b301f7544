"""How do the tests send SMS and hear of them? The vendor's own client over true sockets, and a web hook."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from .client import PASSWORD, Running, eventually

ACCOUNT = "AC" + "0123456789abcdef" * 2
OTHER_ACCOUNT = "AC" + "f" * 32
SERVICE = "MG" + "0" * 31 + "1"
ANA = "+34600111222"
BO = "+34600333444"
CLINIC = "Clinica Sol"


class _Redirect(TwilioHttpClient):  # type: ignore[misc]  # the vendor's package has no types
    """Everything goes to the sandbox; nothing is retried by itself."""

    def __init__(self, port: int, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._port = port

    def request(self, method: str, url: str, *arguments: Any, **more: Any) -> Response:
        parts = urlsplit(url)
        place = urlunsplit(("http", f"127.0.0.1:{self._port}", parts.path, parts.query, ""))
        return super().request(method, place, *arguments, **more)


def client(sandbox: Running, account: str = ACCOUNT, token: str = PASSWORD, timeout: float = 5) -> Client:
    """The vendor's client."""
    return Client(account, token, http_client=_Redirect(sandbox.http_port, timeout))


def send(sandbox: Running, to: str = ANA, body: str = "See you tomorrow.", **more: Any) -> MessageInstance:
    """Send one SMS over a connection of its own."""
    if "messaging_service_sid" not in more:
        more.setdefault("from_", CLINIC)
    timeout = more.pop("timeout", 5)
    return client(sandbox, timeout=timeout).messages.create(to=to, body=body, **more)


def taken(sandbox: Running) -> list[dict[str, Any]]:
    """Every SMS that went out."""
    found: list[dict[str, Any]] = sandbox.control("GET", "truth/sms")["messages"]
    return found


def refused(sandbox: Running) -> list[dict[str, Any]]:
    """Every request that did not."""
    found: list[dict[str, Any]] = sandbox.control("GET", "truth/sms/refused")["refused"]
    return found


def called(sandbox: Running) -> list[dict[str, Any]]:
    """Every callback, as the sandbox has seen it."""
    found: list[dict[str, Any]] = sandbox.control("GET", "truth/sms/callbacks")["callbacks"]
    return found


class Hook(ThreadingHTTPServer):
    """A web hook that keeps what it is told, and answers as it is bidden."""

    daemon_threads = True
    status: int | None = 204  # None: it hangs up without an answer
    gate: threading.Event | None = None  # no answer before it is open
    told: list[dict[str, str]]
    moments: list[float]

    @property
    def url(self) -> str:
        """Its address, with a query as real ones have."""
        return f"http://127.0.0.1:{self.server_address[1]}/w/twilio/a%2Db?part=1&name=a%20b"

    def statuses(self) -> list[str]:
        """What it was told, in the order in which it was told."""
        return [form["MessageStatus"] for form in self.told]

    def heard(self, *statuses: str) -> bool:
        """Whether it was told exactly this."""
        return self.statuses() == list(statuses)


class _HookPage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        hook = cast(Hook, self.server)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        assert valid(f"http://{self.headers['Host']}{self.path}", form, dict(self.headers.items()))
        hook.moments.append(time.monotonic())
        hook.told.append(form)
        if hook.gate is not None:
            hook.gate.wait(10)
        if hook.status is None:
            self.close_connection = True
            return
        self.send_response(hook.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return None


def valid(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    """The vendor's own judgement of a signature."""
    return bool(RequestValidator(PASSWORD).validate(url, form, headers["X-Twilio-Signature"]))


@contextmanager
def hook() -> Iterator[Hook]:
    """A web hook that listens. A callback that is not rightly signed fails in it and is not kept."""
    server = Hook(("127.0.0.1", 0), _HookPage)
    server.told, server.moments = [], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def arrived(sandbox: Running, count: int = 1) -> list[dict[str, Any]]:
    """Wait until so many messages have come to their last status; gives all."""
    ended = {"delivered", "undelivered", "failed"}
    eventually(lambda: sum(message["status"] in ended for message in taken(sandbox)) >= count)
    return taken(sandbox)
