"""May a sender that slept past its lease go on where it was? It falls asleep at one exact point, and others take over.

RELIABILITY.md F46 and scorecard 8, beside `pause`, whose sleeps fall anywhere: asleep with claims, it must leave them
to whoever claimed them since (the epoch); asleep with attempts begun, it must call none of those that were settled.
"""

import time

from tests.faults.assault import Shape, loaded
from tests.faults.closing import close
from tests.faults.passing import run_out
from tests.faults.pointing import STATES, Senders, senders_of, tell
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack
from tests.faults.waiting import TooLate

POINTS = ("after claim", "after begin")
_PACE = Pace(lease=2, reconcile=4)
_A_LEASE = 2.5
_END_SECONDS = 120.0


def run(order: Order) -> Outcome:
    """25 sleepers at each point at scale 1."""
    rounds = max(1, round(25 * order.scale))
    began, wrong = time.monotonic(), list[str]()
    shape = Shape(reminders=4 + 8 * rounds, strikes=rounds, clinics=1, delay=0.0, pace=_PACE)
    with loaded(shape, order.seed) as product:
        with senders_of(product) as senders:
            for _ in range(rounds):
                wrong += _sleep_with_claims(product, senders)
                wrong += _sleep_with_attempts(product, senders)
        product.start("worker-1", "beat-1")
        try:
            run_out(product, _END_SECONDS)
        except TooLate as late:
            wrong.append(str(late))
        closing = close(product)
    findings = [*wrong, *closing.findings]
    figures: dict[str, object] = {"runs": rounds * len(POINTS), "seed": order.seed, "reminders": shape.reminders}
    figures |= {"unexpected": len(wrong), **closing.figures(), "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings and not closing.judgement.unknown, findings, closing.judgement.unknown)


def _sleep_with_claims(product: Stack, senders: Senders) -> list[str]:
    """One claims and sleeps; another claims the same and sleeps too. The first wakes: it may begin nothing."""
    first = tell(senders, {"point": "after claim", "hit": 1, "sleeps": True})
    time.sleep(_A_LEASE)
    second = tell(senders, {"point": "after claim", "hit": 1, "sleeps": True})
    both = sorted(set(first["claimed"]) & set(second["claimed"]))
    tell(senders, {"wake": first["number"]})
    rows = product.database.rows(STATES, [both])
    tell(senders, {"wake": second["number"]})
    if not (first["reached"] and second["reached"] and both):
        return ["no two senders had the same claims"]
    if any(row["state"] != "claimed" for row in rows):
        return [f"a claim that was over was begun: {[tuple(row.values()) for row in rows]}"]
    return []


def _sleep_with_attempts(product: Stack, senders: Senders) -> list[str]:
    """One begins and sleeps; another sends the same. The first wakes: what it calls now arrives twice."""
    first = tell(senders, {"point": "after begin", "hit": 1, "sleeps": True})
    time.sleep(_A_LEASE)
    tell(senders, {"point": "after settle", "hit": 1})
    tell(senders, {"wake": first["number"]})
    return [] if first["reached"] else ["no sender slept with attempts begun"]


CAMPAIGNS = (Campaign("zombie", run, (8,), "nothing begun or called by a sender whose lease is over", minutes=4),)
