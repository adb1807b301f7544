"""The agenda: what is on at the clinic on a day or in a week, and what becomes of each reminder? Everything it shows
is in its address."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appointments.pages.day import read_day
from appointments.pages.week import monday_of, read_week
from clinics import clock
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT, AGENDA_VIEW, may


@require_safe
@clinic_page(AGENDA_VIEW)
def agenda(request: HttpRequest) -> HttpResponse:
    """`?view=week&day=YYYY-MM-DD&practitioner=ID&attention=1`; what cannot be read counts as not given."""
    clinic, now = clinic_of(request), clock.now()
    today = now.astimezone(ZoneInfo(clinic.time_zone)).date()
    day = read_day_of(request.GET.get("day", "")) or today
    practitioner = _number(request.GET.get("practitioner", ""))
    attention = request.GET.get("attention") == "1"
    context: dict[str, Any] = {
        "section": "agenda",
        "day": day,
        "now": now,
        "today": today,
        "practitioner": practitioner,
        "only_attention": attention,
        "may_edit": may(request.user, AGENDA_EDIT, membership_of(request)),
    }
    if request.GET.get("view") == "week":
        step, monday = timedelta(days=7), monday_of(day)
        context |= {"view": "week", "page": read_week(clinic, day, now, practitioner, attention)}
        context |= {"monday": monday, "sunday": monday + timedelta(days=6), "this_week": monday == monday_of(today)}
        template = "appointments/week.html"
    else:
        step = timedelta(days=1)
        context |= {"view": "day", "page": read_day(clinic, day, now, practitioner, attention)}
        template = "appointments/agenda.html"
    return render(request, template, context | {"previous": day - step, "next": day + step})


def read_day_of(text: str) -> date | None:
    """A day within the years that calendars and databases can step around."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 2200 else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
