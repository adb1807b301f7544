"""Who makes the calls? A fixed set of threads a process; a clinic has one lane at a time, so one connection an account.

The threads hold no database connection: marks go through the process's one writer. What a lane has finished waits in
`done` until a drain settles it; a process that dies first leaves the marks, and the lost lease settles the same.

A lane that has waited for its server for a while does not count as one that works: another is let in beside it, so that
dozens of clinics whose provider answers late hold nobody else up.
"""

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from queue import Empty, SimpleQueue

from django.conf import settings

from messaging.delivery import Begun, deliver
from messaging.marks import Ended, MarkWriter
from reminders.asking import Asking

log = logging.getLogger(__name__)

#: How many lanes a process takes for each of its threads: while they call, the next lanes are made ready.
LANES_A_THREAD = 2
#: After so many seconds without an answer a lane counts as waiting, and how many may wait beside those that work.
WAITING_SECONDS = 2.0
MOST_WAITING = 96


class Lanes:
    """The sending threads of this process."""

    def __init__(self, threads: int, lease_seconds: float) -> None:
        """`lease_seconds` is the claims' lease: no call starts in its second half."""
        self._most = threads * LANES_A_THREAD
        self._pool = ThreadPoolExecutor(self._most + MOST_WAITING, thread_name_prefix="lane")
        #: Clinic id → when its lane last began or ended a call.
        self._signs: dict[int, float] = {}
        self._marks = MarkWriter()
        self._lease_seconds = lease_seconds
        self._busy: set[int] = set()
        self._under_way: dict[int, list[tuple[int, Begun]]] = {}
        self._drains = 0
        self._lock = threading.Lock()
        self._stopping_since: float | None = None
        #: Held while a drain looks which clinics are busy, claims of the others and reserves their lanes.
        self.claiming = threading.Lock()
        #: Held by the one drain that, while lanes are under way, looks every now and then for what has come due.
        self.looking = threading.Lock()
        #: When a drain of this process last began to take up what is new, by the process's own clock.
        self.news_at = 0.0
        self.done: SimpleQueue[tuple[int, list[int]]] = SimpleQueue()
        #: Asks providers in threads of its own.
        self.asking = Asking()

    def busy(self) -> set[int]:
        """The clinics that have a lane under way, or one whose end is not settled yet."""
        with self._lock:
            return set(self._busy)

    def free(self) -> int:
        """How many more lanes there is room for: what would only wait for a thread is left to other processes."""
        silent = time.monotonic() - WAITING_SECONDS
        with self._lock:
            waiting = min(MOST_WAITING, sum(sign < silent for sign in self._signs.values()))
            return max(0, self._most + waiting - len(self._busy))

    def reserve(self, clinic_ids: Iterable[int]) -> None:
        """Takes the lanes of these clinics. Hold `claiming` from the look at `busy` until here."""
        with self._lock:
            self._busy.update(clinic_ids)

    def release(self, clinic_id: int) -> None:
        """The clinic's lane is free again."""
        with self._lock:
            self._busy.discard(clinic_id)
            self._under_way.pop(clinic_id, None)
            self._signs.pop(clinic_id, None)

    def under_way(self) -> dict[int, list[tuple[int, Begun]]]:
        """What the lanes were given and is not settled yet: clinic id → (reminder id, attempt)."""
        with self._lock:
            return dict(self._under_way)

    def enter(self) -> None:
        """A drain begins to settle what these lanes end."""
        with self._lock:
            self._drains += 1

    def leave(self, *, unless_last: bool = False) -> bool:
        """It does so no more; gives whether it has left. With `unless_last` it stays where no other drain does."""
        with self._lock:
            if unless_last and self._drains == 1:
                return False
            self._drains -= 1
            return True

    def start(self, clinic_id: int, begun: Sequence[tuple[int, Begun]]) -> None:
        """Sends (reminder id, attempt) of a reserved clinic in a thread; its end then waits in `done`."""
        with self._lock:
            self._under_way[clinic_id] = list(begun)
        self._pool.submit(self._run, clinic_id, list(begun), time.monotonic() + self._lease_seconds / 2)

    def stop(self) -> None:
        """No further call starts; those under way end. Takes no lock: a signal may come at any moment."""
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()

    def close(self) -> None:
        """Stops, waits for the calls under way, and ends the threads."""
        self.stop()
        self._pool.shutdown()
        self.asking.close()
        self._marks.close()

    @property
    def stopping(self) -> bool:
        """Whether the process is on its way out."""
        return self._stopping_since is not None

    @property
    def stopping_for(self) -> float:
        """For how many seconds it has been; 0 where it is not."""
        return 0.0 if self._stopping_since is None else time.monotonic() - self._stopping_since

    def finished(self, timeout: float) -> tuple[int, list[int]] | None:
        """A finished lane's (clinic id, reminder ids), waiting up to `timeout` seconds for one."""
        try:
            return self.done.get(timeout=timeout) if timeout else self.done.get_nowait()
        except Empty:
            return None

    def _exchange(self, clinic_id: int, ended: list[Ended], starting: list[int]) -> set[int]:
        """Marks, and notes that the lane goes on."""
        may_start = self._marks.exchange(ended, starting)
        with self._lock:
            self._signs[clinic_id] = time.monotonic()
        return may_start

    def _run(self, clinic_id: int, begun: list[tuple[int, Begun]], until: float) -> None:
        try:
            deliver(
                [one for _, one in begun],
                partial(self._exchange, clinic_id),
                lambda: not self.stopping and time.monotonic() < until,
            )
        except Exception:
            log.exception("a lane of clinic %s broke; its lost leases are settled later", clinic_id)
        finally:
            self.done.put((clinic_id, [reminder_id for reminder_id, _ in begun]))


@cache
def lanes() -> Lanes:
    """This process's lanes."""
    return Lanes(settings.SENDER_THREADS, settings.LEASE_SECONDS)
