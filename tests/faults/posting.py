"""How do hundreds of requests a second reach the product, each at its moment? Made ready beforehand, over kept links.

The machine is the product's too, so this costs as little as it can: one thread, bytes that are written as they are, and
no more read of an answer than its status.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from config.local.ports import HOST

_LINKS = 48
#: A provider gives up after so many seconds.
LONGEST_ANSWER = 15.0


@dataclass(frozen=True)
class Ready:
    """A whole request, and when it is to go, in seconds after the first."""

    at: float
    request: bytes


@dataclass
class Answers:
    """What was answered: how often what (0: nothing), and how long each took from the moment at which it should have
    gone, whatever became of those before."""

    counts: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def percentile(self, part: float) -> float:
        """Of all, answered or not."""
        ordered = sorted(self.seconds)
        return ordered[max(0, int(len(ordered) * part) - 1)]


def ready(at: float, path: str, body: str, signature: str) -> Ready:
    """A form, posted to that path with that signature."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Ready(at, (head + body).encode())


def post(port: int, requests: Sequence[Ready]) -> Answers:
    """Posts all of them; returns when each is answered, or was waited for long enough."""
    return asyncio.run(_Posting(port).all(requests))


class _Link(asyncio.Protocol):
    """One connection; it carries one request at a time."""

    def __init__(self, posting: "_Posting") -> None:
        self._posting, self._heard = posting, b""
        self.one: Ready | None = None
        self.used = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self, one: Ready) -> None:
        """Writes the request."""
        self.one, self._heard = one, b""
        self.transport.write(one.request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if self.one is None or b"\r\n\r\n" not in self._heard:
            return
        one, self.one, self.used = self.one, None, True
        status = int(self._heard[9:12])
        if status != 204 or b"\r\nConnection: close" in self._heard:  # others have a body, of no interest
            self.transport.close()
        self._posting.answered(one, status, self)

    def connection_lost(self, error: Exception | None) -> None:
        if self.one is not None:
            self._posting.lost(self.one, anew=self.used and not self._heard)


class _Posting:
    """The links, and what is under way on them."""

    def __init__(self, port: int) -> None:
        self._port, self._answers = port, Answers()
        self._free: asyncio.LifoQueue[_Link | None] = asyncio.LifoQueue()
        self._again: list[Ready] = []
        self._open = 0
        self._over = asyncio.Event()

    async def all(self, requests: Sequence[Ready]) -> Answers:
        for _ in range(_LINKS):
            self._free.put_nowait(None)
        self._open, self._began = len(requests), time.monotonic() + 0.5
        for one in requests:
            wait = self._began + one.at - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            await self._ask(one)
            while self._again:
                await self._ask(self._again.pop())
        deadline = time.monotonic() + LONGEST_ANSWER
        while self._open and time.monotonic() < deadline:
            while self._again:
                await self._ask(self._again.pop())
            await asyncio.sleep(0.01)
        self._answers.counts[0] += self._open
        self._answers.seconds += [LONGEST_ANSWER] * self._open
        return self._answers

    async def _ask(self, one: Ready) -> None:
        link = await self._free.get()
        if link is None or link.transport.is_closing():
            _, link = await asyncio.get_running_loop().create_connection(lambda: _Link(self), HOST, self._port)
        link.ask(one)

    def answered(self, one: Ready, status: int, link: _Link) -> None:
        """A request has its answer; its link is free."""
        self._answers.counts[status] += 1
        self._answers.seconds.append(time.monotonic() - self._began - one.at)
        self._open -= 1
        self._free.put_nowait(link)

    def lost(self, one: Ready, *, anew: bool) -> None:
        """A link broke under a request. Where the server had just closed it for idleness the request goes again."""
        self._free.put_nowait(None)
        if anew:
            self._again.append(one)
        else:
            self._answers.counts[0] += 1
            self._answers.seconds.append(LONGEST_ANSWER)
            self._open -= 1
