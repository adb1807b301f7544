"""What does the decision look at? Rows turned into plain facts; the one place that knows both."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from appointments.models import Appointment, Status
from messaging.channels import Channel
from patients.models import LineType, Patient
from reminders.compose import lacking
from reminders.conditions import resolve_channel
from reminders.decision_facts import (
    AppointmentFacts,
    Basis,
    ClinicFacts,
    Facts,
    NoticeFacts,
    PatientFacts,
    ReminderFacts,
    RuleFacts,
)
from reminders.kinds import IN_FLIGHT_STATES, NOTICES, Kind, LatePolicy, Origin, Route, State, TimingKind
from reminders.material import Grounds, Material, Wording, grace_until
from reminders.models import Reminder, Rule
from reminders.recent import own_key
from reminders.timing import Timing
from reminders.told import differs, told_start

#: A reminder in one of these has gone, or may have.
GONE_STATES = IN_FLIGHT_STATES | {State.HANDED_OVER, State.UNCERTAIN}
#: The statuses in which staff may remind by hand, and a cancellation is told.
_BY_HAND_STATUSES = frozenset({Status.REQUESTED, Status.SCHEDULED, Status.CONFIRMED})
_CANCELLED = frozenset({Status.CANCELLED})
_CHANNELS = frozenset(Channel)
#: Stands for the lead time of what is sent by hand without a rule; nothing is counted from it.
_NO_LEAD = Timing(TimingKind.BEFORE_ELAPSED, 1)
_NOTHING: Mapping[str, str] = {}


def channel_of(material: Grounds, rule: Rule, appointment: Appointment) -> Channel:
    """The channel a rule goes over for this appointment's patient. A patient who wants none, or one that does not
    exist, leaves the clinic's default, whose gate then says so."""
    patient = material.patients.get(appointment.patient_id or 0)
    default = material.clinic.default_channel
    chosen = resolve_channel(rule.channel, patient.preferred_channel if patient else "", default)
    return Channel(chosen if chosen in _CHANNELS else default)


def mismatch(rule: Rule, appointment: Appointment) -> str:
    """Which of the rule's filters the appointment does not pass, joined by a comma; empty where it passes all."""
    if not (rule.practitioners or rule.locations or rule.types):
        return ""
    wanted = (
        ("practitioner", rule.practitioners, appointment.practitioner_id),
        ("location", rule.locations, appointment.location_id),
        ("type", rule.types, appointment.type_id),
    )
    return ", ".join(name for name, ids, own in wanted if ids and own not in ids)


def basis_of(material: Grounds, appointment: Appointment, rule: Rule | None, reminder: Reminder) -> Basis:
    """What the moments of that reminder rest on, made or still to be made."""
    part = _part(material, reminder, already_sent=False, recent=())
    return Basis(
        clinic=_clinic(material, appointment),
        rule=_rule(material, appointment, rule, part, kind_on=True),
        appointment=_bare(appointment),
        reminder=part,
    )


def facts_of(material: Material, appointment: Appointment, rule: Rule | None, part: ReminderFacts) -> Facts:
    """The facts of one reminder, made or still to be made; without a rule it is one that a person sends by hand."""
    wording = material.wording(part.kind, part.channel, appointment)
    kind_on = (appointment.practitioner_id or 0, part.kind) not in material.switched_off
    return Facts(
        clinic=_clinic(material, appointment),
        rule=_rule(material, appointment, rule, part, kind_on=kind_on),
        appointment=_appointment(material, appointment),
        patient=_patient(material, appointment, part.channel),
        reminder=part,
        has_sender=part.channel in material.senders,
        has_wording=wording is not None,
        empty_fields=_lacking(material, appointment, wording) if wording else (),
        sender_failing_until=material.failing_until.get(part.channel),
    )


def part_of(material: Material, reminder: Reminder, siblings: Iterable[Reminder] = ()) -> ReminderFacts:
    """The reminder's own part; `siblings` are the other rounds of the same step."""
    patient_id = material.appointments[reminder.appointment_id].patient_id
    went = (one for one in siblings if one.state in GONE_STATES and one.pk != reminder.pk)
    return _part(
        material,
        reminder,
        already_sent=any(_same_step(one, reminder) for one in went),
        recent=material.recent.beside(patient_id, reminder.channel, own_key(reminder)),
    )


def _part(material: Grounds, reminder: Reminder, *, already_sent: bool, recent: tuple[datetime, ...]) -> ReminderFacts:
    kind = Kind(reminder.kind)
    return ReminderFacts(
        channel=Channel(reminder.channel),
        occurrence=reminder.occurrence,
        first_seen=reminder.planned_at,
        already_sent=already_sent,
        kind=kind,
        route=Route(reminder.route),
        by_hand=reminder.origin != Origin.AUTOMATIC,
        event_at=reminder.event_at,
        notice=_notice(material, reminder) if kind in NOTICES else None,
        recent=recent,
    )


def _same_step(one: Reminder, other: Reminder) -> bool:
    return (one.appointment_id, one.rule_id, one.trigger, one.route) == (
        other.appointment_id,
        other.rule_id,
        other.trigger,
        other.route,
    )


def _notice(material: Grounds, reminder: Reminder) -> NoticeFacts:
    appointment = material.appointments[reminder.appointment_id]
    answer, told = material.answers.get(appointment.pk), material.told.get(appointment.pk)
    return NoticeFacts(
        newest=answer is None or not answer.notify or reminder.trigger == notice_trigger(answer.revision),
        declined=answer is not None and not answer.notify,
        differs=None if reminder.kind == Kind.BOOKING or told is None else differs(told, appointment),
        told_start=told_start(told) if told else appointment.start,
    )


def notice_trigger(revision: int) -> str:
    """What the reminders of a notice carry: the appointment's revision that was asked about."""
    return f"c{revision}"


def _clinic(material: Grounds, appointment: Appointment) -> ClinicFacts:
    clinic, key = material.clinic, (ClinicFacts, appointment.location_id, appointment.start.year)
    if key not in material.shared:
        material.shared[key] = ClinicFacts(
            suspended=clinic.suspended,
            channels_on=frozenset(clinic.channels_on),
            default_channel=clinic.default_channel,
            paused_until=clinic.paused_until,
            test_mode=clinic.test_mode,
            hours=material.hours(appointment),
        )
    facts: ClinicFacts = material.shared[key]
    return facts


def _rule(
    material: Grounds, appointment: Appointment, rule: Rule | None, part: ReminderFacts, *, kind_on: bool
) -> RuleFacts:
    if rule is None:
        return RuleFacts(True, part.channel, _BY_HAND_STATUSES, _NO_LEAD, LatePolicy.SEND_NOW, kind_on=kind_on)
    differs = mismatch(rule, appointment)
    key = (RuleFacts, rule.pk, part.kind, kind_on, differs)
    if key not in material.shared:
        material.shared[key] = RuleFacts(
            active=rule.active,
            channel=rule.channel,
            statuses=_CANCELLED if part.kind is Kind.CANCELLATION else frozenset(rule.statuses),
            timing=Timing(TimingKind(rule.timing), rule.amount, rule.at_time, rule.working_days),
            late_policy=LatePolicy(rule.late_policy),
            mismatch=differs,
            kind_on=kind_on,
            stop_when_confirmed=rule.stop_when_confirmed,
            has_fallback=bool(rule.fallback_channel),
        )
    facts: RuleFacts = material.shared[key]
    return facts


def _appointment(material: Material, appointment: Appointment) -> AppointmentFacts:
    key = (AppointmentFacts, appointment.pk)
    if key not in material.shared:
        material.shared[key] = _bare(
            appointment,
            frozenset(material.unwanted.get(appointment.pk, ())),
            material.marks.get((appointment.pk, appointment.occurrence), {}),
        )
    facts: AppointmentFacts = material.shared[key]
    return facts


def _bare(
    appointment: Appointment, unwanted: frozenset[str] = frozenset(), marked: Mapping[str, str] = _NOTHING
) -> AppointmentFacts:
    return AppointmentFacts(
        start=appointment.start,
        status=appointment.status,
        deleted=appointment.deleted,
        occurrence=appointment.occurrence,
        grace_until=grace_until(appointment),
        unwanted=unwanted,
        marked=marked,
    )


def _lacking(material: Material, appointment: Appointment, wording: Wording) -> tuple[str, ...]:
    key = (Wording, appointment.pk, wording)
    if key not in material.shared:
        material.shared[key] = lacking(material, appointment, wording)
    names: tuple[str, ...] = material.shared[key]
    return names


def _patient(material: Material, appointment: Appointment, channel: Channel) -> PatientFacts | None:
    patient = material.patients.get(appointment.patient_id or 0)
    if patient is None:
        return None
    key = (PatientFacts, patient.pk, channel)
    if key not in material.shared:
        phone = material.phones.get(patient.pk)
        material.shared[key] = PatientFacts(
            archived=patient.archived,
            default_notifications=patient.default_notifications,
            consent_data_protection=patient.consent_data_protection,
            consents=frozenset(one for one in Channel if getattr(patient, f"consent_{one}")),
            preferred_channel=patient.preferred_channel,
            has_address=bool(patient.email) if channel is Channel.EMAIL else phone is not None,
            address_valid=_is_valid(address_of(material, patient, channel), channel),
            landline=phone is not None and phone.line_type == LineType.FIXED,
        )
    facts: PatientFacts = material.shared[key]
    return facts


def address_of(material: Material, patient: Patient, channel: Channel) -> str:
    """Where the channel reaches the patient: an e-mail address, or a number in E.164; empty where nowhere."""
    if channel is Channel.EMAIL:
        return patient.email
    phone = material.phones.get(patient.pk)
    return phone.e164 if phone else ""


def _is_valid(address: str, channel: Channel) -> bool:
    """Whether the address can be one of that channel at all. Numbers are judged when they are written."""
    if channel is not Channel.EMAIL:
        return bool(address)
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True
