"""What does the decision look at? Rows turned into plain facts; the one place that knows both."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from appointments.models import Appointment
from messaging.channels import Channel
from patients.models import LineType, Patient
from reminders.compose import empty_fields, values
from reminders.decision import (
    AppointmentFacts,
    ClinicFacts,
    Facts,
    PatientFacts,
    ReminderFacts,
    RuleFacts,
    resolve_channel,
)
from reminders.kinds import IN_FLIGHT_STATES, Kind, LatePolicy, State, TimingKind
from reminders.material import Material, grace_until
from reminders.models import Reminder, Rule
from reminders.timing import Timing

#: A reminder in one of these has gone, or may have.
GONE_STATES = IN_FLIGHT_STATES | {State.HANDED_OVER, State.UNCERTAIN}


def channel_of(material: Material, rule: Rule, appointment: Appointment) -> Channel:
    """The channel a rule goes over for this appointment's patient. A patient who wants none, or one that does not
    exist, leaves the clinic's default, whose gate then says so."""
    patient = material.patients.get(appointment.patient_id or 0)
    default = material.clinic.default_channel
    chosen = resolve_channel(rule.channel, patient.preferred_channel if patient else "", default)
    return Channel(chosen) if chosen in set(Channel) else Channel(default)


def facts_of(material: Material, appointment: Appointment, rule: Rule, part: ReminderFacts) -> Facts:
    """The facts of one reminder, made or still to be made."""
    wording = material.wording(Kind(rule.kind), part.channel, appointment)
    language = wording.language if wording else material.clinic.language
    return Facts(
        clinic=_clinic(material, appointment),
        rule=_rule(rule),
        appointment=_appointment(material, appointment),
        patient=_patient(material, appointment, part.channel),
        reminder=part,
        has_sender=part.channel in material.senders,
        has_wording=wording is not None,
        empty_fields=empty_fields(wording, values(material, appointment, language)) if wording else (),
    )


def part_of(reminder: Reminder, siblings: Iterable[Reminder] = ()) -> ReminderFacts:
    """The reminder's own part; `siblings` are the other rounds of the same step."""
    sent = any(
        one.pk != reminder.pk
        and (one.appointment_id, one.rule_id, one.occurrence)
        == (reminder.appointment_id, reminder.rule_id, reminder.occurrence)
        and one.state in GONE_STATES
        for one in siblings
    )
    return new_part(Channel(reminder.channel), reminder.occurrence, reminder.planned_at, already_sent=sent)


def new_part(channel: Channel, occurrence: int, first_seen: datetime, *, already_sent: bool = False) -> ReminderFacts:
    """The part of a reminder that the plan sees for the first time."""
    return ReminderFacts(channel, occurrence, first_seen, already_sent)


def _clinic(material: Material, appointment: Appointment) -> ClinicFacts:
    clinic = material.clinic
    return ClinicFacts(
        suspended=clinic.suspended,
        channels_on=frozenset(clinic.channels_on),
        default_channel=clinic.default_channel,
        paused_until=clinic.paused_until,
        test_mode=clinic.test_mode,
        hours=material.hours(appointment),
    )


def _rule(rule: Rule) -> RuleFacts:
    timing = Timing(TimingKind(rule.timing), rule.amount, rule.at_time, rule.working_days)
    return RuleFacts(rule.active, rule.channel, frozenset(rule.statuses), timing, LatePolicy(rule.late_policy))


def _appointment(material: Material, appointment: Appointment) -> AppointmentFacts:
    return AppointmentFacts(
        start=appointment.start,
        status=appointment.status,
        deleted=appointment.deleted,
        occurrence=appointment.occurrence,
        grace_until=grace_until(appointment),
        unwanted=frozenset(material.unwanted.get(appointment.pk, ())),
        marked=material.marks.get((appointment.pk, appointment.occurrence), {}),
    )


def _patient(material: Material, appointment: Appointment, channel: Channel) -> PatientFacts | None:
    patient = material.patients.get(appointment.patient_id or 0)
    if patient is None:
        return None
    phone = material.phones.get(patient.pk)
    return PatientFacts(
        archived=patient.archived,
        default_notifications=patient.default_notifications,
        consent_data_protection=patient.consent_data_protection,
        consents=frozenset(one for one in Channel if getattr(patient, f"consent_{one}")),
        preferred_channel=patient.preferred_channel,
        has_address=bool(patient.email) if channel is Channel.EMAIL else phone is not None,
        address_valid=_is_valid(address_of(material, patient, channel), channel),
        landline=phone is not None and phone.line_type == LineType.FIXED,
    )


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
