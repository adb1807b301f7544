"""Does a message leave after its appointment was moved, cancelled or deleted, or its consent withdrawn?

RELIABILITY.md scorecard 12: changes fall at random moments around the claim of a reminder that is due. A call that had
begun before the change was committed is allowed; none may begin after it, and none may say the old time. A moved one
is reminded of its new time, once.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults import ground
from tests.faults.last_moment import MOVE, MOVED_BY
from tests.faults.passing import run_out
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.waiting import until

_CHANGES, _CLINICS, _WORKERS = 2000, 8, ("worker-1", "worker-2")
_DELAY_SECONDS = 0.15
#: Of so many changes some must fall before and some after their calls, or nothing was tried.
_ENOUGH = 200
_SECONDS = 300.0
_ZONE = ZoneInfo("Europe/Madrid")
_CALLS = """
SELECT a.clinic_id, a.id AS appointment_id, a.start, p.email,
       (SELECT coalesce(json_agg(json_build_array(r.occurrence, r.state, t.state, extract(epoch FROM t.called_at))),
            '[]')
        FROM reminders_reminder r
        LEFT JOIN messaging_attempt t ON t.clinic_id = r.clinic_id AND t.message_id = r.message_id
        WHERE r.clinic_id = a.clinic_id AND r.appointment_id = a.id) AS calls
FROM appointments_appointment a JOIN patients_patient p ON p.clinic_id = a.clinic_id AND p.id = a.patient_id
ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Story:
    """One appointment: what was done to it and when that had committed; when calls began for its first time, and how
    many for another one; which times the messages name that arrived; how its reminders stand."""

    named: str
    what: str
    committed: float
    calls: tuple[float, ...]
    other_calls: int
    told: Counter[str]
    states: tuple[str, ...]

    def faults(self) -> Iterator[str]:
        """What speaks against the product."""
        late = [f"{at - self.committed:.3f} s" for at in self.calls if at > self.committed]
        if late:
            yield f"after the change: {self.named}: {self.what}, a call began {', '.join(late)} after it"
        if self.told.total() > len(self.calls) + self.other_calls or any(count > 1 for count in self.told.values()):
            yield f"duplicated: {self.named}: {self.what}, told {dict(self.told)}; {self.states}"
        if self.what == MOVE and self.told["new"] != 1:
            yield f"lost: {self.named}: moved and not told the new time; {self.states}"
        if set(self.told) - {"old", "new" if self.what == MOVE else "old"} or self.told["old"] > len(self.calls):
            yield f"wrong: {self.named}: {self.what}, told {dict(self.told)}"


def run(order: Order) -> Outcome:
    """2,000 changes at scale 1."""
    began, count = time.monotonic(), max(40, round(_CHANGES * order.scale))
    pace = Pace()
    with stack(pace) as product:
        product.start_sandbox()
        product.outside.fault("slow", seconds=_DELAY_SECONDS)
        product.start(*_WORKERS, "beat-1")
        until(lambda: len(product.working(_WORKERS)) == len(_WORKERS), _SECONDS, "the workers work")
        product.variables["WATCH_URL"] = product.database.owner_url
        did = json.loads(product.run("-m", "tests.faults.last_moment", str(_CLINICS), str(count), str(order.seed)))
        run_out(product, _SECONDS)
        stories = list(_stories(product, did))
        findings = [words for story in stories for words in story.faults()]
        findings += ground.overdue(product.database, pace.reconcile)
        findings += [f"died by itself: {name}" for name in product.dead()]
    kinds = Counter(words.partition(":")[0] for words in findings)
    before = sum(any(at <= one.committed for at in one.calls) for one in stories)
    figures: dict[str, object] = {"runs": len(stories), "began_before": before, "after": kinds["after the change"]}
    figures |= {"lost": kinds["lost"], "duplicated": kinds["duplicated"], "wrong_time": kinds["wrong"], "unknown": 0}
    if count >= _ENOUGH and not 0 < before < len(stories):
        findings.append("the changes did not fall on both sides of the calls")
    figures |= {"seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings and len(stories) == count, findings)


def _stories(product: Stack, did: list[tuple[int, int, str, float]]) -> Iterator[Story]:
    told: dict[str, list[str]] = {}
    for one in product.outside.messages():
        if one["kept"]:
            told.setdefault(one["recipient"].lower(), []).append(one["subject"])
    deeds = {(clinic, row): (what, committed) for clinic, row, what, committed in did}
    for row in product.database.rows(_CALLS):
        what, committed = deeds[row["clinic_id"], row["appointment_id"]]
        start: datetime = row["start"]
        old = start - MOVED_BY if what == MOVE else start
        walls = {_wall(old): "old", _wall(old + MOVED_BY): "new"}
        subjects = told.get(row["email"], [])
        calls = [call for call in row["calls"] if call[3] is not None]
        yield Story(
            f"clinic {row['clinic_id']} appointment {row['appointment_id']}",
            what,
            committed,
            tuple(call[3] for call in calls if call[0] == 1),
            sum(call[0] > 1 for call in calls),
            Counter(next((name for wall, name in walls.items() if wall in said), said) for said in subjects),
            _states(row["calls"]),
        )


def _states(calls: list[list[Any]]) -> tuple[str, ...]:
    return tuple(f"occurrence {call[0]}: {call[1]}/{call[2] or 'no attempt'}" for call in calls)


def _wall(moment: datetime) -> str:
    """The wall time as every language of the product writes it."""
    return f"{moment.astimezone(_ZONE):%H:%M}"


CAMPAIGNS = (Campaign("change", run, (12,), "0 calls begun after the change, 0 with the old time", minutes=3),)
