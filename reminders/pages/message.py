"""What became of one reminder, when, why, with which words? The page to open when a patient says "I got nothing"."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from clinics import clock
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import LOG_SEE_ADDRESS, LOG_SEE_TEXT, LOG_VIEW, may
from messaging.models import Attempt, AttemptText
from reminders.models import Reminder
from reminders.pages.answers import shown_of
from reminders.pages.masking import masked
from reminders.pages.mending import Reader
from reminders.pages.sending import sending_for
from reminders.pages.timeline import steps, tries


@require_safe
@clinic_page(LOG_VIEW)
def reminder(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """The whole story of a reminder. Another clinic's id answers like one that does not exist: 404."""
    row = _find(reminder_id)
    attempts = _attempts(row)
    member, now = membership_of(request), clock.now()
    see_address, see_text = (may(request.user, one, member) for one in (LOG_SEE_ADDRESS, LOG_SEE_TEXT))
    address = row.message.address if row.message else ""
    clinic, reader = clinic_of(request), Reader.of(request)
    context = {
        "section": "log",
        "row": row,
        "one": shown_of(clinic, row, now, reader),
        "sending": sending_for(clinic, row, now, reader),
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
    clinic, now, reader = clinic_of(request), clock.now(), Reader.of(request)
    context: dict[str, Any] = {
        "row": row,
        "one": shown_of(clinic, row, now, reader),
        "sending": sending_for(clinic, row, now, reader),
        "last": tries(attempts[-1:], see_detail=False)[0] if attempts else None,
    }
    return render(request, "reminders/gates_panel.html", context)


def _find(reminder_id: int) -> Reminder:
    wanted = Reminder.objects.select_related(
        "appointment__patient",
        "appointment__practitioner",
        "appointment__location",
        "appointment__type",
        "message",
        "by",
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
