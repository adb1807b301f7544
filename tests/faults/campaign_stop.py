"""Does a worker that is told to stop leave in time, with nothing lost, twice or unknown? Deployments under load.

RELIABILITY.md F43: SIGTERM, at most 25 seconds, nothing waits for a lease. All workers are told at once, so that
whoever is in a call is among them, and start anew. The stop is that of real life; what is in a call ends, as no call
takes longer than a stop.
"""

from dataclasses import replace

from tests.faults.assault import Assault, Shape, assail
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace

LONGEST_SECONDS = 25.0
_PACE = Pace(reconcile=30, stop=20.0)
#: Seconds until all workers are back, on a small machine.
_START_SECONDS = 15.0


def run(order: Order) -> Outcome:
    """4,000 reminders and 10 times 3 stops at scale 1."""
    reminders, stops = max(60, round(4000 * order.scale)), max(1, round(10 * order.scale))
    shape = Shape(reminders=reminders, strikes=stops, clinics=10, sms=0.5, delay=0.5, pace=_PACE, unknown_each=0)
    return stop(order.seed, replace(shape, strike_seconds=LONGEST_SECONDS + _START_SECONDS))


def stop(seed: int, shape: Shape) -> Outcome:
    """The same in a given size."""
    took: list[float] = []
    names = [f"worker-{number + 1}" for number in range(shape.workers)]

    def strike(assault: Assault, victim: str) -> None:
        took.extend(assault.product.terminate(*names).values())
        assault.product.start(*names)

    outcome = assail(seed, shape, "stops", strike)
    slow = [f"a worker took {seconds:.1f} s to stop" for seconds in took if seconds > LONGEST_SECONDS]
    figures = {**outcome.figures, "stops": len(took), "slowest_stop": round(max(took, default=0.0), 1)}
    return replace(outcome, figures=figures, passed=outcome.passed and not slow, findings=outcome.findings + slow)


CAMPAIGNS = (Campaign("stop", run, (), "each stop within 25 s; 0 lost, 0 twice, 0 unknown", minutes=6),)
