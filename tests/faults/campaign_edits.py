"""Do exactly the right reminders go when appointments move away and back, and when a rule or a wording is edited?

RELIABILITY.md scorecard 13 (F34, F35). First appointments are moved away, and back within the grace or after it, some
of them reminded before; then the rule is edited with thousands of reminders planned, then the wording. Each patient's
mails are compared with those that the story asks for, and what is planned with the edited rule, computed here anew.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults import ground
from tests.faults.passing import at_rest, pass_over
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.waiting import until

_PLANNED, _MOVED, _CLINICS = 10_000, 25, 10
_SECONDS = 600.0
_ZONE = ZoneInfo("Europe/Madrid")
HOUR, DAY = 3600.0, 86_400.0
#: The rule before and after its edit, in minutes before the start; the appointment's moves; longer than the grace.
_BEFORE, _AFTER = 24 * 60, 48 * 60
_AWAY, _GRACE_OVER = 3 * HOUR, 0.2 * HOUR
_OLD_WORDS, _NEW_WORDS = "Su cita", "Nueva cita"
_MOVE_CLOCK = """
INSERT INTO clinics_clock (id, shift) VALUES (1, %s * interval '1 second')
ON CONFLICT (id) DO UPDATE SET shift = clinics_clock.shift + excluded.shift RETURNING id
"""
_NEXT = """
SELECT extract(epoch FROM look_at - clock_timestamp() - coalesce((SELECT shift FROM clinics_clock), '0'))::float AS wait
FROM reminders_next()
"""
_OPEN = """
SELECT r.appointment_id AS id, r.clinic_id, extract(epoch FROM r.due_at)::float AS due
FROM reminders_reminder r WHERE r.state = ANY (%s) ORDER BY 1
"""


@dataclass(frozen=True)
class Plot:
    """What happens to an appointment, and which mails its patient gets: each (whether of the time moved to, whether in
    the new words). `due`: how long after the beginning its reminder is due by the rule as it then is; `moves` are the
    moves of the first act and of the second, which is after the grace."""

    due: float
    mails: tuple[tuple[bool, bool], ...]
    moves: tuple[float, ...] = ()
    later: tuple[float, ...] = ()
    share: float = 0.0


PLOTS = {
    "away-and-back": Plot(3 * DAY, ((False, True),), (_AWAY,), (-_AWAY,)),
    "back-at-once": Plot(3 * DAY, ((False, True),), (_AWAY, -_AWAY)),
    "away": Plot(3 * DAY, ((True, True),), (_AWAY,)),
    "reminded-away-and-back": Plot(-60, ((False, False), (False, False)), (_AWAY,), (-_AWAY,)),
    "reminded-away": Plot(-60, ((False, False), (True, False)), (_AWAY,)),
    # The rule is edited when the first of these are reminded; the edit makes the second due at once.
    "reminded": Plot(-60, ((False, False),), share=0.1),
    "due-by-the-edit": Plot(12 * HOUR, ((False, False),), share=0.1),
    "soon": Plot(3 * DAY, ((False, True),), share=0.05),
    "far": Plot(30 * DAY, (), share=0.75),
}


@dataclass(frozen=True)
class Booked:
    """An appointment of the campaign."""

    plot: str
    clinic: int
    id: int
    address: str
    start: float


def run(order: Order) -> Outcome:
    """10,000 planned reminders, and 25 of each way of moving, at scale 1."""
    began, pace = time.monotonic(), Pace()
    planned, moved = max(60, round(_PLANNED * order.scale)), max(3, round(_MOVED * order.scale))
    stories = [(name, plot.due) for name, plot in PLOTS.items() for _ in range(round(planned * plot.share) or moved)]
    with stack(pace) as product:
        product.start_sandbox()
        product.start("worker-1", "worker-2", "beat-1")
        booked = [Booked(*one) for one in json.loads(_edit(product, "book", str(_CLINICS), of=stories))]
        _rest(product)
        _edit(product, "move", of=_moves(booked, "moves"))
        _rest(product)
        product.database.rows(_MOVE_CLOCK, [_GRACE_OVER])
        _edit(product, "move", of=_moves(booked, "later"))
        _rest(product)
        product.database.rows(_MOVE_CLOCK, [_GRACE_OVER])
        _rest(product)
        _edit(product, "rules", str(_AFTER))
        _rest(product)
        _edit(product, "words", f"{_NEW_WORDS}: [APPOINTMENT]")
        _go_on(product, 4 * DAY)
        arrived = Counter(_mail(one) for one in product.outside.messages() if one["kept"])
        open_rows = product.database.rows(_OPEN, [sorted(ground.UNFINISHED)])
        findings = ground.overdue(product.database, pace.reconcile)
    expected = Counter(mail for one in booked for mail in _mails(one))
    lost, more = expected - arrived, arrived - expected
    by_address = {one.address: one for one in booked}
    findings += [f"lost: {_named(by_address, mail)}: {count}" for mail, count in lost.items()]
    findings += [f"too many: {_named(by_address, mail)}: {count}" for mail, count in more.items()]
    findings += (wrong := _wrongly_open(booked, open_rows))
    figures: dict[str, object] = {"runs": len(booked), "mails": expected.total(), "open": len(open_rows)}
    figures |= {"lost": lost.total(), "duplicated": more.total(), "wrong": len(wrong), "unknown": 0}
    figures |= {"seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings, findings)


def _edit(product: Stack, *words: str, of: Any = None) -> str:
    """One act of the people; `of` is what it is about."""
    if of is not None:
        file = Path(product.folder / "acts.json")
        file.write_text(json.dumps(of), encoding="utf-8")
        words = (*words, str(file))
    return product.run("-m", "tests.faults.editor", *words)


def _moves(booked: list[Booked], act: str) -> list[tuple[int, int, float]]:
    return [(one.clinic, one.id, by) for one in booked for by in getattr(PLOTS[one.plot], act)]


def _rest(product: Stack) -> None:
    """Until nothing is due, under way or behind."""
    until(lambda: at_rest(product), _SECONDS, "nothing that is due is unsettled")


def _go_on(product: Stack, seconds: float) -> None:
    """Passes over the time until nothing is due for so long."""
    began = time.time()
    while True:
        _rest(product)
        wait = product.database.rows(_NEXT)[0]["wait"]
        if wait is None or wait > seconds:
            return
        seconds -= max(0.0, wait) if pass_over(product) else 0.0
        if time.time() - began > _SECONDS:
            raise RuntimeError("it does not come to an end")


def _wall(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC).astimezone(_ZONE):%H:%M}"


def _mail(one: dict[str, Any]) -> tuple[str, str, bool]:
    """Of an arrived mail: the address, the wall time that it names, whether it has the new words."""
    subject = str(one["subject"])
    time_named = next((word for word in subject.replace(",", " ").split() if ":" in word and word[0].isdigit()), "")
    return one["recipient"].lower(), time_named, subject.startswith(_NEW_WORDS)


def _mails(one: Booked) -> list[tuple[str, str, bool]]:
    """The same of those that should arrive."""
    return [(one.address, _wall(one.start + _AWAY * moved), new) for moved, new in PLOTS[one.plot].mails]


def _named(by_address: dict[str, Booked], mail: tuple[str, str, bool]) -> str:
    one, words = by_address.get(mail[0]), "new words" if mail[2] else "old words"
    return f"{one.plot}, clinic {one.clinic} appointment {one.id}, {words}" if one else "a mail to nobody"


def _wrongly_open(booked: list[Booked], rows: list[dict[str, Any]]) -> list[str]:
    """What is planned, against the edited rule: one reminder of each appointment that is still far, at its moment."""
    expected = Counter((one.clinic, one.id, round(one.start - _AFTER * 60)) for one in booked if one.plot == "far")
    found = Counter((row["clinic_id"], row["id"], round(row["due"])) for row in rows)
    return [
        f"{what}: clinic {one[0]} appointment {one[1]}, due at {one[2]}"
        for what, these in (("not planned", expected - found), ("wrongly planned", found - expected))
        for one in these.elements()
    ]


CAMPAIGNS = (Campaign("edits", run, (13,), "exactly the expected reminders"),)
