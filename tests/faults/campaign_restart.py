"""Does the product live through restarts of its database? Immediate ones, as after a crash, in the midst of sending.

RELIABILITY.md F10 and scorecard 5: transactions fail, workers live; how a call ended is written once the database is
back. Of a mark that was just being committed nobody can say whether it was: such a mail may stay unknown.
"""

from tests.faults.assault import Assault, Shape, assail
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace

_WORKERS, _CLINICS = 3, 5
#: Below this scale one worker sends all, so that each restart strikes whoever sends.
_SMALL = 0.2


def run(order: Order) -> Outcome:
    """5,000 reminders and 10 restarts at scale 1. What is asked of providers instead of callbacks: those are another
    campaign's matter."""
    reminders, restarts = max(60, round(5000 * order.scale)), max(1, round(10 * order.scale))
    workers = _WORKERS if order.scale >= _SMALL else 1
    shape = Shape(
        reminders=reminders, strikes=restarts, clinics=_CLINICS, workers=workers, sms=0.5, callbacks=False,
        pace=Pace(reconcile=30), flush_every=0, own_server=True, unknown_each=_CLINICS * workers, strike_seconds=20,
    )  # fmt: skip
    return assail(order.seed, shape, "restarts", _strike)


def _strike(assault: Assault, victim: str) -> None:
    server = assault.product.own_server
    assert server
    server.restart()


CAMPAIGNS = (Campaign("restart", run, (5,), "0 lost, 0 twice, no worker exits", minutes=5),)
