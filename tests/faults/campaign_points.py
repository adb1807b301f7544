"""What is left of a reminder when its sender dies at one exact point? Twelve points, over each channel, many times.

RELIABILITY.md F1-F4 and scorecard 3: before and after each of claim, decide, begin, call, finish and settle. Right
after each death the rows must say exactly how far it had come. At the end everything has arrived once, but for the
mails that were in a call, of which nobody can know: at most one a death, and only of a death around a call.
"""

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.faults.assault import Shape, loaded
from tests.faults.closing import Closing, close
from tests.faults.passing import run_out
from tests.faults.pointed import POINTS
from tests.faults.pointing import STATES, senders_of, tell
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace
from tests.faults.waiting import TooLate

DEATHS = 25
#: Deaths in or around a call, after which a mail may stay unknown.
_AROUND_A_CALL = ("before call", "after call", "before finish", "after finish")
#: Points that a sender passes for each reminder of its claim: it dies at one of the first few.
_EACH = ("decide", "call", "finish")
_PACE = Pace(lease=4, reconcile=30, look=1)
_CLINICS = 12
_END_SECONDS = 240.0
#: The share of reminders that go by SMS, in the run over each channel.
_CHANNELS = {"email": 0.0, "sms": 1.0}


def run(order: Order) -> Outcome:
    """25 deaths at each point over e-mail and SMS at scale 1."""
    return die(order.seed, max(1, round(DEATHS * order.scale)))


def die(seed: int, deaths: int, points: Sequence[str] = POINTS, channels: Mapping[str, float] = _CHANNELS) -> Outcome:
    """The same in a given size."""
    began, chance = time.monotonic(), random.Random(seed)
    figures: Counter[str] = Counter()
    findings, listed = list[str](), list[str]()
    for channel, share in channels.items():
        cases = [point for point in points for _ in range(deaths)]
        chance.shuffle(cases)
        wrong, closing = _die_over(share, cases, chance)
        findings += [f"{channel}: {words}" for words in wrong] + closing.findings
        unknown = closing.judgement.unknown
        if len(unknown) > sum(case in _AROUND_A_CALL for case in cases):
            findings.append(f"{channel}: {len(unknown)} unknown, more than deaths around a call")
        listed += unknown
        figures.update({"runs": len(cases), "unexpected": len(wrong), **closing.figures()})
    told: dict[str, object] = {"runs": figures.pop("runs"), "seed": seed, **figures}
    told["seconds"] = round(time.monotonic() - began, 1)
    return Outcome(told, not findings, findings, listed)


def _die_over(share: float, cases: list[str], chance: random.Random) -> tuple[list[str], Closing]:
    """What was unexpected right after a death, and what was found in the end."""
    wrong: list[str] = []
    shape = Shape(
        reminders=4 * _CLINICS + 4 * len(cases), strikes=len(cases), clinics=_CLINICS, sms=share, callbacks=False,
        delay=0.0, pace=_PACE,
    )  # fmt: skip
    with loaded(shape, chance.randrange(10**6)) as product:
        with senders_of(product) as senders:
            for point in cases:
                hit = chance.randint(1, 3) if point.split()[1] in _EACH else 1
                said = tell(senders, {"point": point, "hit": hit})
                rows = product.database.rows(STATES, [said["claimed"]])
                if not said["reached"]:
                    wrong.append(f"{point} was not reached")
                elif not _expected(point, rows):
                    wrong.append(f"{point}: {[tuple(row.values()) for row in rows]}")
        product.start("worker-1", "worker-2", "beat-1")
        try:
            run_out(product, _END_SECONDS)
        except TooLate as late:
            wrong.append(str(late))
        return wrong, close(product)


def _expected(point: str, rows: list[dict[str, Any]]) -> bool:
    """Whether the rows of the sender's last claim say that it came so far and no further."""
    states = {row["state"] for row in rows}
    in_call = sum(row["attempt"] == "sending" and row["called"] for row in rows)
    begun = sum(row["attempt"] == "sending" for row in rows)
    match point:
        case "before claim":
            return not rows
        case "after claim" | "before decide" | "after decide" | "before begin":
            return states == {"claimed"} and not begun
        case "after begin":
            return states == {"sending"} and begun == len(rows) and not in_call
        case "before call" | "after call" | "before finish":
            return states == {"sending"} and in_call == 1
        case "after finish":  # the next one may have been marked with it
            return states == {"sending"} and in_call <= 1 and begun < len(rows)
        case "before settle":
            return states == {"sending"} and not begun
        case _:
            return states == {"handed_over"}


CAMPAIGNS = (Campaign("points", run, (3,), "the expected state after each death, 0 lost, 0 twice", minutes=5),)
