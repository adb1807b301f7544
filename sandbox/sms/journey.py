"""What becomes of a message that was taken? Its statuses, one after the other, and the callbacks that tell of them.

Sources: "Message status values", "Outbound message status in status callbacks" (none for the first status, one for
each change after it). Statuses go on at their pace whatever the callbacks meet.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, permutations
from math import factorial

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.kinds import Moment
from sandbox.sms.callbacks import Poster
from sandbox.sms.record import SmsRecord

_log = logging.getLogger("sandbox.sms")
_STEP_SECONDS = 0.05  # from one status to the next
#: Error codes with which a message ends before it was ever sent; with the others it was sent and not delivered.
_NEVER_SENT = {30001, 30036}


@dataclass(frozen=True)
class Manners:
    """How the callbacks of one message behave, and the names of the faults that make them so."""

    faults: tuple[str, ...] = ()
    silent: bool = False
    first: bool = False  # all of them before the API's answer
    delay: float = 0.0  # seconds after the change
    copies: int = 1
    order: int | None = None  # which of the wrong orders


def manners_for(faults: Faults, account: str, recipient: str) -> Manners:
    """Strike the commanded faults that mean this message's callbacks."""
    struck = {
        moment: fault
        for moment in Moment
        if moment.startswith("callback") and (fault := faults.take(moment, account, recipient))
    }
    delay, order = struck.get(Moment.CALLBACK_DELAY), struck.get(Moment.CALLBACK_ORDER)
    return Manners(
        faults=tuple(fault.name for fault in struck.values()),
        silent=Moment.CALLBACK_NONE in struck,
        first=Moment.CALLBACK_FIRST in struck,
        delay=0.0 if delay is None else delay.seconds,
        copies=2 if Moment.CALLBACK_COPIES in struck else 1,
        order=None if order is None else order.seed,
    )


def way(status: str, fate: int | None) -> list[str]:
    """The statuses still to come for a message that is at this one."""
    whole = ["accepted", "queued", "sending", "sent", "delivered" if fate is None else "undelivered"]
    if fate in _NEVER_SENT:
        whole = ["accepted", "queued", "failed"]
    return whole[whole.index(status) + 1 :]


def disordered(statuses: list[str], seed: int) -> list[str]:
    """The statuses in one of their wrong orders: seed 0 the last first, other seeds one each of the others."""
    wrong = factorial(len(statuses)) - 1
    if not wrong:
        return statuses
    orders: Iterator[tuple[str, ...]] = permutations(statuses)  # the first of them is the right one
    return list(next(islice(orders, 1 + (seed - 1) % wrong, None)))


class Journeys:
    """The messages that are on their way."""

    def __init__(self, record: SmsRecord, clock: Clock, poster: Poster) -> None:
        self._record = record
        self._clock = clock
        self._poster = poster
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, message: sqlite3.Row, manners: Manners) -> asyncio.Task[None]:
        """Send a message on its way. The task ends when it has arrived and its callbacks are through."""
        task = asyncio.create_task(self._travel(message, manners))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def resume(self) -> None:
        """Send on what a stop has overtaken."""
        for message in self._record.unfinished():
            self.begin(message, Manners())

    async def stop(self) -> None:
        """Leave everything where it is."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a message was left on its way: %s", type(error).__name__)

    async def _travel(self, message: sqlite3.Row, manners: Manners) -> None:
        news: asyncio.Queue[tuple[str, float] | None] = asyncio.Queue()
        async with asyncio.TaskGroup() as both:
            if message["callback"] is not None and not manners.silent:
                both.create_task(self._tell(message, manners, news))
            for status in way(message["status"], message["fate"]):
                if not manners.first:
                    await asyncio.sleep(_STEP_SECONDS)
                self._record.advance(message, status, time.time())
                news.put_nowait((status, time.monotonic() + manners.delay))
            news.put_nowait(None)

    async def _tell(
        self, message: sqlite3.Row, manners: Manners, news: asyncio.Queue[tuple[str, float] | None]
    ) -> None:
        """Post the callbacks one by one, in their order or, where that is commanded, in a wrong one."""
        gathered: list[tuple[str, float]] = []
        while (change := await news.get()) is not None:
            if manners.order is None:
                await self._post(message, manners, *change)
            else:
                gathered.append(change)
        if gathered:
            latest = max(due for _, due in gathered)
            for status in disordered([status for status, _ in gathered], manners.order or 0):
                await self._post(message, manners, status, latest)

    async def _post(self, message: sqlite3.Row, manners: Manners, status: str, due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        for _ in range(manners.copies):
            await self._poster.post(message, status)
