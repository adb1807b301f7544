"""Does a worker that slept past its lease do harm when it wakes? SIGSTOP amid its calls, SIGCONT after others went on.

RELIABILITY.md scorecard 8: what the sleeper had claimed was settled meanwhile, so it may begin no call of it; what it
says late of a call that had begun is the truth. Sleeps end before and after the wait for evidence is over.
"""

import os
import signal

from tests.faults.assault import Assault, Shape, assail
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome


def run(order: Order) -> Outcome:
    """1,000 reminders and 4 sleeps at scale 1."""
    reminders, sleeps = max(50, round(1000 * order.scale)), max(1, round(4 * order.scale))
    return assail(
        order.seed, Shape(reminders=reminders, strikes=sleeps, delay=0.3, strike_seconds=40), "sleeps", _strike
    )


def _strike(assault: Assault, victim: str) -> None:
    pace, pid = assault.shape.pace, assault.product.running[victim].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        assault.wait(assault.chance.uniform(pace.lease / 2, pace.lease + 1.5 * pace.reconcile))
    finally:
        os.kill(pid, signal.SIGCONT)


CAMPAIGNS = (Campaign("pause", run, (8,), "0 twice"),)
