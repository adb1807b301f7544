"""Which reminders should arrive, and when does each fall due? A model of its own, written from the design document.

Sections 2.6 (deadlines), 4 (states), 5 (time), 10.4 (what is past due) and 10.11 (the runaway guard). It imports
nothing of the product, so that no mistake of the product is repeated here. Facts about phone numbers are Google's
libphonenumber's.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberType

from tests.data.clinics import QUIET_FROM, QUIET_UNTIL, AgendaClinic
from tests.faults.agenda_reading import Agenda, Patient, Visit

EMAIL, SMS = "email", "sms"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
#: By how much the campaign moves the clock.
STEP = timedelta(minutes=15)
#: Before which a moment is quiet, after which it is.
_OPENS, _CLOSES = time.fromisoformat(QUIET_UNTIL), time.fromisoformat(QUIET_FROM)
#: Statuses for which the clinics' rules apply.
STATUSES = ("scheduled", "confirmed")


@dataclass(frozen=True)
class Step:
    """A rule: its channel and how long before the start."""

    channel: str
    lead: timedelta


BY_MAIL, BY_SMS = Step(EMAIL, timedelta(hours=24)), Step(SMS, timedelta(hours=2))


@dataclass(frozen=True)
class Due:
    """A reminder that should arrive: who writes to which address, what it says, and its moment. What the patient reads
    names the visit: first name and wall time ("2027-03-25 10:30")."""

    clinic: str
    channel: str
    address: str
    first_name: str
    wall: str
    moment: datetime


def expected(agenda: Agenda, steps: tuple[Step, ...], seen: datetime, until: datetime) -> Iterator[Due]:
    """The reminders of a clinic that fall due until then (inclusive), if the product first sees the agenda just after
    `seen`, and nothing changes afterwards."""
    clinic = agenda.clinic
    named: dict[tuple[str, str], list[tuple[datetime, Visit, Step]]] = defaultdict(list)
    for visit in agenda.visits.values():
        patient = agenda.patients[visit.patient_ref]
        goes: list[tuple[datetime, Visit, Step]] = []
        for step in steps:
            wanted = {"default_notifications", "consent_data_protection", f"consent_{step.channel}"}
            if visit.status not in STATUSES or not wanted <= patient.consents:
                continue
            moment = _moment(visit, step, steps, clinic, seen)
            if moment is not None and _address(patient, step.channel, clinic):
                goes.append((moment, visit, step))
        for moment, visit, step in goes:
            if not any(other.lead < step.lead and _together(moment, at, seen) for at, _, other in goes):
                named[visit.patient_ref, step.channel].append((moment, visit, step))
    for (patient_ref, channel), found in named.items():
        patient = agenda.patients[patient_ref]
        for moment, visit in _apart(sorted(found, key=lambda one: (one[0], one[1].line)), clinic):
            if moment <= until:
                wall = _local(visit.start, clinic).strftime("%Y-%m-%d %H:%M")
                yield Due(clinic.slug, channel, _address(patient, channel, clinic), patient.first_name, wall, moment)


def _together(moment: datetime, nearer: datetime, seen: datetime) -> bool:
    """Whether a nearer step falls due in the step of the clock in which this one does: then it alone goes (F31)."""
    return moment <= nearer <= seen + -(-(moment - seen) // STEP) * STEP


def _apart(found: list[tuple[datetime, Visit, Step]], clinic: AgendaClinic) -> Iterator[tuple[datetime, Visit]]:
    """A patient's messages over one channel: ten minutes lie between two, and after three in a day the next waits."""
    gone: list[datetime] = []
    for due, visit, step in found:
        moment = max([due, *(at + 10 * MINUTE for at in gone[-1:]), *(at + DAY for at in gone[-3:-2])])
        moment = _first_allowed(moment, clinic)
        longest = timedelta(hours=6) if step.lead >= timedelta(hours=12) else 45 * MINUTE
        if moment < min(visit.start - _margin(step), due + longest):
            gone.append(moment)
            yield moment, visit


def _address(patient: Patient, channel: str, clinic: AgendaClinic) -> str:
    """Where it reaches the patient; empty where nowhere. A landline takes no SMS."""
    if channel == EMAIL:
        return patient.email.lower()
    numbers = [_number(phone, clinic.country) for phone in patient.phones]
    if patient.phone:
        number, line = _number(patient.phone, clinic.country)
    else:
        mobiles = (one for one in numbers if one[1] == PhoneNumberType.MOBILE)
        number, line = next(mobiles, numbers[0] if numbers else ("", PhoneNumberType.UNKNOWN))
    return "" if line == PhoneNumberType.FIXED_LINE else number


def _number(phone: str, country: str) -> tuple[str, int]:
    """(E.164 or empty, kind of line)."""
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return "", PhoneNumberType.UNKNOWN
    if not phonenumbers.is_valid_number(number):
        return "", PhoneNumberType.UNKNOWN
    form = phonenumbers.PhoneNumberFormat.E164
    return phonenumbers.format_number(number, form), phonenumbers.number_type(number)


def _moment(visit: Visit, step: Step, steps: tuple[Step, ...], clinic: AgendaClinic, seen: datetime) -> datetime | None:
    """When it leaves by itself; None when it never does."""
    named = visit.start - step.lead
    if named <= seen:
        nearer = any(other.lead < step.lead and visit.start - other.lead <= seen for other in steps)
        due = None if nearer else _late(seen, clinic.late[step.channel == SMS], clinic)
    else:
        due = _earlier(named, clinic)
        if due <= seen:
            due = _first_allowed(named, clinic)
    return due if due is not None and due < visit.start - _margin(step) else None


def _margin(step: Step) -> timedelta:
    return min(timedelta(minutes=60 if step.channel == EMAIL else 30), step.lead / 2)


def _late(seen: datetime, policy: str, clinic: AgendaClinic) -> datetime | None:
    if policy == "next_allowed":
        return _first_allowed(seen, clinic)
    return seen if policy == "send_now" and _is_allowed(seen, clinic) else None


def _earlier(moment: datetime, clinic: AgendaClinic) -> datetime:
    """Off a closed day to the same wall time of the open day before, out of quiet hours to half an hour before."""
    while not _is_allowed(moment, clinic):
        local = _local(moment, clinic)
        if local.isoweekday() in clinic.closed_weekdays:
            local -= DAY  # the wall clock's day, whatever the zone's clocks do in between
        elif local.time() < _OPENS:
            local = datetime.combine(local.date() - DAY, _CLOSES, local.tzinfo) - timedelta(minutes=30)
        else:
            local = datetime.combine(local.date(), _CLOSES, local.tzinfo) - timedelta(minutes=30)
        moment = local.astimezone(UTC)
    return moment


def _first_allowed(moment: datetime, clinic: AgendaClinic) -> datetime:
    while not _is_allowed(moment, clinic):
        moment = moment.replace(second=0, microsecond=0) + MINUTE
    return moment


def _is_allowed(moment: datetime, clinic: AgendaClinic) -> bool:
    local = _local(moment, clinic)
    return local.isoweekday() not in clinic.closed_weekdays and _OPENS <= local.time() < _CLOSES


def _local(moment: datetime, clinic: AgendaClinic) -> datetime:
    return moment.astimezone(ZoneInfo(clinic.time_zone))
