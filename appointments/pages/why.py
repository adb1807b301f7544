"""Why, and will it? The answers of one appointment for its page, and as a panel that other pages open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from appointments.models import Appointment, Status
from appointments.pages.day import marks_of
from appointments.pages.saving import find_appointment
from clinics import clock
from clinics.models import Clinic
from clinics.pages.access import clinic_of
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_VIEW
from reminders.pages.answers import Shown, shown_for
from reminders.pages.five_facts import Known, five_facts
from reminders.pages.mending import Reader


@dataclass(frozen=True)
class Why:
    """All answers of an appointment: its messages, those for its former times, and the rules that send nothing."""

    row: Appointment
    messages: tuple[Shown, ...]
    former: tuple[Shown, ...]
    aside: tuple[Shown, ...]
    facts: list[Known]
    #: What to say where there is no message.
    nothing: str


def whys(clinic: Clinic, rows: Sequence[Appointment], now: datetime, reader: Reader) -> list[Why]:
    """In the order of the appointments. Inside `in_clinic`; a fixed number of queries."""
    shown, marks = shown_for(clinic, rows, now, reader), marks_of(rows)
    return [
        Why(
            row=row,
            messages=tuple(one for one in shown[row.pk] if one.present and not one.aside),
            former=tuple(one for one in shown[row.pk] if not one.present),
            aside=tuple(one for one in shown[row.pk] if one.aside),
            facts=five_facts(shown[row.pk], marks.get(row.pk, ())),
            nothing=_nothing(row, now),
        )
        for row in rows
    ]


def _nothing(row: Appointment, now: datetime) -> str:
    if row.status == Status.CANCELLED or row.deleted:
        return _("Nothing: no reminder goes for it.")
    if row.start <= now:
        return _("No reminder was planned.")
    return _("No reminder is planned: no rule applies to this appointment.")


@require_safe
@clinic_page(AGENDA_VIEW)
def appointment_why(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """The panel; without htmx, the appointment's page, which holds the same."""
    clinic, row = clinic_of(request), find_appointment(appointment_id)
    if not request.headers.get("HX-Request"):
        return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)
    [why] = whys(clinic, [row], clock.now(), Reader.of(request))
    return render(request, "appointments/why_panel.html", {"why": why, "row": row})
