"""How does a page change an appointment? By the one writer, with its reminders planned before the page answers, and
with a way back from a move while nobody has been told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest

from appointments.models import Appointment
from appointments.writing import AppointmentChange, write_appointments
from clinics.models import Clinic, User
from clinics.rows import lock_rows
from reminders.plan import bring_up_to_date
from reminders.timing import GRACE

#: What a move changes, and its undoing brings back.
_PLACE = ("start", "end", "practitioner_id", "location_id")
_UNDO = "undo_move"


def find_appointment(appointment_id: int) -> Appointment:
    """The clinic's appointment, a deleted one too. Raises Http404, for another clinic's id as for a random one."""
    rows = Appointment.objects.select_related("patient", "practitioner", "location", "type")
    row: Appointment | None = rows.filter(pk=appointment_id).first()
    if row is None:
        raise Http404
    return row


def lock_appointment(appointment_id: int) -> Appointment:
    """The same, locked until the page has answered."""
    find_appointment(appointment_id)
    lock_rows(Appointment, [appointment_id])
    return find_appointment(appointment_id)


def save_appointment(
    request: HttpRequest, clinic: Clinic, row: Appointment | None, fields: Mapping[str, Any], now: datetime
) -> Appointment:
    """Writes the appointment (`row` None: a new one) and plans its reminders; inside `in_clinic`. A move can be undone
    within the grace period, by the one who made it."""
    before = {name: getattr(row, name) for name in _PLACE} if row else {}
    written = write_appointments(clinic, [AppointmentChange(row, fields)], now)
    saved = written.rows[0]
    bring_up_to_date(clinic, [saved.pk], now)
    if before and saved.start != before["start"]:
        _keep_way_back(request, saved, before)
    return saved


def _keep_way_back(request: HttpRequest, saved: Appointment, before: Mapping[str, Any]) -> None:
    request.session[_UNDO] = {
        "appointment": saved.pk,
        "revision": saved.revision,
        "until": (saved.start_set_at + GRACE).isoformat(),
        "fields": {name: value.isoformat() if isinstance(value, datetime) else value for name, value in before.items()},
    }


def way_back(request: HttpRequest, row: Appointment, now: datetime) -> dict[str, Any] | None:
    """What the last move changed, where it can still be undone: nothing was changed since, and the grace has not
    ended. As columns and their values, with `until` beside."""
    kept = request.session.get(_UNDO)
    if not kept or (kept["appointment"], kept["revision"]) != (row.pk, row.revision):
        return None
    until = datetime.fromisoformat(kept["until"])
    if now >= until:
        return None
    fields = {**kept["fields"], **{name: datetime.fromisoformat(kept["fields"][name]) for name in ("start", "end")}}
    return {"until": until, "fields": fields}


def forget_way_back(request: HttpRequest) -> None:
    """It was used."""
    request.session.pop(_UNDO, None)


def user_of(request: HttpRequest) -> User:
    """The person at the page."""
    if not isinstance(request.user, User):
        raise TypeError("a page of a clinic has a user")
    return request.user
