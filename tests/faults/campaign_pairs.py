"""Does a patient get two messages when a person sends at the moment at which the product does, or presses twice?

RELIABILITY.md scorecard 14, without credits: pairs of a "Send now" and the automatic reminder, and double clicks in two
processes at one moment, half of them of one form and half of two people's. Exactly one message each.
"""

import json
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

from tests.faults import ground
from tests.faults.clicks import A_SECOND, DOUBLE, PAIR
from tests.faults.courses import arrivals, once, read_courses
from tests.faults.passing import run_out
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.waiting import until

_EACH, _CLINICS, _WORKERS = 200, 5, ("worker-1", "worker-2")
#: How far a person's click lies from the moment at which the reminder falls due, in seconds.
_EARLIER, _LATER = 0.3, 0.7
#: Until the first double click: both processes have started by then.
_START_SECONDS = 4.0
_SECONDS = 240.0
Press = tuple[int, int, str, float]


def run(order: Order) -> Outcome:
    """200 pairs and 200 double clicks at scale 1."""
    began, each, chance = time.monotonic(), max(10, round(_EACH * order.scale)), random.Random(order.seed)
    pace = Pace()
    with stack(pace) as product:
        product.start_sandbox()
        product.outside.fault("slow", seconds=0.05)
        product.start(*_WORKERS, "beat-1")
        until(lambda: len(product.working(_WORKERS)) == len(_WORKERS), _SECONDS, "the workers work")
        booked = json.loads(product.run("-m", "tests.faults.clicks", "book", str(_CLINICS), str(each), str(each)))
        came_to = _press(product, _presses(booked, chance))
        run_out(product, _SECONDS)
        courses, has = read_courses(product.database), arrivals(product.outside)
        findings = ground.overdue(product.database, pace.reconcile)
        findings += [f"died by itself: {name}" for name in product.dead()]
    lost, twice = once(courses, has)
    if len(courses) != 2 * each:
        findings.append(f"{2 * each} reminders should be, there are {len(courses)}")
    if len(came_to) < 2:  # "goes" and "on its way": else nothing met
        findings.append(f"every click came to the same: {dict(came_to)}")
    findings += [*lost, *twice]
    figures: dict[str, object] = {"runs": 2 * each, "goes": came_to["goes"], "on_its_way": came_to["on_its_way"]}
    figures |= {"lost": len(lost), "duplicated": len(twice)}
    figures |= {"unknown": sum(one.state == ground.UNCERTAIN for one in courses)}
    figures |= {"seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings, findings)


def _presses(booked: list[tuple[str, int, int, float]], chance: random.Random) -> list[list[Press]]:
    """What each of two processes presses: of a pair one, of a double click both the same moment."""

    def token() -> str:
        return str(UUID(int=chance.getrandbits(128)))

    first, second = list[Press](), list[Press]()
    doubles = [one for one in booked if one[0] == DOUBLE]
    begins = time.time() + _START_SECONDS
    for place, (_, clinic, appointment, _) in enumerate(doubles):
        form, at = token(), begins + place / A_SECOND
        first.append((clinic, appointment, form, at))
        second.append((clinic, appointment, form if chance.random() < 0.5 else token(), at))
    for kind, clinic, appointment, due in booked:
        if kind == PAIR:
            at = max(due, begins) + chance.uniform(-_EARLIER, _LATER)
            chance.choice((first, second)).append((clinic, appointment, token(), at))
    return [first, second]


def _press(product: Stack, presses: list[list[Press]]) -> Counter[str]:
    """Both processes at once; how often it came to what."""

    def press(number: int) -> Counter[str]:
        file = Path(product.folder / f"presses-{number}.json")
        file.write_text(json.dumps(presses[number]))
        return Counter(json.loads(product.run("-m", "tests.faults.clicks", "click", str(file))))

    with ThreadPoolExecutor(len(presses)) as pool:
        return sum(pool.map(press, range(len(presses))), Counter())


CAMPAIGNS = (Campaign("pairs", run, (14,), "exactly 1 message each (without credits)"),)
