"""Does a worker whose own clock is wrong send otherwise? One runs two hours ahead, one two hours behind.

RELIABILITY.md scorecard 15, F29. The same reminders, some due by now and some in 15 minutes, 1 and 3 hours, are worked
off by workers with the right time and by workers with a wrong one: exactly those that are due must have left.
(The other half of the line, DST, is a table against an oracle of its own: tests/reminders/test_timing.py.)
"""

import time
from contextlib import suppress

from tests.faults.arrivals import came
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.senders import open_up
from tests.faults.stack import UNHURRIED, Stack, stack
from tests.faults.throng import Group, words
from tests.faults.waiting import TooLate, until

HOURS = (-2.0, 2.0)
_START_SECONDS, _SEND_SECONDS = 90.0, 120.0
#: So long nothing further may leave once everything that is due has left, in seconds.
_QUIET_SECONDS = 4.0
_LATER_MINUTES = (15, 60, 180)


def run(order: Order) -> Outcome:
    """2,000 reminders at scale 1, half of them due."""
    began = time.monotonic()
    each = max(5, round(100 * order.scale))
    due = Group("due", 10, each)
    later = [Group(f"in{minutes}m", 2, max(2, each * 5 // 3), after=60 * minutes) for minutes in _LATER_MINUTES]
    with stack(UNHURRIED) as product:
        product.start_sandbox()
        product.run(*words([due, *later]))
        _start_skewed(product)
        open_up(product)
        with suppress(TooLate):
            until(lambda: product.outside.taken() >= due.reminders, _SEND_SECONDS, "all that is due has left")
        with suppress(TooLate):
            until(lambda: product.outside.taken() > due.reminders, _QUIET_SECONDS, "something more left")
        found = [one.address for one in came(product)]
        findings = [f"died by itself: {name}" for name in product.dead()]
        findings += _logged_errors(product)
    early = sum(f"@{due.name}-" not in address for address in found)
    lost, twice = due.reminders - len(set(found)) + early, len(found) - len(set(found))
    findings += [f"{early} left that were not due"] if early else []
    findings += [f"{lost} that were due did not leave"] if lost else []
    findings += [f"{twice} came twice"] if twice else []
    figures: dict[str, object] = {"runs": 1, "seed": order.seed, "due": due.reminders}
    figures |= {"not_due": sum(one.reminders for one in later), "lost": lost, "duplicated": twice, "unknown": 0}
    figures |= {"changed": early + lost, "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings, findings)


def _start_skewed(product: Stack) -> None:
    """Two workers with a wrong clock, and the beat. A ring that its receiver's clock calls expired is passed over, so
    both take part: what one passes over the other takes up."""
    names = []
    product.worker_app = "tests.faults.skewed"
    for number, hours in enumerate(HOURS):
        names.append(f"worker-{number + 1}")
        product.variables["SKEW_HOURS"] = str(hours)
        product.start(names[-1])
    until(lambda: len(product.working(names)) == len(names), _START_SECONDS, "both workers work")
    product.start("beat-1")


def _logged_errors(product: Stack) -> list[str]:
    words_ = [product.log(f"worker-{number + 1}").read_text(encoding="utf-8") for number in range(len(HOURS))]
    return ["a worker logged an error"] if any(" ERROR " in one for one in words_) else []


CAMPAIGNS = (Campaign("skew", run, (15,), "0 sends changed by a worker's clock"),)
