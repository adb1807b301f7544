"""What time is it for the product? The sandbox asks it for its shifted clock and remembers the answer.

The product may be away (or not exist: campaigns set the offset by the control API); then the last known
offset counts. A message is stamped with the offset read just *after* it came, because a clock that jumps sends
messages at once, before the next regular look.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import aiohttp

from sandbox.store import Stamp
from sandbox.truth import Truth

_LOOK_EVERY = 1.0  # seconds between two looks when no message comes
_LOOK_APART = 0.1  # seconds between two looks when messages come
_NEWS_SECONDS = 20.0
_TIMEOUT = aiohttp.ClientTimeout(total=3)


class BadAnswer(ValueError):
    """The product's clock said something that is no clock's answer."""


@dataclass(frozen=True)
class Reading:
    """One answer of the product's clock."""

    offset: float
    next_due: datetime | None
    busy: bool
    now: datetime


class Stamped(Protocol):
    """A record of messages that were stamped with the offset known when they came."""

    @property
    def newest(self) -> int:
        """The id of the newest message."""

    def restamp(self, after: int, upto: int, offset: float) -> None:
        """Correct the stamps of the messages with after < id <= upto."""


class Clock:
    """The shifted clock. `url` is None where no product is to be asked; `records` are those it stamps."""

    def __init__(self, truth: Truth, records: Sequence[Stamped], url: str | None, token: str) -> None:
        self._truth = truth
        self._records = records
        self._url = url
        self._headers = {"X-Sandbox-Token": token}
        self._confirmed = self._newest()
        self._message_came = asyncio.Event()
        self._http: aiohttp.ClientSession | None = None
        self.offset = truth.offset()
        self.reading: Reading | None = None  # None: the product did not answer the last time
        self._notice = ("", 0.0)

    def stamp(self) -> Stamp:
        """Now, by both clocks."""
        real = time.time()
        return Stamp(real, real + self.offset)

    def message_came(self) -> None:
        """A message was recorded: look at the clock soon."""
        self._message_came.set()

    def set_offset(self, seconds: float) -> None:
        """Set the offset by hand. A product that answers corrects it at the next look."""
        self.offset = seconds
        self._truth.keep_offset(seconds)

    @property
    def asks(self) -> bool:
        """Whether there is a product to ask."""
        return self._url is not None

    async def run(self) -> None:
        """Look at the product's clock for ever."""
        if self._url is None:
            return
        async with aiohttp.ClientSession(headers=self._headers, timeout=_TIMEOUT) as self._http:
            while True:
                await self.look()
                await asyncio.sleep(_LOOK_APART)
                try:
                    await asyncio.wait_for(self._message_came.wait(), _LOOK_EVERY - _LOOK_APART)
                except TimeoutError:
                    continue

    async def look(self) -> Reading | None:
        """Ask once; None where the product does not answer."""
        newest = self._newest()
        self._message_came.clear()
        try:
            status, answer = await self._talk("GET")
            reading = _read(answer) if status == 200 else None
        except (aiohttp.ClientError, TimeoutError, BadAnswer):
            reading = None
        if reading is not None:
            self._believe(reading, newest)
        self.reading = reading
        return reading

    async def go_to_next_due(self) -> str:
        """Ask the product to move its clock to the next due moment. Gives its answer in words."""
        words = await self._go()
        self._notice = (words, time.monotonic())
        return words

    @property
    def notice(self) -> str:
        """The product's answer to the last wish, in words, as long as it is news."""
        words, said = self._notice
        return words if time.monotonic() - said < _NEWS_SECONDS else ""

    async def _go(self) -> str:
        if not self.asks:
            return "This sandbox was started without a product: there is no clock to move."
        reading = await self.look()
        if reading is None:
            return "The product does not answer. Is it running?"
        if reading.next_due is None:
            return "Nothing is due any more: there is no moment to go to."
        ahead = (reading.next_due - reading.now).total_seconds()
        if ahead <= 0:
            return "Something is due right now. It goes out within seconds."
        try:
            status, answer = await self._talk("POST", {"offset_seconds": reading.offset + ahead})
        except (aiohttp.ClientError, TimeoutError, BadAnswer):
            return "The product stopped answering. Whether its clock moved shows above."
        if status == 409:
            words = answer.get("error")
            said = words.rstrip(".") if isinstance(words, str) and words else "something is being sent"
            return f"Not now: {said}. Try again."
        if status != 200:
            return f"The product refused (HTTP {status})."
        await self.look()
        return f"The clock now stands at {reading.next_due:%a %d %b %Y, %H:%M} UTC."

    async def _talk(self, method: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        if self._url is None or self._http is None:
            raise BadAnswer("no product to ask")
        # The token must not travel on to wherever a redirect points.
        async with self._http.request(method, self._url, json=body, allow_redirects=False) as response:
            try:
                answer = await response.json(content_type=None)
            except ValueError as error:
                raise BadAnswer(f"no JSON, HTTP {response.status}") from error
        if not isinstance(answer, dict):
            raise BadAnswer("no JSON object")
        return response.status, answer

    def _believe(self, reading: Reading, newest: list[int]) -> None:
        if reading.offset != self.offset:
            self.set_offset(reading.offset)
        # Also where the offset is known already: a message may have come between an answer's making and its arrival.
        for record, after, upto in zip(self._records, self._confirmed, newest, strict=True):
            if upto > after:
                record.restamp(after, upto, reading.offset)
        self._confirmed = newest

    def _newest(self) -> list[int]:
        return [record.newest for record in self._records]


def _read(answer: dict[str, Any]) -> Reading:
    try:
        due = answer["next_due"]
        reading = Reading(
            offset=float(answer["offset_seconds"]),
            busy=bool(answer["busy"]),
            next_due=None if due is None else _moment(due),
            now=_moment(answer["now"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer("not a clock's answer") from error
    if not math.isfinite(reading.offset):
        raise BadAnswer("not a clock's answer")
    return reading


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise BadAnswer("a moment without a time zone")
    return moment.astimezone(UTC)
