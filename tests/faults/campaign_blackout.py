"""What if everything dies at once? kill -9 of all workers, the beat and the broker together, and a start of them all.

RELIABILITY.md scorecard 4: mails arrive again within 90 seconds of the restart, nothing is lost, nothing comes twice.
A lease is a tenth of real life here, so what it is shorter by is taken off the 90 seconds.
"""

import time

from tests.faults import ground
from tests.faults.assault import Shape, loaded
from tests.faults.closing import close
from tests.faults.passing import run_out
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import UNHURRIED, Pace, Stack
from tests.faults.waiting import TooLate, until

MUST_SECONDS = 90.0
_PACE = Pace()
_WORKERS = ("worker-1", "worker-2", "worker-3")
_EVERYBODY = (*_WORKERS, "beat-1")
#: So many reminders arrive between two blackouts.
_BETWEEN = 100
_END_SECONDS = 180.0


def run(order: Order) -> Outcome:
    """20 blackouts in 4,000 reminders at scale 1."""
    blackouts = max(1, round(20 * order.scale))
    return blackout(order.seed, blackouts, Shape(reminders=2 * _BETWEEN * blackouts, strikes=blackouts, delay=0.2))


def blackout(seed: int, blackouts: int, shape: Shape) -> Outcome:
    """The same in a given size."""
    began, took = time.monotonic(), list[float]()
    findings: list[str] = []
    with loaded(shape, seed) as product:
        product.start(*_EVERYBODY)
        try:
            for number in range(blackouts):
                _wait_for_mails(product, number * _BETWEEN + _BETWEEN // 2)
                took.append(_go_dark(product))
            run_out(product, _END_SECONDS)
        except TooLate as late:
            findings.append(str(late))
        closing = close(product)
    longest = MUST_SECONDS - (UNHURRIED.lease - _PACE.lease)
    findings += closing.findings
    findings += [f"worked again only after {seconds:.1f} s" for seconds in took if seconds > longest]
    allowed = blackouts * shape.clinics * len(_WORKERS)
    figures: dict[str, object] = {"runs": len(took), "seed": seed, "reminders": shape.reminders, **closing.figures()}
    figures |= {"allowed": allowed, "slowest": round(max(took, default=0.0), 1), "must": f"<={longest:g}"}
    figures["seconds"] = round(time.monotonic() - began, 1)
    passed = not findings and len(closing.judgement.unknown) <= allowed
    return Outcome(figures, passed, findings, closing.judgement.unknown)


def _wait_for_mails(product: Stack, mails: int) -> None:
    until(lambda: product.outside.taken() >= mails, _END_SECONDS, f"{mails} mails arrive")


def _go_dark(product: Stack) -> float:
    """Kills everybody, starts everybody; the seconds until something arrives again, or nothing is left to send."""
    product.kill(*_EVERYBODY)
    product.kill_broker()
    taken, began = product.outside.taken(), time.monotonic()
    product.start_broker()
    product.start(*_EVERYBODY)
    until(lambda: product.outside.taken() > taken or _nothing_left(product), _END_SECONDS, "it works again")
    return time.monotonic() - began


def _nothing_left(product: Stack) -> bool:
    found = product.database.rows(
        "SELECT count(*) AS count FROM reminders_reminder WHERE state = ANY (%s)", [sorted(ground.UNFINISHED)]
    )
    return not found[0]["count"]


CAMPAIGNS = (Campaign("blackout", run, (4,), "works again within 90 s, 0 lost, 0 twice", minutes=7),)
