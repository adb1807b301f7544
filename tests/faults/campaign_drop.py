"""Is a mail sent again whose answer was lost? The server drops the connection after the final dot, and has the mail.

RELIABILITY.md 3.5: smtplib raises the same error as for a drop before the dot, so only the phase tells. Such a
reminder is uncertain, is shown to staff, and is never tried again by itself.
"""

from tests.faults.assault import Assault, Shape, assail
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome


def run(order: Order) -> Outcome:
    """1,000 reminders at scale 1, every tenth answer dropped; no worker is harmed."""
    shape = Shape(reminders=max(20, round(1000 * order.scale)), strikes=0, drops=0.1, delay=0.02)
    return assail(order.seed, shape, "strikes", _no_strike)


def _no_strike(assault: Assault, victim: str) -> None:
    """The outside world alone misbehaves."""


CAMPAIGNS = (Campaign("drop", run, (), "each dropped answer is uncertain, none sent again"),)
