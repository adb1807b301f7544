"""What do we know of a patient, and what becomes of his reminders? One page: record, consents with their history,
appointments, reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appointments.models import Appointment
from appointments.pages.day import lines_of
from clinics import clock
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT, LOG_SEE_ADDRESS, PATIENT_EDIT, PATIENT_VIEW, may
from patients.models import ConsentEvent, Patient, Phone
from patients.pages.phone_lines import stored_lines
from patients.pages.saving import find_patient
from patients.pages.words import (
    CONSENT_WORDS,
    HOW,
    channel_choices,
    full_name,
    landline_warning,
    language_choices,
)
from reminders.models import Reminder
from reminders.pages.log import entries
from reminders.pages.masking import masked
from reminders.pages.words import Words

#: Rows of each list; the agenda and the log hold the rest.
_FEW = 12
_EVENTS = 40


@dataclass(frozen=True)
class Consent:
    """A consent as it stands, and who said so last."""

    code: str
    words: Words
    given: bool
    at: datetime | None
    by: str
    how: Words


@dataclass(frozen=True)
class Event:
    """A consent given or withdrawn."""

    words: Words
    given: bool
    at: datetime
    by: str
    how: Words
    wording: str


@require_safe
@clinic_page(PATIENT_VIEW)
def patient(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Another clinic's id answers like one that does not exist: 404."""
    clinic, member, now = clinic_of(request), membership_of(request), clock.now()
    row = find_patient(patient_id)
    in_full = may(request.user, LOG_SEE_ADDRESS, member)
    phones = list(Phone.objects.filter(patient=row).order_by("position"))
    lines = [(line, line.number if in_full else masked(line.number)) for line in stored_lines(phones)]
    events = list(ConsentEvent.objects.filter(patient=row).select_related("by").order_by("-at", "-pk")[:_EVENTS])
    rows = Appointment.objects.filter(patient=row, deleted=False).select_related(
        "patient", "practitioner", "location", "type"
    )
    coming = lines_of(clinic, list(rows.filter(start__gte=now).order_by("start", "pk")[:_FEW]), now)
    reminders = Reminder.objects.filter(appointment__patient=row).select_related(
        "appointment__patient", "appointment__practitioner"
    )
    context = {
        "section": "patients",
        "patient": row,
        "name": full_name(row),
        "phones": lines,
        "warning": landline_warning(phones),
        "email": row.email if in_full else masked(row.email),
        "language": dict(language_choices(clinic))[row.language],
        "channel": dict(channel_choices(clinic))[row.preferred_channel],
        "consents": _consents(row, events),
        "events": [_event(one) for one in events],
        "coming": coming,
        "past": lines_of(clinic, list(rows.filter(start__lt=now).order_by("-start", "-pk")[:_FEW]), now),
        "entries": entries(clinic, list(reminders.order_by("-due_at", "-id")[:_FEW]), now),
        "may_edit": may(request.user, PATIENT_EDIT, member),
        "may_book": may(request.user, AGENDA_EDIT, member),
    }
    return render(request, "patients/patient.html", context)


def _consents(row: Patient, events: Sequence[ConsentEvent]) -> list[Consent]:
    newest = {event.subject: event for event in reversed(events)}
    return [
        Consent(subject, words, getattr(row, f"consent_{subject}"), *_said(newest.get(subject)))
        for subject, words in CONSENT_WORDS.items()
    ]


def _said(event: ConsentEvent | None) -> tuple[datetime | None, str, Words]:
    return (event.at, _by(event), HOW.get(event.how, event.how)) if event else (None, "", "")


def _event(event: ConsentEvent) -> Event:
    words = CONSENT_WORDS.get(event.subject, event.subject)
    return Event(words, event.given, event.at, _by(event), HOW.get(event.how, event.how), event.wording)


def _by(event: ConsentEvent) -> str:
    return event.by.get_full_name() if event.by else ""
