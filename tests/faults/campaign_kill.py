"""Is a reminder lost or sent twice when workers die? kill -9 at random moments, the broker flushed, two beats.

RELIABILITY.md scorecard 1: nothing lost, nothing twice; a kill leaves at most one unknown mail a connection that was in
a call; every other reminder reached the sandbox exactly once. Half of the reminders go by SMS, where the provider can
be asked: of those none stays unknown, though some calls are cut off beside those that the kills hit.

Scorecard 2: the same without a callback, and with a provider that shows nothing to whoever asks. Nothing tells then: at
most what was in a call at a kill is unknown, is listed as that, and does not go again.
"""

from dataclasses import replace

from tests.faults.assault import Assault, Shape, assail
from tests.faults.registry import BUSY, Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace

#: So long that an SMS can be asked for twice after the lease of its call, and thrice.
_PACE = Pace(reconcile=30)
#: As many as keep six workers busy: of each clinic two lanes at most are under way.
_CLINICS = 10


def run(order: Order) -> Outcome:
    """The campaign as `run.py faults kill` runs it; 20,000 reminders and 200 kills of 6 workers at scale 1."""
    return kill(order.seed, _shape(order))


def run_unheard(order: Order) -> Outcome:
    """The same where nothing is ever heard of an SMS again."""
    return kill(order.seed, replace(_shape(order), callbacks=False, askable=False, cuts=0, pace=Pace()))


def kill(seed: int, shape: Shape) -> Outcome:
    """The same in a given size."""
    return assail(seed, shape, "kills", _strike)


def _shape(order: Order) -> Shape:
    reminders, kills = max(60, round(20_000 * order.scale)), max(1, round(200 * order.scale))
    workers = 6 if order.scale >= 1 else 3
    return Shape(
        reminders=reminders, strikes=kills, clinics=_CLINICS, workers=workers, sms=0.5,
        cuts=max(1, reminders // 100), pace=_PACE,
    )  # fmt: skip


def _strike(assault: Assault, victim: str) -> None:
    assault.product.kill(victim)
    assault.product.start(victim)


CAMPAIGNS = (
    Campaign("kill", run, (1, 16), "0 lost, 0 twice, no SMS unknown", share=BUSY, minutes=13),
    Campaign("kill-unheard", run_unheard, (2,), "0 twice, what is missing is listed", share=BUSY, minutes=13),
)
