"""Does it matter how often the bell rings? Three beats and fifty simultaneous rings, against a single beat.

RELIABILITY.md F5, F6 and scorecard 6: the same messages arrive, each once.
"""

import threading
import time

from celery import Celery

from tests.faults.assault import Shape, loaded
from tests.faults.closing import Closing, close
from tests.faults.passing import run_out
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Stack

RINGS = 50
_BELL = "reminders.tasks.drain"
_WORKERS = ("worker-1", "worker-2", "worker-3")
_END_SECONDS = 240.0
#: How often the fifty ring while the reminders go out, at scale 1.
_PEALS = 10
_APART = 1.0


def run(order: Order) -> Outcome:
    """2,000 reminders at scale 1, once with each."""
    shape = Shape(reminders=max(60, round(2000 * order.scale)), strikes=0, sms=0.5, delay=0.1)
    began = time.monotonic()
    one, _rung = _send(shape, order.seed, ("beat-1",), peals=0)
    peals = max(2, round(_PEALS * order.scale))
    many, rung = _send(shape, order.seed, ("beat-1", "beat-2", "beat-3"), peals=peals)
    sets = [{arrival.address for arrival in closing.arrivals if arrival.kept} for closing in (one, many)]
    differ = sets[0] ^ sets[1]
    findings = [*one.findings, *many.findings]
    findings += [f"{len(differ)} messages arrived in one run alone"] if differ else []
    figures: dict[str, object] = {"runs": 2, "seed": order.seed, "reminders": shape.reminders, "rings": rung}
    figures |= many.figures() | {"differing": len(differ), "seconds": round(time.monotonic() - began, 1)}
    unknown = [*one.judgement.unknown, *many.judgement.unknown]
    return Outcome(figures, not findings and not unknown, [*findings, *unknown])


def _send(shape: Shape, seed: int, beats: tuple[str, ...], *, peals: int) -> tuple[Closing, int]:
    """What arrived, and how many rings beside the beats' there were."""
    with loaded(shape, seed) as product:
        product.start(*_WORKERS, *beats)
        rung = sum(_ring_together(product) for _ in range(peals))
        run_out(product, _END_SECONDS)
        return close(product), rung


def _ring_together(product: Stack) -> int:
    """Fifty rings at the same moment, each over a connection of its own."""
    ready = threading.Barrier(RINGS)

    def ring() -> None:
        with Celery(broker=product.valkey.url) as bell:
            ready.wait()
            bell.send_task(_BELL, ignore_result=True)

    ringers = [threading.Thread(target=ring) for _ in range(RINGS)]
    for ringer in ringers:
        ringer.start()
    for ringer in ringers:
        ringer.join()
    time.sleep(_APART)
    return RINGS


CAMPAIGNS = (Campaign("beats", run, (6,), "the same messages as with one beat, each once", minutes=7),)
