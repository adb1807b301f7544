"""Does a worker that slept past its lease do harm when it wakes? SIGSTOP amid its calls, SIGCONT after others went on.

RELIABILITY.md scorecard 8: what the sleeper had claimed was settled meanwhile, so it may begin no call of it; what it
says late of a call that had begun is the truth. Sleeps end before and after the wait for evidence is over.
"""

import os
import signal

from tests.faults.assault import Assault, Shape, assail
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace

#: Shorter still than a tenth, as the sleeps go one after the other.
_PACE = Pace(lease=4, reconcile=5, look=4)
#: So slow that the mails last as long as the sleeps.
_DELAY = 0.7


def run(order: Order) -> Outcome:
    """5,000 reminders and 50 sleeps at scale 1."""
    reminders, sleeps = max(50, round(5000 * order.scale)), max(1, round(50 * order.scale))
    shape = Shape(reminders=reminders, strikes=sleeps, delay=_DELAY, strike_seconds=40, pace=_PACE)
    return assail(order.seed, shape, "sleeps", _strike)


def _strike(assault: Assault, victim: str) -> None:
    pace, pid = assault.shape.pace, assault.product.running[victim].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        assault.wait(assault.chance.uniform(pace.lease / 2, pace.lease + 1.5 * pace.reconcile))
    finally:
        os.kill(pid, signal.SIGCONT)


CAMPAIGNS = (Campaign("pause", run, (8,), "0 twice", minutes=8),)
