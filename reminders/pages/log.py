"""What was sent, what waits, what did not go, and why? The clinic's delivery log, skipped reminders too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinics import clock
from clinics.models import Clinic
from clinics.pages.access import clinic_of
from clinics.pages.guard import clinic_page
from clinics.roles import LOG_VIEW
from messaging.models import Attempt
from reminders.kinds import Origin
from reminders.models import Reminder
from reminders.outlook import View, outlook
from reminders.pages.came_by import came_by
from reminders.pages.chips import Chip, chip
from reminders.pages.keyset import Key, page_of
from reminders.pages.log_filter import LogFilter
from reminders.pages.words import Words, attempt_words


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    id: int
    chip: Chip
    patient: str
    appointment: datetime
    practitioner: str
    due_at: datetime
    attempt_at: datetime | None
    attempt: Words
    attempt_code: str
    #: Who sent it; empty for what came by a rule.
    by_hand: str


@require_safe
@clinic_page(LOG_VIEW)
def log(request: HttpRequest) -> HttpResponse:
    """Filters as in LogFilter, and `before` = the key of the page before. A filter that cannot be read is named."""
    wanted = Reminder.objects.select_related("appointment__patient", "appointment__practitioner", "by")
    narrowed = LogFilter(request.GET, queryset=wanted, request=request)
    valid = narrowed.is_valid()
    rows, older = page_of(narrowed.qs, Key.read(request.GET.get("before", ""))) if valid else ([], None)
    context = {
        "section": "log",
        "form": narrowed.form,
        "entries": entries(clinic_of(request), rows, clock.now()),
        "older": str(older) if older else "",
        "filtered": any(request.GET.get(name) for name in narrowed.filters),
        "first_page": not request.GET.get("before"),
        "today": timezone.localdate(clock.now()),
    }
    return render(request, "reminders/log.html", context)


def entries(clinic: Clinic, rows: Sequence[Reminder], now: datetime) -> list[Entry]:
    """The lines of these reminders, in a fixed number of queries."""
    newest = newest_attempts(rows)
    views = outlook(clinic, rows, now)
    return [_entry(row, views[row.pk], newest.get(row.message_id or 0)) for row in rows]


def newest_attempts(rows: Sequence[Reminder]) -> dict[int, Attempt]:
    """Message id → its last attempt."""
    messages = [row.message_id for row in rows if row.message_id]
    return {one.message_id: one for one in Attempt.objects.filter(message__in=messages).order_by("number")}


def _entry(row: Reminder, view: View, attempt: Attempt | None) -> Entry:
    patient, person = row.appointment.patient, row.appointment.practitioner
    return Entry(
        id=row.pk,
        chip=chip(row, view, attempt.state if attempt else ""),
        patient=f"{patient.first_name} {patient.last_name}".strip() if patient else "",
        appointment=row.appointment.start,
        practitioner=person.name if person else "",
        due_at=row.due_at,
        attempt_at=attempt.began_at if attempt else None,
        attempt=attempt_words(attempt) if attempt else "",
        attempt_code=attempt.code if attempt else "",
        by_hand="" if row.origin == Origin.AUTOMATIC else came_by(row),
    )
