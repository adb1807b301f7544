"""How is the last change of a page taken back? Its Undo, by the one who made it, while nobody has been told of it."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from appointments.models import Appointment, NoticeAnswer, Status
from appointments.notices import Answer
from appointments.pages.saving import PageChange
from reminders.facts import notice_trigger
from reminders.kinds import State
from reminders.models import Reminder, Told
from reminders.timing import GRACE
from reminders.told import differs

_PLACE = ("start", "end", "practitioner_id", "location_id")
_MOMENTS = frozenset({"start", "end"})
_SESSION = "way_back"


@dataclass(frozen=True)
class WayBack:
    """What was done ("booked", "moved", "changed", "cancelled" or "returned"), the columns that undo it, and until when
    they may."""

    act: str
    fields: Mapping[str, Any]
    until: datetime


def keep_way_back(request: HttpRequest, saved: Appointment, change: PageChange, now: datetime) -> None:
    """Remembers how to undo what was just saved, where a grace runs: it was moved, or the patient will be told."""
    act, fields = _undoing(saved, change.row)
    told = change.answer is not None and change.answer.notify
    if act == "moved" or (act and told):
        request.session[_SESSION] = {
            "act": act,
            "appointment": saved.pk,
            "revision": saved.revision,
            "until": (now + GRACE).isoformat(),
            "fields": {name: value.isoformat() if name in _MOMENTS else value for name, value in fields.items()},
        }


def _undoing(saved: Appointment, before: Appointment | None) -> tuple[str, Mapping[str, Any]]:
    """What was done, and the columns that undo it; nothing where there is nothing to undo."""
    if before is None:
        return "booked", {"deleted": True}
    place = {name: getattr(before, name) for name in _PLACE}
    if saved.status != before.status and Status.CANCELLED in (saved.status, before.status):
        act = "cancelled" if saved.status == Status.CANCELLED else "returned"
        return act, {**place, "status": before.status}
    if saved.start != before.start:
        return "moved", place
    return ("changed", place) if any(getattr(saved, name) != value for name, value in place.items()) else ("", {})


def way_back(request: HttpRequest, row: Appointment, now: datetime) -> WayBack | None:
    """How the last change can still be undone: nothing was changed since, and the grace has not ended."""
    kept = request.session.get(_SESSION)
    if not kept or (kept["appointment"], kept["revision"]) != (row.pk, row.revision):
        return None
    until = datetime.fromisoformat(kept["until"])
    if now >= until:
        return None
    fields = {
        name: datetime.fromisoformat(value) if name in _MOMENTS else value for name, value in kept["fields"].items()
    }
    return WayBack(kept["act"], fields, until)


def answer_undone_with_it(row: Appointment, back: WayBack) -> Answer | None:
    """What staff had agreed to tell before, and the answer to the change that is undone stopped: it is agreed again.
    None where nothing was stopped, where the patient knows it already, or where what goes anyway tells of it."""
    answers = list(NoticeAnswer.objects.filter(appointment=row).order_by("-revision")[:2])
    if len(answers) < 2 or answers[0].revision != row.revision or not answers[1].notify:
        return None
    undone, before = answers
    if undone.notify and undone.event == NoticeAnswer.Event.CHANGE:
        return None
    notices = Reminder.objects.filter(appointment=row, trigger=notice_trigger(before.revision))
    stopped = notices.filter(state__in=(State.CANCELLED, State.SUPERSEDED)).exists()
    known = before.event == NoticeAnswer.Event.CHANGE and _is_known(row, back)
    return Answer(NoticeAnswer.Event(before.event), True) if stopped and not known else None


def _is_known(row: Appointment, back: WayBack) -> bool:
    """Whether the appointment, once it is as it was, is as the patient was last told."""
    restored, told = copy(row), Told.objects.filter(appointment=row).first()
    for name, value in back.fields.items():
        setattr(restored, name, value)
    return told is not None and not differs(told, restored)


def forget_way_back(request: HttpRequest) -> None:
    """It was used."""
    request.session.pop(_SESSION, None)
