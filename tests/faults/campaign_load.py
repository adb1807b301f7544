"""Is everything out in its time when there is much to send? A steady stream, a morning's peak, years of log.

RELIABILITY.md scorecard 20, 21, 22. The waits of the product are those of real life. Each line says what size was run:
the scorecard's spans are shortened so that all campaigns together fit into an hour; its rates are not.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from statistics import median

from tests.faults import ground
from tests.faults.arrivals import Waits, as_arrivals, came, count, waits
from tests.faults.old_log import without_references
from tests.faults.registry import ALONE, BUSY, HEAVY, Campaign
from tests.faults.report import Order, Outcome
from tests.faults.senders import know_sizes, open_up, resident_megabytes, settled, start_senders, watched
from tests.faults.stack import UNHURRIED, Stack, stack
from tests.faults.throng import Group, words
from tests.faults.waiting import TooLate, until

_STEADY_RATE, _STEADY_SECONDS = 50, 600
_STEADY_CLINICS, _STEADY_WORKERS = 50, 2
_WITHIN_10_SECONDS, _P99 = 0.95, 30.0
#: Memory is compared between the second and the last third; what a caching process still fills is no leak. The
#: scorecard's 1 % an hour shows in a run of an hour (--scale 6); in a shorter one so much is noise.
_GROWTH, _GROWTH_AN_HOUR, _HOUR = 1.05, 0.01, 3600.0
#: A shorter run is over before they are filled: it says how memory grew, and is not judged by it.
_JUDGED_SECONDS = 120.0
_PEAK_REMINDERS, _PEAK_CLINICS, _PEAK_WORKERS, _PEAK_A_SECOND = 30_000, 200, 8, 30_000 / 900
_SETTLE_SECONDS = 30.0
#: Nothing is open so long after its deadline.
_OVERDUE_SECONDS = 900.0
#: So many reminders, messages and attempts each: five million rows of log.
_LOGGED, _MEASURED, _MEASURED_CLINICS, _DROP = 1_667_000, 4_000, 40, 0.10
#: One clinic more sends so many times what each of the others does. So many turns before the log is there, and after.
_TIMES, _TURNS = 7, 3


def run_steady(order: Order) -> Outcome:
    """50 mails a second for 10 minutes at scale 1."""
    began, seconds = time.monotonic(), _STEADY_SECONDS * order.scale
    each = max(2, round(_STEADY_RATE * seconds / _STEADY_CLINICS))
    group = Group("steady", _STEADY_CLINICS, each, over=each * _STEADY_CLINICS / _STEADY_RATE)
    memory: list[float] = []
    with stack(UNHURRIED) as product:
        product.start_sandbox()
        product.run(*words([group]))
        know_sizes(product)
        names = start_senders(product, _STEADY_WORKERS)
        open_up(product)
        with suppress(TooLate):
            until(lambda: _came_meanwhile(product, group, names, memory), group.over + 60, "all came")
        seen, findings = _judged(product, group)
    findings += ["less than 95 % came within 10 s"] if seen.share_within(10) < _WITHIN_10_SECONDS else []
    findings += [f"p99 is over {_P99:g} s"] if seen.percentile(99) > _P99 else []
    third = max(1, len(memory) // 3)
    growth = median(memory[-third:]) / median(memory[third : 2 * third] or memory)
    allowed = _GROWTH if group.over < _HOUR else 1 + _GROWTH_AN_HOUR * group.over / 3 / _HOUR
    leaks = growth > allowed and group.over >= _JUDGED_SECONDS
    findings += [f"memory grows by {100 * (growth - 1):.1f} %"] if leaks else []
    figures = _figures(order, group, seen) | {"rate": _STEADY_RATE, "for_seconds": round(group.over)}
    figures |= {"memory_mb": round(memory[-1]), "memory_growth": f"{100 * (growth - 1):.1f}%"}
    return Outcome(figures | {"seconds": round(time.monotonic() - began, 1)}, not findings, findings)


def run_peak(order: Order) -> Outcome:
    """30,000 mails due within a minute at scale 1, each 200 ms at the server; 8 workers."""
    began = time.monotonic()
    group = Group("peak", _PEAK_CLINICS, max(1, round(_PEAK_REMINDERS * order.scale / _PEAK_CLINICS)), over=60)
    limit = max(90.0, group.reminders / _PEAK_A_SECOND)
    with stack(UNHURRIED) as product:
        product.start_sandbox()
        product.run(*words([group]))
        know_sizes(product)
        product.outside.fault("slow", seconds=0.2)
        start_senders(product, _PEAK_WORKERS)
        open_up(product)
        with suppress(TooLate):
            until(lambda: _came(product, group), 60 + 2 * limit, "all came")
        seen, findings = _judged(product, group)
    last = seen.percentile(100)
    findings += [f"the last came {last} s late, allowed are {limit:.0f} s"] if last > limit else []
    figures = _figures(order, group, seen) | {"workers": _PEAK_WORKERS, "last": last, "allowed": round(limit)}
    return Outcome(figures | {"seconds": round(time.monotonic() - began, 1)}, not findings, findings)


def run_history(order: Order) -> Outcome:
    """4,000 mails three times before and three times after five million rows are in the log of those who send them, at
    scale 1, and 7 times as many of one clinic as of each other; the best turns are compared."""
    began, logged = time.monotonic(), max(1_000, round(_LOGGED * order.scale))
    each = max(20, round(_MEASURED * min(1.0, order.scale) / _MEASURED_CLINICS))
    groups = [
        Group("measured", _MEASURED_CLINICS, each, turns=2 * _TURNS),
        Group("big", 1, _TIMES * each, turns=2 * _TURNS),
    ]
    rates, findings = list[float](), list[str]()
    with stack(UNHURRIED) as product:
        product.start_sandbox()
        product.run(*words(groups))
        know_sizes(product)
        start_senders(product, 2)
        with watched(product) as watch:
            for turn in range(2 * _TURNS):
                if turn == _TURNS:
                    _fill_the_log(product, logged)
                    watch.statements.clear()
                rates.append(_rate(product, groups, turn))
        for group in groups:
            findings += _judged(product, group, every_row=False)[1]
    drop = 1 - max(rates[_TURNS:]) / max(rates[:_TURNS])
    findings += [f"with the log {100 * drop:.0f} % fewer leave a second"] if drop > _DROP else []
    findings += [f"a statement took {words_}" for words_ in watch.statements]
    figures: dict[str, object] = {"runs": 1, "seed": order.seed, "log": 3 * logged}
    figures |= {"reminders": sum(group.reminders for group in groups)}
    figures |= {"lost": 0, "duplicated": 0, "unknown": 0, "rates": "/".join(f"{one:.0f}" for one in rates)}
    figures |= {"drop": f"{100 * drop:.1f}%", "long_statements": len(watch.statements)}
    return Outcome(figures | {"seconds": round(time.monotonic() - began, 1)}, not findings, findings)


def _fill_the_log(product: Stack, logged: int) -> None:
    with without_references(product.database):
        product.run("-m", "tests.faults.old_log", str(logged))
    know_sizes(product)


def _rate(product: Stack, groups: Sequence[Group], turn: int) -> float:
    """Mails a second of the first group's, from the first of this turn to its last."""
    open_up(product)
    for group in groups:
        until(partial(_came, product, group, turns=turn + 1), 240, f"all of {group.name} came")
    times = sorted(one.at for one in came(product) if f"@{groups[0].name}" in one.address)
    a_turn = groups[0].clinics * groups[0].each
    own = times[turn * a_turn :]
    return len(own) / (own[-1] - own[0])


def _came(product: Stack, group: Group, turns: int = 1) -> bool:
    """Whether all of its first turns came."""
    time.sleep(0.5)  # what is measured is not to be disturbed
    return count(product, f"%@{group.name}-%") >= group.clinics * group.each * turns


def _came_meanwhile(product: Stack, group: Group, names: Sequence[str], memory: list[float]) -> bool:
    memory.append(resident_megabytes(product, names))
    return _came(product, group)


def _judged(product: Stack, group: Group, *, every_row: bool = True) -> tuple[Waits, list[str]]:
    """How long they took, and what speaks against the product."""
    with suppress(TooLate):
        until(lambda: settled(product), _SETTLE_SECONDS, "what came is on record")
    messages = came(product)
    seen = waits(product, group.name, messages)
    findings = [f"{seen.missing} never came"] if seen.missing else []
    findings += [f"{seen.twice} came twice"] if seen.twice else []
    findings += [f"died by itself: {name}" for name in product.dead()]
    if every_row:
        judgement = ground.judge(ground.read_rows(product.database), as_arrivals(messages))
        findings += [*judgement.faults, *judgement.unknown]
    return seen, [*findings, *ground.overdue(product.database, _OVERDUE_SECONDS)]


def _figures(order: Order, group: Group, seen: Waits) -> dict[str, object]:
    figures: dict[str, object] = {"runs": 1, "seed": order.seed, "reminders": group.reminders}
    figures |= {"lost": seen.missing, "duplicated": seen.twice, "unknown": 0}
    return figures | seen.figures()


CAMPAIGNS = (
    Campaign(
        "steady", run_steady, (20,), ">= 95 % within 10 s, p99 <= 30 s, no errors, no leak", share=HEAVY, minutes=11
    ),
    Campaign("peak", run_peak, (21,), "all accepted at 33 a second or faster, none lost", share=BUSY, minutes=6),
    Campaign("history", run_history, (22,), "throughput falls by <= 10 %, no statement > 1 s", share=ALONE),
)
