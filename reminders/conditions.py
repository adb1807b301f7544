"""Which conditions does a reminder meet? Each gate once, in the order in which staff would mend them. Pure.

`reminders.decision` draws the verdict from them; nobody else repeats a condition. A gate whose facts are missing, or
that a person's own act waives, is not applicable.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from messaging.channels import HANDED_OVER_BEFORE, Channel
from reminders.decision_facts import Basis, Facts
from reminders.guard import free_from
from reminders.kinds import Kind, Route
from reminders.timing import Event, Known, Schedule, first_allowed, schedule, schedule_event


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of sending, as it was seen. `passed` is None where it does not apply; `value` is never an address
    or a name, so that frozen gates hold no contact data."""

    code: str
    passed: bool | None
    value: str = ""


#: A gate whose value is one of few (a channel, a status) is made once and shared: each decision needs thirty of them.
_gate = lru_cache(maxsize=4096)(Gate)

_TEXTS = frozenset({Channel.SMS, Channel.WHATSAPP})
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


def schedule_of(facts: Basis) -> Schedule:
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
    event = Event(reminder.event_at, start, notice=reminder.notice is not None and not reminder.by_hand)
    return schedule_event(event, None if reminder.any_hour else facts.clinic.hours, reminder.channel, known)


def leaves_at(facts: Facts, plan: Schedule, now: datetime) -> datetime | None:
    """The first moment from now on at which it may leave: not before it is due (who else has written to the patient by
    then is looked at then), nor in quiet hours, nor too soon after others to the same patient; neither of these two
    holds back what a person started. None where there never is one."""
    if plan.due is not None and plan.due > now:
        return plan.due  # timing has found it allowed
    if facts.reminder.any_hour:
        return now
    leaves = plan.due if plan.due == now else first_allowed(now, facts.clinic.hours)
    while leaves is not None and (free := free_from(facts.reminder.recent, leaves)) > leaves:
        leaves = first_allowed(free, facts.clinic.hours)
    return leaves


def handed_over_before(facts: Facts, plan: Schedule) -> datetime:
    """Until when, exclusive, it may still go: its deadline, less what its channel needs."""
    return plan.deadline - HANDED_OVER_BEFORE.get(facts.reminder.channel, timedelta(0))


def gates_of(facts: Facts, plan: Schedule, now: datetime, leaves: datetime | None) -> tuple[Gate, ...]:
    """Every gate, always: the tenant's, the rule's, the appointment's, the patient's, the words', the moment's."""
    stands, nearer_step = stands_for_it(facts), _nearer_step(facts, plan, now)
    return (
        *_clinic_gates(facts, now),
        *_rule_gates(facts, plan, stands),
        *_appointment_gates(facts, now, stands, nearer_step),
        *_notice_gates(facts, stands),
        *_patient_gates(facts),
        *_wording_gates(facts),
        *_moment_gates(facts, plan, now, leaves, nearer_step),
    )


class Stands(NamedTuple):
    """The gates that say whether the reminder stands for anything at all; they look at no clock."""

    cancelled: Gate
    deleted: Gate
    rule_inactive: Gate
    rule_filter_mismatch: Gate
    notice_declined: Gate
    moved: Gate
    newer_notice: Gate
    status_not_eligible: Gate


def stands_for_it(facts: Basis) -> Stands:
    """The same gates as among all the others."""
    appointment, reminder, rule = facts.appointment, facts.reminder, facts.rule
    notice, status = reminder.notice, appointment.status
    tells_of_it = reminder.kind is Kind.CANCELLATION
    occurrence = appointment.occurrence
    if notice is None:
        declined, moved, newer = None, occurrence == reminder.occurrence, None
    else:
        declined, moved, newer = not notice.declined, None, notice.newest
    return Stands(
        _gate("cancelled", None if tells_of_it else status != "cancelled"),
        _gate("deleted", not appointment.deleted),
        _gate("rule_inactive", None if reminder.by_hand else rule.active),
        _gate("rule_filter_mismatch", not rule.mismatch, rule.mismatch),
        _gate("notice_declined", declined),
        _gate("moved", moved, "" if notice else str(occurrence)),
        _gate("newer_notice", newer),
        _gate("status_not_eligible", status in rule.statuses, status),
    )


def _clinic_gates(facts: Facts, now: datetime) -> tuple[Gate, ...]:
    clinic, channel = facts.clinic, facts.reminder.channel
    paused = clinic.paused_until is not None and now < clinic.paused_until
    return (
        _gate("clinic_suspended", not clinic.suspended),
        _gate("channel_off", channel in clinic.channels_on, channel),
        Gate("paused", not paused, clinic.paused_until.isoformat() if paused and clinic.paused_until else ""),
        _gate("test_mode_guest_list", not clinic.test_mode),
    )


def _rule_gates(facts: Facts, plan: Schedule, stands: Stands) -> tuple[Gate, ...]:
    rule, reminder = facts.rule, facts.reminder
    timed = reminder.event_at is None
    before = rule.timing.amount > 0 and plan.nominal < facts.appointment.start
    passed = not (plan.late and plan.due is None)
    nominal = plan.nominal.isoformat()
    return (
        stands.rule_inactive,
        _gate("kind_off_for_practitioner", rule.kind_on, reminder.kind),
        stands.rule_filter_mismatch,
        _gate("lead_time_misconfigured", before if timed else None),
        Gate("window_passed", passed if timed else None, nominal if timed else ""),
        Gate("no_allowed_moment", plan.late or plan.due is not None, nominal),
    )


def _appointment_gates(facts: Facts, now: datetime, stands: Stands, nearer_step: Gate) -> tuple[Gate, ...]:
    appointment, reminder = facts.appointment, facts.reminder
    by_hand, notice, channel = reminder.by_hand, reminder.notice is not None, reminder.channel
    mark = appointment.marked.get("") or appointment.marked.get(channel, "")
    stops = facts.rule.stop_when_confirmed and appointment.status == "confirmed"
    return (
        _gate("no_patient", facts.patient is not None),
        stands.cancelled,
        stands.deleted,
        stands.status_not_eligible,
        _gate("appointment_reminder_off", channel not in appointment.unwanted, channel),
        _gate("already_sent", None if by_hand else not reminder.already_sent),
        _gate("reminded_elsewhere", None if notice else not mark, "" if notice else mark),
        stands.moved,
        nearer_step,
        _gate("already_confirmed", None if by_hand or notice else not stops),
        Gate("in_the_past", now < appointment.start, appointment.start.isoformat()),
    )


def _nearer_step(facts: Facts, plan: Schedule, now: datetime) -> Gate:
    """Of several steps that are due together, since nothing could go before, the one nearest the start is enough."""
    reminder = facts.reminder
    if reminder.by_hand or reminder.event_at is not None:
        return _gate("nearer_step", None)
    if reminder.nearer_go_at and plan.due is not None:
        together = [at for at in reminder.nearer_go_at if plan.due <= at <= now]
        if together:
            return Gate("nearer_step", False, min(together).isoformat())
    return _gate("nearer_step", True)


def _notice_gates(facts: Facts, stands: Stands) -> tuple[Gate, ...]:
    notice = facts.reminder.notice
    return (
        stands.notice_declined,
        stands.newer_notice,
        _gate("nothing_changed", None if notice is None else notice.differs),
    )


def _patient_gates(facts: Facts) -> tuple[Gate, ...]:
    patient, reminder = facts.patient, facts.reminder
    channel = reminder.channel
    if patient is None:
        return tuple(_gate(code, None) for code in PATIENT_GATES)
    chosen = resolve_channel(facts.rule.channel, patient.preferred_channel, facts.clinic.default_channel)
    free = reminder.by_hand or reminder.route is Route.FALLBACK
    texts = channel in _TEXTS and patient.has_address
    return (
        _gate("patient_archived", not patient.archived),
        _gate("default_notifications_off", patient.default_notifications),
        _gate("consent_data_protection_off", patient.consent_data_protection),
        _gate("consent_channel_off", channel in patient.consents, channel),
        _gate("preferred_channel_differs", None if free else chosen == channel, "" if free else chosen),
        _gate("no_address", patient.has_address, channel),
        _gate("address_invalid", patient.address_valid if patient.has_address else None, channel),
        _gate("landline", not patient.landline if texts else None, channel),
    )


def _wording_gates(facts: Facts) -> tuple[Gate, ...]:
    channel, fields = facts.reminder.channel, facts.empty_fields
    return (
        _gate("no_wording", facts.has_wording, channel),
        _gate("merge_field_empty", not fields if facts.has_wording else None, ", ".join(fields)),
        _gate("sender_not_configured", facts.has_sender, channel),
    )


def _moment_gates(
    facts: Facts, plan: Schedule, now: datetime, leaves: datetime | None, nearer_step: Gate
) -> tuple[Gate, ...]:
    pause, failing, ends = facts.clinic.paused_until, facts.sender_failing_until, handed_over_before(facts, plan)
    fails = failing is not None and now < failing
    held = fails or (pause is not None and now < pause)  # it may end sooner, and then it names the moment anew
    if held or nearer_step.passed is False:  # whenever it could leave, another goes in its place
        in_time = now < ends
    else:
        in_time = now < ends and (leaves is None or plan.due is None or leaves < ends)
    moment = max(now, plan.due or now)
    due = plan.due.isoformat() if plan.due else ""
    first = due if leaves is plan.due else leaves.isoformat() if leaves else ""
    until = failing.isoformat() if fails and failing else ""
    return (
        _gate("sender_failing", not fails if facts.has_sender else None, until),
        Gate("deadline", in_time, ends.isoformat()),
        _distance_gate(facts, moment, leaves),
        Gate("quiet_hours", _allowed(facts, plan, moment, leaves), first),
        Gate("due", plan.due is not None and now >= plan.due, due),
    )


def _distance_gate(facts: Facts, moment: datetime, leaves: datetime | None) -> Gate:
    """Whether others to the same patient are far enough away at the moment at which it would go for all the rest."""
    any_hour, recent = facts.reminder.any_hour, facts.reminder.recent
    if any_hour or not recent:
        return _gate("too_many_to_this_address", None if any_hour else True)
    free = free_from(recent, moment)
    if free == moment:
        return _gate("too_many_to_this_address", True)
    return Gate("too_many_to_this_address", False, max(free, leaves or free).isoformat())


def _allowed(facts: Facts, plan: Schedule, moment: datetime, leaves: datetime | None) -> bool | None:
    """Whether it is no quiet hour at that moment; None where that does not count."""
    if facts.reminder.any_hour:
        return None
    return moment in (plan.due, leaves) or first_allowed(moment, facts.clinic.hours) == moment
