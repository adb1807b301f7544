"""A patient says "I got nothing": how do staff come from a name or number and a date to the answers?

What is typed never stands in an address, which browsers and machines keep; a patient's id there says nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from appointments.models import Appointment
from appointments.pages.agenda import read_day_of
from appointments.pages.why import whys
from clinics import clock
from clinics.models import Clinic
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import LOG_SEE_ADDRESS, LOG_VIEW, may
from patients.models import Patient
from patients.pages.saving import find_patient
from patients.pages.search import matching, page_of
from patients.pages.words import Found, found, full_name
from reminders.pages.mending import Reader

#: Days before and after the date whose appointments are answered.
AROUND = 7
#: More appointments than this in two weeks are no patient's; the nearest are taken.
_MOST = 20


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(LOG_VIEW)
def ask(request: HttpRequest) -> HttpResponse:
    """POST `sought` and `day`: the patient's answers where one fits, else those to choose from."""
    clinic = clinic_of(request)
    today = timezone.localdate(clock.now())
    day = read_day_of(request.POST.get("day", "")) or today
    sought = request.POST.get("sought", "").replace("\x00", "").strip()
    people, more = _people(request, clinic, sought) if sought else ([], False)
    if len(people) == 1:
        address = reverse("patient_answers", args=[clinic.slug, people[0].id])
        return redirect(f"{address}?day={day:%Y-%m-%d}")
    context = {"section": "log", "sought": sought, "day": day, "today": today, "people": people, "more": more}
    return render(request, "reminders/ask.html", context)


def _people(request: HttpRequest, clinic: Clinic, sought: str) -> tuple[list[Found], bool]:
    """Archived records too: that may be the very reason."""
    in_full = may(request.user, LOG_SEE_ADDRESS, membership_of(request))
    rows, following = page_of(matching(sought, clinic.country, archived=None), None)
    return [found(row, in_full) for row in rows], following is not None


@require_safe
@clinic_page(LOG_VIEW)
def patient_answers(request: HttpRequest, patient_id: int) -> HttpResponse:
    """`?day=YYYY-MM-DD`, today by default: everything about the patient's appointments around that day, the nearest
    first, deleted ones too. Another clinic's id answers like one that does not exist: 404."""
    clinic, now = clinic_of(request), clock.now()
    patient = find_patient(patient_id)
    today = timezone.localdate(now)
    day = read_day_of(request.GET.get("day", "")) or today
    span = _Span.around(clinic, day)
    rows = _appointments(patient).filter(start__gte=span.begin, start__lt=span.end).order_by("start", "pk")[:_MOST]
    nearest = sorted(rows, key=lambda row: abs(timezone.localdate(row.start) - day))
    context: dict[str, Any] = {
        "section": "log",
        "patient": patient,
        "name": full_name(patient),
        "day": day,
        "today": today,
        "first": day - timedelta(days=AROUND),
        "last": day + timedelta(days=AROUND),
        "whys": whys(clinic, nearest, now, Reader.of(request)),
        "before": _appointments(patient).filter(start__lt=span.begin).order_by("-start", "-pk").first(),
        "after": _appointments(patient).filter(start__gte=span.end).order_by("start", "pk").first(),
        "now": now,
    }
    return render(request, "reminders/patient_answers.html", context)


@dataclass(frozen=True)
class _Span:
    """The moments between which an appointment starts around a day."""

    begin: datetime
    end: datetime

    @staticmethod
    def around(clinic: Clinic, day: date) -> "_Span":
        """In the clinic's local days, both ends included."""
        zone = ZoneInfo(clinic.time_zone)
        begin = datetime.combine(day - timedelta(days=AROUND), time(), zone)
        return _Span(begin, datetime.combine(day + timedelta(days=AROUND + 1), time(), zone))


def _appointments(patient: Patient) -> Any:
    rows = Appointment.objects.filter(patient=patient)
    return rows.select_related("patient", "practitioner", "location", "type")
