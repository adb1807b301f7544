"""How does a page change an appointment? By the one writer, with staff's answer kept and its reminders planned before
the page answers. What would follow can be looked at first; then nothing stays."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest

from appointments.models import Appointment
from appointments.notices import Answer, answer_notice
from appointments.staff_says import set_channel_flags
from appointments.writing import AppointmentChange, write_appointments
from clinics.models import Clinic, User
from clinics.rows import lock_rows
from reminders.material import gather
from reminders.plan import bring_up_to_date
from reminders.told import note_first_sight


@dataclass(frozen=True)
class PageChange:
    """What a page asks for: an appointment (None: a new one), its columns, what staff said of telling the patient, and
    the channels whose reminders are wanted or not."""

    row: Appointment | None
    fields: Mapping[str, Any]
    answer: Answer | None = None
    wishes: Mapping[str, bool] = field(default_factory=dict)


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


def save_appointment(clinic: Clinic, change: PageChange, by: User, now: datetime) -> Appointment:
    """Writes the appointment, the answer and the wishes, and plans its reminders; inside `in_clinic`."""
    row = change.row
    if row is not None and change.answer is not None:  # what the patient knows so far, where no plan has seen it yet
        note_first_sight(gather(clinic, [row.pk]), now)
    saved = write_appointments(clinic, [AppointmentChange(row, change.fields)], now).rows[0]
    if change.answer is not None:
        answer_notice(clinic, saved, change.answer, by, now)
    if change.wishes:
        set_channel_flags(clinic, saved, change.wishes, by, now)
    bring_up_to_date(clinic, [saved.pk], now)
    return saved


@contextmanager
def looking_ahead() -> Iterator[None]:
    """What is written inside is gone afterwards: to see what a change would bring, by the same ways that make it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def user_of(request: HttpRequest) -> User:
    """The person at the page."""
    if not isinstance(request.user, User):
        raise TypeError("a page of a clinic has a user")
    return request.user
