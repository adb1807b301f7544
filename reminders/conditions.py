"""Which conditions does a reminder meet? Each gate once, in the order in which staff would mend them. Pure.

`reminders.decision` draws the verdict from them; nobody else repeats a condition. A gate whose facts are missing, or
that a person's own act waives, is not applicable.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from messaging.channels import Channel
from reminders.decision_facts import Facts
from reminders.kinds import Kind, Route
from reminders.timing import Event, Known, Schedule, first_allowed, schedule, schedule_event


@dataclass(frozen=True)
class Gate:
    """One condition of sending, as it was seen. `passed` is None where it does not apply; `value` is never an address
    or a name, so that frozen gates hold no contact data."""

    code: str
    passed: bool | None
    value: str = ""


#: The gates that speak of the patient, in their order.
PATIENT_GATES = (
    "patient_archived",
    "default_notifications_off",
    "consent_data_protection_off",
    "consent_channel_off",
    "preferred_channel_differs",
    "no_address",
    "address_invalid",
    "landline",
)


def resolve_channel(rule_channel: str, preferred: str, default: str) -> str:
    """The channel a rule goes over: its own, else the patient's preferred one, else the clinic's default. "none" is an
    answer too. Marks, flags and consents are gates of that channel and choose no other."""
    return rule_channel or preferred or default


def schedule_of(facts: Facts) -> Schedule:
    """What timing says of the reminder: from the rule's lead time, or from the event that it counts from."""
    reminder, appointment = facts.reminder, facts.appointment
    known = Known(
        first_seen=reminder.first_seen,
        grace_until=appointment.grace_until,
        late_policy=facts.rule.late_policy,
        paused_until=facts.clinic.paused_until,
        has_fallback=facts.rule.has_fallback and reminder.route is Route.PRIMARY and not reminder.any_hour,
    )
    if reminder.event_at is None:
        return schedule(appointment.start, facts.rule.timing, facts.clinic.hours, reminder.channel, known)
    start = min(appointment.start, reminder.notice.told_start) if reminder.notice else appointment.start
    event = Event(reminder.event_at, start, notice=reminder.notice is not None)
    return schedule_event(event, None if reminder.any_hour else facts.clinic.hours, reminder.channel, known)


def leaves_at(facts: Facts, plan: Schedule, now: datetime) -> datetime | None:
    """The first moment from now on at which it may leave: not before it is due, nor in quiet hours, which do not hold
    back what a person started. None where there never is one."""
    moment = max(now, plan.due or now)
    return moment if facts.reminder.any_hour else first_allowed(moment, facts.clinic.hours)


def gates_of(facts: Facts, plan: Schedule, now: datetime, leaves: datetime | None) -> tuple[Gate, ...]:
    """Every gate, always: the tenant's, the rule's, the appointment's, the patient's, the words', the moment's."""
    return (
        *_clinic_gates(facts, now),
        *_rule_gates(facts, plan),
        *_appointment_gates(facts, now),
        *_notice_gates(facts),
        *_patient_gates(facts),
        *_wording_gates(facts),
        *_moment_gates(facts, plan, now, leaves),
    )


def _clinic_gates(facts: Facts, now: datetime) -> Iterator[Gate]:
    clinic, channel = facts.clinic, facts.reminder.channel
    yield Gate("clinic_suspended", not clinic.suspended)
    yield Gate("channel_off", channel in clinic.channels_on, channel)
    paused = clinic.paused_until is not None and now < clinic.paused_until
    yield Gate("paused", not paused, clinic.paused_until.isoformat() if paused and clinic.paused_until else "")
    yield Gate("test_mode_guest_list", not clinic.test_mode)


def _rule_gates(facts: Facts, plan: Schedule) -> Iterator[Gate]:
    rule, reminder = facts.rule, facts.reminder
    timed = reminder.event_at is None
    yield Gate("rule_inactive", None if reminder.by_hand else rule.active)
    yield Gate("kind_off_for_practitioner", rule.kind_on, reminder.kind)
    yield Gate("rule_filter_mismatch", not rule.mismatch, rule.mismatch)
    before = rule.timing.amount > 0 and plan.nominal < facts.appointment.start
    yield Gate("lead_time_misconfigured", before if timed else None)
    passed = not (plan.late and plan.due is None)
    yield Gate("window_passed", passed if timed else None, plan.nominal.isoformat() if timed else "")
    yield Gate("no_allowed_moment", plan.late or plan.due is not None, plan.nominal.isoformat())


def _appointment_gates(facts: Facts, now: datetime) -> Iterator[Gate]:
    appointment, reminder, rule = facts.appointment, facts.reminder, facts.rule
    by_hand, notice = reminder.by_hand, reminder.notice is not None
    yield Gate("no_patient", facts.patient is not None)
    tells_of_it = reminder.kind is Kind.CANCELLATION
    yield Gate("cancelled", None if tells_of_it else appointment.status != "cancelled")
    yield Gate("deleted", not appointment.deleted)
    yield Gate("status_not_eligible", appointment.status in rule.statuses, appointment.status)
    yield Gate("appointment_reminder_off", reminder.channel not in appointment.unwanted, reminder.channel)
    yield Gate("already_sent", None if by_hand else not reminder.already_sent)
    mark = appointment.marked.get("") or appointment.marked.get(reminder.channel, "")
    yield Gate("reminded_elsewhere", None if notice else not mark, "" if notice else mark)
    same_time = appointment.occurrence == reminder.occurrence
    yield Gate("moved", None if notice else same_time, "" if notice else str(appointment.occurrence))
    stops = rule.stop_when_confirmed and appointment.status == "confirmed"
    yield Gate("already_confirmed", None if by_hand or notice else not stops)
    yield Gate("in_the_past", now < appointment.start, appointment.start.isoformat())


def _notice_gates(facts: Facts) -> Iterator[Gate]:
    notice = facts.reminder.notice
    yield Gate("notice_declined", None if notice is None else not notice.declined)
    yield Gate("newer_notice", None if notice is None else notice.newest)
    yield Gate("nothing_changed", None if notice is None else notice.differs)


def _patient_gates(facts: Facts) -> Iterator[Gate]:
    patient, reminder = facts.patient, facts.reminder
    channel = reminder.channel
    if patient is None:
        for code in PATIENT_GATES:
            yield Gate(code, None)
        return
    yield Gate("patient_archived", not patient.archived)
    yield Gate("default_notifications_off", patient.default_notifications)
    yield Gate("consent_data_protection_off", patient.consent_data_protection)
    yield Gate("consent_channel_off", channel in patient.consents, channel)
    chosen = resolve_channel(facts.rule.channel, patient.preferred_channel, facts.clinic.default_channel)
    free = reminder.by_hand or reminder.route is Route.FALLBACK
    yield Gate("preferred_channel_differs", None if free else chosen == channel, "" if free else chosen)
    yield Gate("no_address", patient.has_address, channel)
    yield Gate("address_invalid", patient.address_valid if patient.has_address else None, channel)
    texts = channel in (Channel.SMS, Channel.WHATSAPP) and patient.has_address
    yield Gate("landline", not patient.landline if texts else None, channel)


def _wording_gates(facts: Facts) -> Iterator[Gate]:
    yield Gate("no_wording", facts.has_wording, facts.reminder.channel)
    fields = ", ".join(facts.empty_fields)
    yield Gate("merge_field_empty", not facts.empty_fields if facts.has_wording else None, fields)
    yield Gate("sender_not_configured", facts.has_sender, facts.reminder.channel)


def _moment_gates(facts: Facts, plan: Schedule, now: datetime, leaves: datetime | None) -> Iterator[Gate]:
    in_time = now < plan.deadline and (leaves is None or plan.due is None or leaves < plan.deadline)
    yield Gate("deadline", in_time, plan.deadline.isoformat())
    allowed = None if facts.reminder.any_hour else leaves == max(now, plan.due or now)
    yield Gate("quiet_hours", allowed, leaves.isoformat() if leaves else "")
    yield Gate("due", plan.due is not None and now >= plan.due, plan.due.isoformat() if plan.due else "")
