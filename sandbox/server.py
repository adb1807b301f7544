"""How do the sandbox's parts hang together, start and stop? One loop with an SMTP and an HTTP server."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from sandbox.certificate import server_context
from sandbox.clock import Clock
from sandbox.control import Control, describe, describe_attempt
from sandbox.course import World
from sandbox.faults import Faults
from sandbox.guard import add_headers, guard
from sandbox.pages import Pages
from sandbox.questions import plain
from sandbox.sms.api import Api, SmsWorld
from sandbox.sms.callbacks import Poster
from sandbox.sms.control import SmsControl, describe_message
from sandbox.sms.journey import Journeys
from sandbox.sms.phones import Phones
from sandbox.sms.record import SmsRecord
from sandbox.smtp import Conversation
from sandbox.truth import Truth

_HOST = "127.0.0.1"
_BACKLOG = 1024  # connections that may wait to be accepted
_START_SECONDS = 10.0
_LAST_ROUNDS = 10  # of the loop, until every transport has told its conversation that it is gone
T = TypeVar("T")


class Parts:
    """The two records, and what works on them: opened before the servers start, closed after them."""

    def __init__(self, folder: Path, clock_url: str | None, token: str, sms_token: str) -> None:
        self.truth = Truth(folder / "truth.sqlite3")
        self.sms = SmsRecord(folder / "sms.sqlite3")
        self.clock = Clock(self.truth, (self.truth, self.sms), clock_url, token)
        self.poster = Poster(self.sms, self.clock, sms_token)
        self.journeys = Journeys(self.sms, self.clock, self.poster)

    async def forget(self) -> None:
        """Empty both records."""
        self.truth.forget()
        await self.forget_sms()

    async def forget_sms(self) -> None:
        """Empty the record of the SMS; what is still on its way does not arrive."""
        await self.journeys.stop()
        self.sms.forget()

    async def close(self) -> None:
        """Stop where it is; a restart goes on from there."""
        await self.journeys.stop()
        await self.poster.close()
        self.sms.close()
        self.truth.close()


class Sandbox:
    """A sandbox. As a process: `await run(stop)`. Inside a test: `with Sandbox(...) as sandbox:` (a thread).

    `folder` keeps the records and the certificates between starts; ports of 0 are chosen freely and can be
    read once it runs. `password` is every mail account's password and every Twilio account's token.
    Raises OSError where a port is taken or the folder cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        password: str,
        token: str,
        *,
        clock_url: str | None = None,
        ports: tuple[int, int] = (0, 0),
    ) -> None:
        if not password or not token:
            raise ValueError("the sandbox needs a password and a token that are not empty")
        self._folder = folder
        self._password = password
        self._token = token
        self._clock_url = clock_url
        self.smtp_port, self.http_port = ports
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._parts: Parts | None = None
        self.faults = Faults()

    @property
    def ca_file(self) -> Path:
        """The authority that a client must trust."""
        return self._folder / "ca.pem"

    async def run(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Serve until `stop` is set; `ready` is called when both ports answer."""
        world, parts = self._open()
        # A handler ends when its client leaves: nobody waits for the answer of one that hangs.
        runner = web.AppRunner(
            self._application(parts), access_log=None, shutdown_timeout=0.2, handler_cancellation=True
        )
        loop = asyncio.get_running_loop()
        conversations: set[Conversation] = set()

        def converse() -> Conversation:
            conversation = Conversation(world, loop, conversations.discard)
            conversations.add(conversation)
            return conversation

        asking = asyncio.create_task(parts.clock.run())
        asking.add_done_callback(lambda task: stop.set() if _failed(task) else None)
        try:
            smtp = await loop.create_server(converse, _HOST, self.smtp_port, backlog=_BACKLOG)
            self.smtp_port = smtp.sockets[0].getsockname()[1]
            await runner.setup()
            site = web.TCPSite(runner, _HOST, self.http_port, backlog=_BACKLOG)
            await site.start()
            self.http_port = runner.addresses[0][1]
            parts.journeys.resume()
            ready()
            await stop.wait()
            smtp.close()
        finally:
            asking.cancel()
            await asyncio.wait({asking})
            await runner.cleanup()
            for conversation in list(conversations):
                conversation.hang_up()
            for _ in range(_LAST_ROUNDS):
                await asyncio.sleep(0)  # connection_lost records the ends
            await parts.close()
        if _failed(asking):  # stamps would be wrong from there on: better no sandbox than a lying one
            asking.result()

    def _open(self) -> tuple[World, Parts]:
        # aiosmtpd's own log quotes commands, that is addresses.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        context = server_context(self._folder)
        self._parts = parts = Parts(self._folder, self._clock_url, self._token, self._password)
        return World(parts.truth, self.faults, parts.clock, self._password, context), parts

    def _application(self, parts: Parts) -> web.Application:
        application = web.Application(middlewares=[guard(self._token)])
        application.on_response_prepare.append(add_headers)
        sms = SmsWorld(parts.sms, self.faults, parts.clock, parts.journeys, self._password)
        for routes in (
            [web.get("/healthz", _healthz)],
            Pages(parts.truth, Phones(parts.sms), self.faults, parts.clock).routes(),
            SmsControl(parts.sms, parts.forget_sms).routes(),
            Control(parts.truth, self.faults, parts.clock, parts.forget).routes(),
            Api(sms).routes(),
        ):
            application.add_routes(routes)
        return application

    # In a thread, for tests

    def start(self) -> None:
        """Run in a thread; returns when both ports answer."""
        ready = threading.Event()

        async def main() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            try:
                await self.run(self._stop, ready.set)
            except (OSError, ValueError, sqlite3.Error) as error:
                self._failure = error
            finally:
                ready.set()

        self._thread = threading.Thread(target=lambda: asyncio.run(main()), name="sandbox", daemon=True)
        self._thread.start()
        if not ready.wait(_START_SECONDS):
            raise TimeoutError("the sandbox did not start")
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stop the thread; what was received stays in the folder."""
        if self._loop is not None and self._stop is not None and self._thread is not None:
            if self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_START_SECONDS)

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def truth(self) -> list[dict[str, Any]]:
        """Every message received so far, as GET /control/truth shows them."""
        return self._ask(lambda parts: [describe(row) for row in parts.truth.messages(limit=-1)])

    def attempts(self) -> list[dict[str, Any]]:
        """What ended before a final dot, as GET /control/truth/attempts shows it."""
        return self._ask(lambda parts: [describe_attempt(row) for row in parts.truth.attempts(limit=-1)])

    def sms(self) -> list[dict[str, Any]]:
        """Every SMS taken so far, as GET /control/truth/sms shows them."""
        return self._ask(lambda parts: [describe_message(row) for row in parts.sms.rows("messages", 0, -1)])

    def sms_refused(self) -> list[dict[str, Any]]:
        """Every request for an SMS that was refused, as GET /control/truth/sms/refused shows it."""
        return self._ask(lambda parts: [plain(row) for row in parts.sms.rows("refused", 0, -1)])

    def forget(self) -> None:
        """Behave well again and forget what was received: a clean start for the next test."""
        self.faults.clear()
        loop, parts = self._running()
        asyncio.run_coroutine_threadsafe(parts.forget(), loop).result(_START_SECONDS)

    def _ask(self, question: Callable[[Parts], T]) -> T:
        loop, parts = self._running()

        async def answer() -> T:
            return question(parts)

        return asyncio.run_coroutine_threadsafe(answer(), loop).result(_START_SECONDS)

    def _running(self) -> tuple[asyncio.AbstractEventLoop, Parts]:
        if self._loop is None or self._parts is None:
            raise RuntimeError("the sandbox does not run")
        return self._loop, self._parts


def _failed(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is not None


async def _healthz(request: web.Request) -> web.Response:
    return web.json_response({"ok": True})
