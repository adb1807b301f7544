"""The day list: what is on at the clinic, and what becomes of each reminder? Everything it shows is in its address."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appointments.pages.day import read_day
from clinics import clock
from clinics.pages.access import clinic_of
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_VIEW


@require_safe
@clinic_page(AGENDA_VIEW)
def agenda(request: HttpRequest) -> HttpResponse:
    """`?day=YYYY-MM-DD&practitioner=ID&attention=1`; what cannot be read counts as not given."""
    clinic, now = clinic_of(request), clock.now()
    today = now.astimezone(ZoneInfo(clinic.time_zone)).date()
    day = _day(request.GET.get("day", "")) or today
    practitioner = _number(request.GET.get("practitioner", ""))
    attention = request.GET.get("attention") == "1"
    context = {
        "section": "agenda",
        "page": read_day(clinic, day, now, practitioner, attention),
        "now": now,
        "today": today,
        "previous": day - timedelta(days=1),
        "next": day + timedelta(days=1),
        "practitioner": practitioner,
        "only_attention": attention,
    }
    return render(request, "appointments/agenda.html", context)


def _day(text: str) -> date | None:
    """A day within the years that calendars and databases can step around."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 2200 else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
