"""Is a reminder lost or sent twice when workers die? kill -9 at random moments, the broker flushed, two beats.

RELIABILITY.md scorecard 1: nothing lost, nothing twice; a kill leaves at most one unknown a connection that was in a
call; every other reminder reached the sandbox exactly once.
"""

from tests.faults.assault import Assault, Shape, assail
from tests.faults.report import Order, Outcome


def run(order: Order) -> Outcome:
    """The campaign as `run.py faults kill` runs it; 1,000 reminders and 10 kills at scale 1."""
    reminders, kills = max(20, round(1000 * order.scale)), max(1, round(10 * order.scale))
    return kill(order.seed, Shape(reminders=reminders, strikes=kills))


def kill(seed: int, shape: Shape) -> Outcome:
    """The same in a given size."""
    return assail(seed, shape, "kills", _strike)


def _strike(assault: Assault, victim: str) -> None:
    assault.product.kill(victim)
    assault.product.start(victim)
