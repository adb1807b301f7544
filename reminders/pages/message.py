"""What became of one reminder, when, why, with which words? The page to open when a patient says "I got nothing"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from clinics import clock
from clinics.models import Clinic
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import LOG_SEE_ADDRESS, LOG_SEE_TEXT, LOG_VIEW, may
from messaging.models import Attempt, AttemptText
from reminders.kinds import IN_FLIGHT_STATES, OPEN_STATES, Origin, State
from reminders.models import Reminder
from reminders.outlook import frozen, live
from reminders.pages.chips import Chip, chip
from reminders.pages.gate_list import GateRow, gate_rows
from reminders.pages.masking import masked
from reminders.pages.timeline import steps, tries
from reminders.pages.words import ORIGIN, STATE_SENTENCE


@dataclass(frozen=True)
class Verdict:
    """A reminder's chip and gates: live while it is open; once it has ended as they were seen, with today's beside."""

    chip: Chip
    rows: list[GateRow]
    #: The gates are those of the past, and today's stand beside them.
    past: bool


def verdict_of(clinic: Clinic, row: Reminder, now: datetime, attempt_state: str) -> Verdict:
    """Asks the decision; a fixed number of queries. Inside `in_clinic`."""
    answer = live(clinic, [row], now).get(row.pk)
    today = answer.gates if answer else ()
    past = row.state not in OPEN_STATES | IN_FLIGHT_STATES
    seen = frozen(row) if past else today
    return Verdict(chip(row, seen, attempt_state), gate_rows(seen, today if past else ()), past)


@require_safe
@clinic_page(LOG_VIEW)
def reminder(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """The whole story of a reminder. Another clinic's id answers like one that does not exist: 404."""
    row = _find(reminder_id)
    attempts = _attempts(row)
    member, now = membership_of(request), clock.now()
    see_address, see_text = (may(request.user, one, member) for one in (LOG_SEE_ADDRESS, LOG_SEE_TEXT))
    address = row.message.address if row.message else ""
    context = {
        "section": "log",
        "row": row,
        "verdict": verdict_of(clinic_of(request), row, now, attempts[-1].state if attempts else ""),
        "sentence": STATE_SENTENCE[State(row.state)],
        "origin": ORIGIN[Origin(row.origin)],
        "address": address if see_address else masked(address),
        "steps": steps(row, attempts),
        "tries": list(reversed(tries(attempts, see_address))),
        "may_read": see_text,
        "text": _text(attempts) if see_text else None,
    }
    return render(request, "reminders/reminder.html", context)


@require_safe
@clinic_page(LOG_VIEW)
def reminder_gates(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """The panel that a chip opens; without htmx, the whole page."""
    row = _find(reminder_id)
    if not request.headers.get("HX-Request"):
        return redirect("reminder", slug=clinic_of(request).slug, reminder_id=row.pk)
    attempts = _attempts(row)
    context: dict[str, Any] = {
        "row": row,
        "verdict": verdict_of(clinic_of(request), row, clock.now(), attempts[-1].state if attempts else ""),
        "sentence": STATE_SENTENCE[State(row.state)],
        "last": tries(attempts[-1:], see_detail=False)[0] if attempts else None,
    }
    return render(request, "reminders/gates_panel.html", context)


def _find(reminder_id: int) -> Reminder:
    wanted = Reminder.objects.select_related(
        "appointment__patient", "appointment__practitioner", "appointment__location", "appointment__type", "message"
    )
    row: Reminder | None = wanted.filter(pk=reminder_id).first()
    if row is None:
        raise Http404
    return row


def _attempts(row: Reminder) -> list[Attempt]:
    if row.message_id is None:
        return []
    return list(Attempt.objects.filter(message=row.message_id).select_related("sender").order_by("number"))


def _text(attempts: Sequence[Attempt]) -> AttemptText | None:
    """The words of the newest attempt, where they are still kept."""
    if not attempts:
        return None
    found: AttemptText | None = AttemptText.objects.filter(attempt=attempts[-1]).first()
    return found
