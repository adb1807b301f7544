"""What lies between the product and a server, where a campaign wants to trouble it? A TCP proxy of our own.

It passes on, and on command delays, stalls, cuts connections after so many bytes, resets or half-closes them, or
refuses new ones. It runs in a thread of its own; every command has taken effect when it returns. Its port stays the
same.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
_HOST = "127.0.0.1"
_CHUNK = 65_536
_COMMAND_SECONDS = 10.0
#: A socket that is closed with this option tells the other end so by a reset.
_RESET = struct.pack("ii", 1, 0)


class _Link:
    """One connection through the proxy; tied to the loop's thread."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter, left: int | None) -> None:
        self.ends = (client, server)
        #: How many bytes may still go to the server before the connection is cut; None: any number.
        self.left = left
        #: Whether the way to the server has ended.
        self.half_closed = False

    def half_close(self) -> None:
        """The server hears the end of what the client says; what it answers still comes."""
        if not self.half_closed and self.ends[1].can_write_eof():
            self.half_closed = True
            self.ends[1].write_eof()

    def reset(self) -> None:
        """Both ends are told by a reset, at once; what is under way is lost."""
        for end in self.ends:
            with suppress(OSError):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.transport.abort()


class Proxy:
    """In front of one server. Use it as a context, or `start` and `close` it."""

    def __init__(self, port: int, host: str = _HOST) -> None:
        """In front of the server on that port."""
        self.port = 0
        #: How many connections were taken on since the start.
        self.taken = 0
        self._target = (host, port)
        self._links: set[_Link] = set()
        self._delay, self._cut = 0.0, None  # type: float, int | None
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> "Proxy":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Listens from now on, on a port of its own."""
        self._thread.start()
        self._do(self._listen())

    def close(self) -> None:
        """Ends every connection and the thread."""
        self._do(self._refuse())
        self._do(self._reset())
        self._do(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_COMMAND_SECONDS)
        self._loop.close()

    @property
    def connections(self) -> int:
        """How many go through it now."""
        return len(self._links)

    def pass_on(self) -> None:
        """All is well again: what was held back goes on, new connections are taken on."""
        self._do(self._well())

    def delay(self, seconds: float) -> None:
        """From now on whatever goes to the server takes so much longer: once a round trip."""
        self._set(lambda: setattr(self, "_delay", seconds))

    def stall(self) -> None:
        """Nothing goes through any more, in either direction; the connections stay."""
        self._set(self._flowing.clear)

    def cut(self, after: int) -> None:
        """Each connection, new or there, is reset when it has brought the server so many more bytes."""
        self._set(lambda: self._cut_after(after))

    def reset(self) -> int:
        """Resets every connection now, without a word; new ones are taken on. How many there were."""
        return self._do(self._reset())

    def half_close(self) -> None:
        """Ends the way to the server of each connection now; whatever the client says then is lost, answers come."""
        self._set(self._half_close)

    def refuse(self) -> None:
        """Takes no new connection until `pass_on`: they are refused. Those that are there stay."""
        self._do(self._refuse())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_COMMAND_SECONDS)

    def _set(self, change: Callable[[], object]) -> None:
        async def work() -> None:
            change()

        self._do(work())

    async def _listen(self) -> None:
        self._flowing.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._take_on, _HOST, self.port, backlog=512)
            self.port = int(self._server.sockets[0].getsockname()[1])

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()  # without waiting: that would wait for the connections
            self._server = None

    async def _well(self) -> None:
        self._delay, self._cut = 0.0, None
        for link in self._links:
            link.left = None
        await self._listen()

    def _cut_after(self, after: int) -> None:
        self._cut = after
        for link in self._links:
            link.left = after

    def _half_close(self) -> None:
        for link in self._links:
            link.half_close()

    async def _reset(self) -> int:
        links = list(self._links)
        for link in links:
            link.reset()
        return len(links)

    async def _end_tasks(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_on(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.taken += 1
        try:
            from_server, to_server = await asyncio.open_connection(*self._target)
        except OSError:  # the server is away: the client sees a connection that ends
            to_client.transport.abort()
            return
        link = _Link(to_client, to_server, self._cut)
        self._links.add(link)
        both: list[Awaitable[None]] = [
            self._carry(from_client, to_server, link, outward=True),
            self._carry(from_server, to_client, link, outward=False),
        ]
        try:
            with suppress(asyncio.CancelledError):  # the proxy is closed
                await asyncio.gather(*both)
        finally:
            self._links.discard(link)
            for end in link.ends:
                end.close()

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, link: _Link, *, outward: bool
    ) -> None:
        """One direction, until its source ends or the connection breaks."""
        with suppress(OSError):
            while chunk := await source.read(_CHUNK):
                if outward and self._delay:
                    await asyncio.sleep(self._delay)
                await self._flowing.wait()
                if outward and link.half_closed:
                    continue
                if outward and link.left is not None:
                    chunk, link.left = chunk[: link.left], link.left - len(chunk)
                sink.write(chunk)
                await sink.drain()
                if outward and link.left is not None and link.left <= 0:
                    await asyncio.sleep(0)  # the last bytes leave first
                    link.reset()
                    return
            if outward:
                link.half_close()
            elif sink.can_write_eof():
                sink.write_eof()
