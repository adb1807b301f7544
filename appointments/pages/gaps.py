"""Whom will tomorrow's reminders not reach, why, and who is to be called? The worklist of a morning."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appointments.models import Appointment, RemindedElsewhere, Status
from appointments.pages.agenda import read_day_of
from appointments.pages.day import bounds
from appointments.pages.saving import lock_appointment, user_of
from appointments.staff_says import Mark, mark_reminded
from clinics import clock
from clinics.models import Clinic
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT, AGENDA_VIEW, LOG_SEE_ADDRESS, may
from messaging.outcomes import FailureKind
from patients.models import Phone
from patients.pages.words import full_name, reminder_phone
from reminders.answer import answers
from reminders.gaps import DayGaps, Gap, gaps_of
from reminders.gates import CATALOGUE
from reminders.kinds import State
from reminders.pages.answers import Shown, shown_for
from reminders.pages.masking import masked
from reminders.pages.mending import Reader
from reminders.pages.words import FAILURE, STATE_SENTENCE, Words
from reminders.plan import bring_up_to_date

#: Visits that may still take place.
_OPEN = (Status.REQUESTED, Status.SCHEDULED, Status.CONFIRMED)


@dataclass(frozen=True)
class Group:
    """The gaps of one cause, in its sentence."""

    sentence: Words
    lines: tuple[tuple[Gap, Shown], ...]


@dataclass(frozen=True)
class Call:
    """A patient whom nothing reaches: his appointment, name and number, in full where the reader may see it."""

    appointment: Appointment
    name: str
    number: str
    dial: str


@require_safe
@clinic_page(AGENDA_VIEW)
def gaps(request: HttpRequest) -> HttpResponse:
    """`?day=YYYY-MM-DD`, tomorrow by default; what cannot be read counts as not given."""
    clinic, now = clinic_of(request), clock.now()
    today = now.astimezone(ZoneInfo(clinic.time_zone)).date()
    day = read_day_of(request.GET.get("day", "")) or today + timedelta(days=1)
    rows = _rows(clinic, day, now)
    shown = shown_for(clinic, rows, now, Reader.of(request))
    found = gaps_of(rows, {pk: [one.answer for one in each] for pk, each in shown.items()})
    member = membership_of(request)
    context = {
        "section": "agenda",
        "day": day,
        "previous": day - timedelta(days=1),
        "next": day + timedelta(days=1),
        "tomorrow": today + timedelta(days=1),
        "is_past": day < today,
        "appointments": len(rows),
        "found": found,
        "groups": _groups(found, shown),
        "calls": _calls(found.to_call, in_full=may(request.user, LOG_SEE_ADDRESS, member)),
        "may_edit": may(request.user, AGENDA_EDIT, member),
    }
    return render(request, "appointments/gaps.html", context)


@require_safe
@clinic_page(AGENDA_VIEW)
def gaps_counter(request: HttpRequest) -> HttpResponse:
    """How many of tomorrow's reminders will not go, for the agenda's head; asked for after the page has come."""
    clinic, now = clinic_of(request), clock.now()
    day = now.astimezone(ZoneInfo(clinic.time_zone)).date() + timedelta(days=1)
    rows = _rows(clinic, day, now)
    found = gaps_of(rows, answers(clinic, [row.pk for row in rows], now))
    return render(request, "appointments/gaps_counter.html", {"found": found})


@require_POST
@clinic_page(AGENDA_EDIT)
def called(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """The patient was reminded by phone: one press marks it for all channels, and the list goes on."""
    clinic, now = clinic_of(request), clock.now()
    row = lock_appointment(appointment_id)
    if mark_reminded(clinic, row, Mark("", RemindedElsewhere.How.PHONE), user_of(request), now):
        bring_up_to_date(clinic, [row.pk], now)
        name = full_name(row.patient) if row.patient else ""
        messages.success(request, _("%(name)s: reminded by phone.") % {"name": name})
    else:
        messages.info(request, _("It was marked so already."))
    day = read_day_of(request.POST.get("day", ""))
    address = reverse("gaps", args=[clinic.slug])
    return redirect(f"{address}?day={day:%Y-%m-%d}#calls" if day else f"{address}#calls")


def _rows(clinic: Clinic, day: date, now: datetime) -> list[Appointment]:
    """The day's appointments that may still take place, by start."""
    begin, end = bounds(day, ZoneInfo(clinic.time_zone))
    wanted = Appointment.objects.filter(start__gte=max(begin, now), start__lt=end, deleted=False, status__in=_OPEN)
    return list(wanted.select_related("patient", "practitioner", "location", "type").order_by("start", "pk"))


def _groups(found: DayGaps, shown: dict[int, list[Shown]]) -> list[Group]:
    """One for each cause, the most urgent first, as the gaps stand in that order."""
    by_cause: dict[str, list[tuple[Gap, Shown]]] = {}
    for gap in found.gaps:
        own = next(one for one in shown[gap.appointment.pk] if one.answer is gap.answer)
        by_cause.setdefault(gap.cause, []).append((gap, own))
    return [Group(_sentence(cause), tuple(lines)) for cause, lines in by_cause.items()]


def _sentence(cause: str) -> Words:
    if cause in CATALOGUE:
        return CATALOGUE[cause].failed
    return FAILURE[FailureKind(cause)][0] if cause in set(FailureKind) else STATE_SENTENCE[State(cause)]


def _calls(rows: Sequence[Appointment], *, in_full: bool) -> list[Call]:
    phones: dict[int, list[Phone]] = {}
    for phone in Phone.objects.filter(patient__in=[row.patient_id for row in rows]).order_by("position"):
        phones.setdefault(phone.patient_id, []).append(phone)
    return [_call(row, phones.get(row.patient_id or 0, []), in_full) for row in rows]


def _call(row: Appointment, phones: list[Phone], in_full: bool) -> Call:
    phone = reminder_phone(phones) or (phones[0] if phones else None)
    number = (phone.e164 or phone.as_typed) if phone else ""
    name = full_name(row.patient) if row.patient else ""
    return Call(row, name, number if in_full else masked(number), phone.e164 if phone and in_full else "")
