"""Which rows do decision and wording need? One gathering for many appointments, in a fixed number of queries. A plan
needs the grounds of most, and the whole of few. Who is about to send gathers them locked: see `reminders.taking`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F

from appointments.models import Appointment, AppointmentType, ChannelFlag, NoticeAnswer, RemindedElsewhere
from clinics.clock import shift
from clinics.holidays import OwnDays, closed_around, own_days
from clinics.models import Clinic, Location, Practitioner
from messaging.channels import Channel
from messaging.models import Sender, SenderState
from messaging.sender_state import failing_senders
from patients.models import Patient, Phone
from reminders.kinds import Kind
from reminders.models import PackageSwitch, Rule, TemplateVersion, Told
from reminders.recent import Recent, read
from reminders.timing import GRACE, Hours


@dataclass(frozen=True)
class Wording:
    """A template's words in force."""

    language: str
    subject: str
    body: str


@dataclass
class Grounds:
    """Rows of one clinic, by id: what the moments of its reminders rest on, and whether they stand for anything."""

    clinic: Clinic
    appointments: dict[int, Appointment]
    patients: dict[int, Patient]
    locations: dict[int, Location]
    rules: dict[int, Rule]
    #: appointment → staff's newest answer to "tell the patient?"
    answers: dict[int, NoticeAnswer]
    #: appointment → what the patient was last told
    told: dict[int, Told]
    #: what the clinic says of single days
    own_days: OwnDays
    #: (place, region, whether public holidays count, year) → closed days; all appointments of a year share them
    _closed: dict[tuple[int | None, str, bool, int], frozenset[date]] = field(init=False, default_factory=dict)
    #: what the facts of many reminders have in common; `reminders.facts` keeps it here, as long as these rows live
    shared: dict[tuple[Any, ...], Any] = field(init=False, default_factory=dict)
    _whole: "Material | None" = field(init=False, default=None)

    def whole(self) -> "Material":
        """These rows with all the others, which are read when they are first asked for. Inside `in_clinic`."""
        if self._whole is None:
            self._whole = _with_the_rest(self, *_senders(), recent=_recent(self))
            self._whole.shared = self.shared
        return self._whole

    def zone(self, appointment: Appointment) -> str:
        """The IANA zone of the appointment's place."""
        location = self.locations.get(appointment.location_id or 0)
        return (location.time_zone if location else "") or self.clinic.time_zone

    def hours(self, appointment: Appointment) -> Hours:
        """When something about this appointment may leave by itself."""
        clinic = self.clinic
        return Hours(
            self.zone(appointment),
            clinic.quiet_from,
            clinic.quiet_until,
            frozenset(clinic.closed_weekdays),
            self._closed_days(appointment),
        )

    def _closed_days(self, appointment: Appointment) -> frozenset[date]:
        clinic, year = self.clinic, appointment.start.year
        location = self.locations.get(appointment.location_id or 0)
        key = (appointment.location_id, clinic.region, clinic.public_holidays, year)
        if key not in self._closed:
            self._closed[key] = closed_around(clinic, location, self.own_days, year)
        return self._closed[key]


@dataclass
class Material(Grounds):
    """Everything that decisions and wordings look at."""

    unwanted: dict[int, set[str]]
    #: (appointment, occurrence) → channel ("" for all) → how
    marks: dict[tuple[int, int], dict[str, str]]
    #: (practitioner, kind) that the practitioner's own package has switched off
    switched_off: set[tuple[int, str]]
    #: patient → the number that is marked for reminders
    phones: dict[int, Phone]
    practitioners: dict[int, Practitioner]
    types: dict[int, AppointmentType]
    #: (kind, channel, language) → words
    wordings: dict[tuple[str, str, str], Wording]
    senders: dict[str, Sender]
    #: channel → what is left of its sender's usual pace, where the provider asked for less
    slowed: dict[Channel, float]
    #: channel → its sender's account, where that is let be or waits for its probe
    failing: dict[Channel, SenderState]
    #: channel → until when, by the shifted clock
    failing_until: dict[Channel, datetime]
    #: what began of late to these patients
    recent: Recent

    def whole(self) -> "Material":
        """These rows themselves."""
        return self

    def language(self, appointment: Appointment) -> str:
        """The patient's language, else the clinic's."""
        patient = self.patients.get(appointment.patient_id or 0)
        return (patient.language if patient else "") or self.clinic.language

    def wording(self, kind: Kind, channel: str, appointment: Appointment) -> Wording | None:
        """The words in the patient's language, else in the clinic's: better understood than none."""
        for language in (self.language(appointment), self.clinic.language):
            if found := self.wordings.get((kind, channel, language)):
                return found
        return None


def grace_until(appointment: Appointment) -> datetime:
    """Until when nothing about this appointment leaves by itself after it was booked or moved."""
    return max(appointment.booked_at, appointment.start_set_at) + GRACE


def gather(clinic: Clinic, appointment_ids: Iterable[int]) -> Material:
    """Everything about these appointments. Inside `in_clinic`."""
    return gather_grounds(clinic, _by_id(Appointment, appointment_ids)).whole()


def gather_grounds(clinic: Clinic, appointments: dict[int, Appointment]) -> Grounds:
    """What is to be known of these appointments before anything else is. Inside `in_clinic`."""
    rows = appointments.values()
    answers = NoticeAnswer.objects.filter(appointment__any_of=appointments).order_by("revision", "pk")
    return Grounds(
        clinic=clinic,
        appointments=appointments,
        patients=_by_id(Patient, (row.patient_id for row in rows)),
        locations=_by_id(Location, (row.location_id for row in rows)),
        rules={rule.pk: rule for rule in Rule.objects.order_by("pk")},
        answers={answer.appointment_id: answer for answer in answers},
        told={told.appointment_id: told for told in Told.objects.filter(appointment__any_of=appointments)},
        own_days=own_days(),
    )


def _with_the_rest(
    grounds: Grounds,
    senders: dict[str, Sender],
    slowed: dict[Channel, float],
    failing: dict[Channel, SenderState],
    recent: Recent,
) -> Material:
    appointments, rows = grounds.appointments, grounds.appointments.values()
    ahead = shift() if failing else timedelta(0)
    marks: dict[tuple[int, int], dict[str, str]] = {}
    for mark in RemindedElsewhere.objects.filter(appointment__any_of=appointments):
        marks.setdefault((mark.appointment_id, mark.occurrence), {})[mark.channel] = mark.how
    unwanted: dict[int, set[str]] = {}
    for flag in ChannelFlag.objects.filter(appointment__any_of=appointments, wanted=False):
        unwanted.setdefault(flag.appointment_id, set()).add(flag.channel)
    return Material(
        **{one.name: getattr(grounds, one.name) for one in fields(Grounds) if one.init},
        unwanted=unwanted,
        marks=marks,
        switched_off=set(PackageSwitch.objects.filter(on=False).values_list("practitioner_id", "kind")),
        phones=_phones(row.patient_id for row in rows if row.patient_id),
        practitioners=_by_id(Practitioner, (row.practitioner_id for row in rows)),
        types=_by_id(AppointmentType, (row.type_id for row in rows)),
        wordings=_wordings(),
        senders=senders,
        slowed=slowed,
        failing=failing,
        failing_until={channel: until + ahead for channel, state in failing.items() if (until := state.open_until)},
        recent=recent,
    )


def _recent(grounds: Grounds) -> Recent:
    return read({row.patient_id for row in grounds.appointments.values() if row.patient_id})


def _senders() -> tuple[dict[str, Sender], dict[Channel, float], dict[Channel, SenderState]]:
    """By channel, with what is slowed down and let be of them: mostly nothing, which costs no query of its own."""
    rows = list(
        Sender.objects.filter(active=True).annotate(open_until=F("states__open_until"), slowed=F("states__slowed"))
    )
    failing = failing_senders() if any(sender.open_until for sender in rows) else {}
    slowed = {Channel(sender.channel): sender.slowed for sender in rows if sender.slowed is not None}
    return {sender.channel: sender for sender in rows}, slowed, failing


def _phones(patient_ids: Iterable[int]) -> dict[int, Phone]:
    marked = Phone.objects.filter(patient__any_of=set(patient_ids), use_for_reminders=True)
    return {phone.patient_id: phone for phone in marked}


def _by_id(model: Any, ids: Iterable[int | None]) -> dict[int, Any]:
    return {row.pk: row for row in model.objects.filter(pk__any_of={one for one in ids if one})}


def _wordings() -> dict[tuple[str, str, str], Wording]:
    newest = TemplateVersion.objects.select_related("template").filter(version=F("template__version"))
    return {
        (one.template.kind, one.template.channel, one.template.language): Wording(
            one.template.language, one.subject, one.body
        )
        for one in newest
    }
