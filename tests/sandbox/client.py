"""How do the tests talk to a sandbox from outside? Its process, a mail client, an HTTP client."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "sandbox-password"
TOKEN = "sandbox-token"


def eventually(question: Callable[[], object], seconds: float = 5.0) -> Any:
    """Ask until the answer is truthy; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)
    return answer


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)


@dataclass
class Running:
    """A sandbox that runs, seen from outside."""

    smtp_port: int
    http_port: int
    folder: Path
    process: subprocess.Popen[str]

    def login(self, account: str = "clinic@example.org", password: str = PASSWORD) -> smtplib.SMTP:
        """A client that has said STARTTLS and AUTH."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        client = smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=5)
        try:
            client.starttls(context=context)
            client.login(account, password)
        except (smtplib.SMTPException, OSError):
            client.close()
            raise
        return client

    def send(self, recipient: str, subject: str = "A reminder", account: str = "clinic@example.org") -> None:
        """Send one mail over a connection of its own."""
        client = self.login(account)
        try:
            client.sendmail("clinic@example.org", [recipient], text_mail(recipient, subject))
            client.quit()
        finally:
            client.close()

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One HTTP request; `body` is sent as JSON, or as it is where it is bytes."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}{path}", data, method=method)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with _OPENER.open(request, timeout=5) as response:
                return Answer(response.status, dict(response.headers), response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read().decode())

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A request to the control API with its token; the JSON of a good answer."""
        answer = self.ask(method, f"/control/{path}", body, {"X-Sandbox-Token": TOKEN})
        assert answer.status in {200, 201}, answer.text
        return answer.json

    def fault(self, kind: str, **more: Any) -> int:
        """Command a fault; gives its id."""
        return int(self.control("POST", "faults", {"fault": kind, **more})["id"])

    def messages(self) -> list[dict[str, Any]]:
        """Every message received."""
        answer: list[dict[str, Any]] = self.control("GET", "truth?limit=10000")["messages"]
        return answer

    def attempts(self) -> list[dict[str, Any]]:
        """What ended before a final dot."""
        answer: list[dict[str, Any]] = self.control("GET", "truth/attempts")["attempts"]
        return answer

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=5)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Running]:
    """`python -m sandbox` as a process of its own."""
    environment = {**os.environ, "SANDBOX_TOKEN": TOKEN, "SANDBOX_SMTP_PASSWORD": PASSWORD}
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--dir", str(folder), *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ports = json.loads(process.stdout.readline())
        yield Running(ports["smtp_port"], ports["http_port"], folder, process)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def text_mail(recipient: str, subject: str, body: str = "See you tomorrow.") -> bytes:
    """A plain mail as it goes over the wire."""
    return (
        f"From: Clinic <clinic@example.org>\r\nTo: {recipient}\r\nSubject: {subject}\r\n"
        f"Message-ID: <{subject.replace(' ', '-')}@example.org>\r\n\r\n{body}\r\n"
    ).encode()


def hung_up(client: socket.socket) -> bool:
    """Whether the other side ends the connection without a word (within the socket's timeout)."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True
