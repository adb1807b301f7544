"""Does a worker hear the bell again after its connections to the broker broke off, again and again?

RELIABILITY.md F9 and scorecard 7: five resets within three seconds; every worker takes up rings again within 150
seconds, by itself or because the watchdog ends it and the supervisor starts it anew. The watchdog is the product's. A
silence is shorter than in real life here: a worker that the watchdog had to end counts with the whole of it.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from celery import Celery

from config.local import children
from config.local.watchdog import Watchdog, notes_in
from tests.faults.assault import Shape, loaded
from tests.faults.closing import close
from tests.faults.passing import run_out
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import BROKER, UNHURRIED, Pace, Stack
from tests.faults.waiting import PATIENCE, TooLate, until

MUST_SECONDS = 150.0
RESETS, _WITHIN_SECONDS = 5, 3.0
#: After each so many rounds a worker is muted.
_MUTED_EACH = 5
#: More than a tenth of real life: a worker that is just starting takes up nothing either, for seconds.
_PACE = Pace(silent=24)
_WORKERS = ("worker-1", "worker-2", "worker-3")
_NODES = {name: children.node(name) for name in _WORKERS}
_END_SECONDS = 120.0
_NOTES = """
SELECT part, at FROM reminders_heartbeat WHERE part = ANY (%s)
"""


@dataclass
class _Guard:
    """What the supervisor does: it ends the mute ones by the watchdog, and starts again whatever ended."""

    product: Stack
    watchdog: Watchdog
    #: The workers that were started again.
    restarted: list[str] = field(default_factory=list)
    #: Those of whom no ring was heard since their start. A start is noted too, and is none.
    fresh: set[str] = field(default_factory=lambda: set(_WORKERS))

    def look(self) -> None:
        workers = {name: self.product.running[name] for name in _WORKERS}
        self.watchdog.act(workers)
        for name in self.product.dead():
            self.product.running.pop(name)
            self.product.start(name)
            self.restarted.append(name)
            self.fresh.add(name)


def run(order: Order) -> Outcome:
    """20 times five resets at scale 1, and 4 muted workers, while 1,000 reminders go out."""
    rounds = max(1, round(20 * order.scale))
    return deafen(order.seed, rounds, Shape(reminders=50 * rounds, strikes=rounds, delay=0.1))


def deafen(seed: int, rounds: int, shape: Shape) -> Outcome:
    """The same in a given size."""
    began, took, findings = time.monotonic(), list[float](), list[str]()
    with loaded(shape, seed, through=[BROKER]) as product:
        guard = _Guard(product, Watchdog(notes_in(product.database.app_url, _NODES), _PACE.silent))
        product.start(*_WORKERS, "beat-1")
        guard.watchdog.start()
        try:
            _hear(product, guard, _now(product))
            for number in range(rounds):
                took.append(_deafen(product, guard))
                if number % _MUTED_EACH == 0:
                    _mute(product, guard, _WORKERS[number % len(_WORKERS)])
            run_out(product, _END_SECONDS)
        except TooLate as late:
            findings.append(str(late))
        closing = close(product)
    findings += closing.findings
    findings += [f"heard again only after {seconds:.0f} s" for seconds in took if seconds > MUST_SECONDS]
    figures: dict[str, object] = {"runs": len(took), "seed": seed, "reminders": shape.reminders, **closing.figures()}
    figures |= {"slowest": round(max(took, default=0.0), 1), "must": f"<={MUST_SECONDS:g}"}
    figures |= {"restarted": len(guard.restarted), "seconds": round(time.monotonic() - began, 1)}
    unknown = closing.judgement.unknown
    return Outcome(figures, not findings and len(unknown) <= shape.clinics * len(guard.restarted), findings, unknown)


def _deafen(product: Stack, guard: _Guard) -> float:
    """The seconds from the last reset until every worker has taken up a ring, in real life."""
    for number in range(RESETS):
        product.proxies[BROKER].reset()
        if number < RESETS - 1:
            time.sleep(_WITHIN_SECONDS / (RESETS - 1))
    began, restarted = time.monotonic(), len(guard.restarted)
    _hear(product, guard, _now(product))
    shortened = UNHURRIED.silent - _PACE.silent if len(guard.restarted) > restarted else 0
    return time.monotonic() - began + shortened


def _mute(product: Stack, guard: _Guard, name: str) -> None:
    """A worker stays connected and takes up nothing, as resets sometimes leave one (celery #8030): it must be ended,
    and all of them hear again."""
    restarted = len(guard.restarted)
    with Celery(broker=product.valkey.url) as bell:
        bell.control.cancel_consumer(bell.conf.task_default_queue, destination=[_NODES[name]], reply=True)

    def ended() -> bool:
        guard.look()
        return name in guard.restarted[restarted:]

    until(ended, _END_SECONDS * PATIENCE, "a mute worker is ended and started again")
    _hear(product, guard, _now(product))


def _hear(product: Stack, guard: _Guard, since: datetime) -> None:
    parts = {f"worker:{node}": name for name, node in _NODES.items()}
    notes: dict[str, set[datetime]] = {name: set() for name in _WORKERS}
    began = dict.fromkeys(_WORKERS, since)

    def all_heard() -> bool:
        restarted = len(guard.restarted)
        guard.look()
        for name in guard.restarted[restarted:]:
            notes[name], began[name] = set(), _now(product)
        for row in product.database.rows(_NOTES, [list(parts)]):
            if row["at"] > began[name := parts[row["part"]]]:
                notes[name].add(row["at"])
        return all(len(notes[name]) > (name in guard.fresh) for name in _WORKERS)

    until(all_heard, _END_SECONDS * PATIENCE, "every worker takes up rings")
    guard.fresh.clear()


def _now(product: Stack) -> Any:
    return product.database.rows("SELECT clock_timestamp() AS now")[0]["now"]


CAMPAIGNS = (Campaign("deaf", run, (7,), "every worker takes up rings again within 150 s", minutes=5),)
