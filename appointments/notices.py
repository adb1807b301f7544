"""Shall the patient be told of a booking, a change, a cancellation? The one writer of NoticeAnswer: staff's answers.

An answer belongs to the revision that the change made; it is written in the same transaction, before the appointment's
reminders are planned. The newest one counts: whoever says "no" after a second change also stops what an earlier "yes"
would have sent. Rows are only added.
"""

from dataclasses import dataclass
from datetime import datetime

from appointments.models import Appointment, NoticeAnswer
from clinics.models import Clinic, User
from clinics.rows import lock_rows


@dataclass(frozen=True)
class Answer:
    """What staff said: whether the patient is told, and of what."""

    event: NoticeAnswer.Event
    notify: bool


def answer_notice(clinic: Clinic, appointment: Appointment, answer: Answer, by: User, at: datetime) -> bool:
    """Keeps the answer for the appointment's present revision; inside `in_clinic`. `at` is the shifted clock.

    False where that revision has its answer already: the first one stands, since what was answered twice was sent
    twice; another mind is another change. Raises LookupError when the appointment is gone."""
    present = lock_rows(Appointment, [appointment.pk])[appointment.pk]
    _row, made = NoticeAnswer.objects.get_or_create(
        clinic=clinic,
        appointment=present,
        revision=present.revision,
        defaults={"event": answer.event, "notify": answer.notify, "by": by, "at": at},
    )
    return bool(made)
