"""Is a reminder lost or sent twice when workers die? kill -9 at random moments, the broker flushed, two beats.

RELIABILITY.md scorecard 1: nothing lost, nothing twice; a kill leaves at most one unknown a connection that was in a
call; every other reminder reached the sandbox exactly once. A kill strikes when so many mails have arrived, and a
little later by chance, so that the kills spread over the whole campaign however fast the machine is.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults import ground
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.waiting import APART

_FLUSH_EVERY = 1.0
#: The longest chance delay of a kill after its mail arrived, in seconds.
_CHANCE = 0.6
#: The product's own bound on lanes a worker (settings.SENDER_THREADS); a clinic has one lane a worker.
_LANES = 16


@dataclass(frozen=True)
class Shape:
    """How big the campaign is. `delay` is how long the outside world takes for a mail, so that kills hit calls."""

    reminders: int = 1000
    kills: int = 10
    clinics: int = 5
    workers: int = 3
    delay: float = 0.15
    pace: Pace = field(default_factory=Pace)

    @property
    def seconds(self) -> float:
        """Within which the campaign must have ended."""
        return 90 + 6 * self.kills + 2 * self.delay * self.reminders / self.clinics

    @property
    def allowed(self) -> int:
        """The most unknowns that the kills can explain: one a connection in a call, one connection a lane."""
        return self.kills * min(self.clinics, _LANES)


def run(order: Order) -> Outcome:
    """The campaign as `run.py faults kill` runs it; 1,000 reminders and 10 kills at scale 1."""
    size = Shape(reminders=max(20, round(1000 * order.scale)), kills=max(1, round(10 * order.scale)))
    return kill(order.seed, size)


def kill(seed: int, shape: Shape) -> Outcome:
    """Runs it in the given size and judges."""
    began = time.monotonic()
    with stack(shape.pace) as product:
        product.start_sandbox()
        product.run("-m", "tests.faults.load", str(shape.clinics), str(shape.reminders))
        product.outside.fault("slow", seconds=shape.delay)
        assault = _Assault(product, shape, random.Random(seed))
        ended = assault.run()
        judgement = ground.judge(ground.read_rows(product.database), ground.read_arrivals(product.outside))
        overdue = ground.overdue(product.database, shape.pace.reconcile)
        died = [f"died by itself: {name}" for name in product.dead()]
    passed = ended and judgement.clean and not overdue and not died and len(judgement.unknown) <= shape.allowed
    return Outcome(
        figures={
            "runs": 1,
            "seed": seed,
            "reminders": shape.reminders,
            "kills": assault.kills,
            "lost": len(judgement.lost),
            "duplicated": len(judgement.duplicated),
            "unknown": len(judgement.unknown),
            "allowed": shape.allowed,
            "disagreeing": len(judgement.disagreeing) + len(overdue) + len(died),
            "seconds": round(time.monotonic() - began, 1),
        },
        passed=passed,
        findings=[*([] if ended else ["not finished in its time"]), *died, *judgement.lines(), *overdue],
    )


class _Assault:
    """The kills and flushes of one campaign, in one loop."""

    def __init__(self, product: Stack, shape: Shape, chance: random.Random) -> None:
        self._product, self._shape, self._chance = product, shape, chance
        self._workers = [f"worker-{number + 1}" for number in range(shape.workers)]
        self._next_flush = time.monotonic() + _FLUSH_EVERY
        self.kills = 0

    def run(self) -> bool:
        """Starts the senders and strikes until everything has ended; whether it did, in time and with all kills."""
        deadline = time.monotonic() + self._shape.seconds
        self._product.start(*self._workers, "beat-1", "beat-2")
        moments = self._moments()
        at_mails, delay = next(moments)
        while time.monotonic() < deadline:
            self._flush()
            if self.kills < self._shape.kills and self._product.outside.taken() >= at_mails:
                self._wait(delay)
                self._kill_one(deadline)
                at_mails, delay = next(moments, (0, 0.0))
            elif self.kills == self._shape.kills and _all_ended(self._product, self._shape.reminders):
                return True
            time.sleep(APART)
        return False

    def _moments(self) -> Iterator[tuple[int, float]]:
        """(after how many mails, then how many seconds later) of each kill. The last tenth is left to recover in."""
        mails = range(int(self._shape.reminders * 0.9))
        for after in sorted(self._chance.choices(mails, k=self._shape.kills)):
            yield after, self._chance.uniform(0, _CHANCE)

    def _kill_one(self, deadline: float) -> None:
        """Kills a worker that works (it has a session in the database) and starts it again."""
        victim = self._chance.choice(self._workers)
        order = [victim, *(name for name in self._workers if name != victim)]
        while time.monotonic() < deadline:
            sessions = self._product.database.sessions()
            working = next((name for name in order if name in sessions), None)
            if working is not None:
                self._product.kill(working)
                self._product.start(working)
                self.kills += 1
                return
            self._wait(APART)

    def _flush(self) -> None:
        if time.monotonic() >= self._next_flush:
            self._product.flush_broker()
            self._next_flush = time.monotonic() + _FLUSH_EVERY

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._flush()
            time.sleep(min(APART, max(0.0, until - time.monotonic())))


def _all_ended(product: Stack, reminders: int) -> bool:
    """Whether every reminder is planned, and ended."""
    found = product.database.rows(
        "SELECT count(*) AS ended FROM reminders_reminder WHERE NOT state = ANY (%s)", [sorted(ground.UNFINISHED)]
    )
    return bool(found[0]["ended"] >= reminders)
