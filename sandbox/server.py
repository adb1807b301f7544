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
from sandbox.smtp import Conversation
from sandbox.truth import Truth

_HOST = "127.0.0.1"
_BACKLOG = 1024  # connections that may wait to be accepted
_START_SECONDS = 10.0
_LAST_ROUNDS = 10  # of the loop, until every transport has told its conversation that it is gone
T = TypeVar("T")


class Sandbox:
    """A sandbox. As a process: `await run(stop)`. Inside a test: `with Sandbox(...) as sandbox:` (a thread).

    `folder` keeps the record and the certificates between starts; ports of 0 are chosen freely and can be
    read once it runs. Raises OSError where a port is taken or the folder cannot be written.
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
        self._truth: Truth | None = None
        self.faults = Faults()

    @property
    def ca_file(self) -> Path:
        """The authority that a client must trust."""
        return self._folder / "ca.pem"

    async def run(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Serve until `stop` is set; `ready` is called when both ports answer."""
        # aiosmtpd's own log quotes commands, that is addresses.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._truth = truth = Truth(self._folder / "truth.sqlite3")
        clock = Clock(truth, (truth,), self._clock_url, self._token)
        world = World(truth, self.faults, clock, self._password, server_context(self._folder))
        runner = web.AppRunner(self._application(world), access_log=None, shutdown_timeout=0.2)
        loop = asyncio.get_running_loop()
        conversations: set[Conversation] = set()

        def converse() -> Conversation:
            conversation = Conversation(world, loop, conversations.discard)
            conversations.add(conversation)
            return conversation

        asking = asyncio.create_task(clock.run())
        asking.add_done_callback(lambda task: stop.set() if _failed(task) else None)
        try:
            smtp = await loop.create_server(converse, _HOST, self.smtp_port, backlog=_BACKLOG)
            self.smtp_port = smtp.sockets[0].getsockname()[1]
            await runner.setup()
            site = web.TCPSite(runner, _HOST, self.http_port, backlog=_BACKLOG)
            await site.start()
            self.http_port = runner.addresses[0][1]
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
            truth.close()
        if _failed(asking):  # stamps would be wrong from there on: better no sandbox than a lying one
            asking.result()

    def _application(self, world: World) -> web.Application:
        application = web.Application(middlewares=[guard(self._token)])
        application.on_response_prepare.append(add_headers)
        application.add_routes([web.get("/healthz", _healthz)])
        application.add_routes(Pages(world.truth, world.faults, world.clock).routes())
        application.add_routes(Control(world.truth, world.faults, world.clock).routes())
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
        return self._ask(lambda truth: [describe(row) for row in truth.messages(limit=-1)])

    def attempts(self) -> list[dict[str, Any]]:
        """What ended before a final dot, as GET /control/truth/attempts shows it."""
        return self._ask(lambda truth: [describe_attempt(row) for row in truth.attempts(limit=-1)])

    def forget(self) -> None:
        """Behave well again and forget what was received: a clean start for the next test."""
        self.faults.clear()
        self._ask(Truth.forget)

    def _ask(self, question: Callable[[Truth], T]) -> T:
        if self._loop is None or self._truth is None:
            raise RuntimeError("the sandbox does not run")
        truth = self._truth

        async def answer() -> T:
            return question(truth)

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(_START_SECONDS)


def _failed(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is not None


async def _healthz(request: web.Request) -> web.Response:
    return web.json_response({"ok": True})
