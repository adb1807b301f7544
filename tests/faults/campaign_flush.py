"""Does anything depend on what the broker remembers? FLUSHALL every five seconds, all the while.

RELIABILITY.md F8 and scorecard 5: the queue is the database, so nothing is lost, and it takes at most twice the time
that the same load takes with a broker that is left alone.
"""

from dataclasses import replace

from tests.faults.assault import Assault, Shape, assail
from tests.faults.registry import BUSY, Campaign
from tests.faults.report import Order, Outcome

MOST = 2.0
_FLUSH_EVERY = 5.0


def run(order: Order) -> Outcome:
    """5,000 reminders at scale 1, once without and once with flushes."""
    reminders = max(60, round(5000 * order.scale))
    shape = Shape(reminders=reminders, strikes=0, clinics=10, delay=0.3, flush_every=0)
    calm = assail(order.seed, shape, "strikes", _no_strike)
    if not calm.passed:  # there is nothing to compare with
        return replace(calm, findings=[f"without flushes: {words}" for words in calm.findings])
    flushed = assail(order.seed, replace(shape, flush_every=_FLUSH_EVERY), "strikes", _no_strike)
    ratio = _sending(flushed) / max(_sending(calm), 0.1)
    findings = [*flushed.findings]
    findings += [f"{ratio:.2f} times the time without flushes"] if ratio > MOST else []
    figures = {"runs": 2, **{name: value for name, value in flushed.figures.items() if name not in ("runs", "strikes")}}
    figures |= {"ratio": round(ratio, 2), "must": f"<={MOST:g}"}
    return Outcome(figures, flushed.passed and not findings, findings, flushed.listed)


def _sending(outcome: Outcome) -> float:
    return float(str(outcome.figures["sending_seconds"]))


def _no_strike(assault: Assault, victim: str) -> None:
    """The broker alone is harmed."""


CAMPAIGNS = (Campaign("flush", run, (5,), "0 lost, 0 twice, at most twice the normal time", share=BUSY, minutes=3),)
