"""Shall this reminder go? The one decision: pure, all gates, always. Sender, chips and forecast ask it alike.

`decide` looks at every gate and returns all of them, in the order in which staff would mend them; a gate whose facts
are missing is not applicable. The verdict follows from the gates alone. Nobody else repeats a condition of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from messaging.channels import Channel
from reminders.kinds import LatePolicy
from reminders.timing import Hours, Known, Schedule, Timing, first_allowed, schedule


class Verdict(StrEnum):
    """What follows from the gates."""

    SEND = "send"
    WAIT = "wait"  #: not yet: `until` says when to look again
    HOLD = "hold"  #: waits for something that is not this reminder's time: `until` says when to look again
    SKIP = "skip"  #: a gate says no
    EXPIRE = "expire"  #: its deadline has passed
    CANCEL = "cancel"  #: the appointment or the rule is gone
    SUPERSEDE = "supersede"  #: the appointment moved: another reminder stands for the new time


@dataclass(frozen=True)
class Gate:
    """One condition of sending, as it was seen. `passed` is None where it does not apply; `value` is never an address
    or a name, so that frozen gates hold no contact data."""

    code: str
    passed: bool | None
    value: str = ""


@dataclass(frozen=True)
class ClinicFacts:
    """The tenant's switches."""

    suspended: bool
    channels_on: frozenset[str]
    default_channel: str
    paused_until: datetime | None
    test_mode: bool
    hours: Hours


@dataclass(frozen=True)
class RuleFacts:
    """The live rule; None of it is copied into the reminder."""

    active: bool
    channel: str
    statuses: frozenset[str]
    timing: Timing
    late_policy: LatePolicy


@dataclass(frozen=True)
class AppointmentFacts:
    """The appointment as it stands. Times are aware."""

    start: datetime
    status: str
    deleted: bool
    occurrence: int
    grace_until: datetime
    #: Channels switched off for this appointment.
    unwanted: frozenset[str] = frozenset()
    #: Channels marked as reminded elsewhere for this occurrence; "" means all.
    marked: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PatientFacts:
    """What the patient said, and whether an address for the channel is there (never the address itself)."""

    archived: bool
    default_notifications: bool
    consent_data_protection: bool
    consents: frozenset[str]
    preferred_channel: str
    has_address: bool
    address_valid: bool
    #: Whether the number marked for reminders is a landline.
    landline: bool = False


@dataclass(frozen=True)
class ReminderFacts:
    """The reminder's own part."""

    channel: Channel
    occurrence: int
    first_seen: datetime
    already_sent: bool


@dataclass(frozen=True)
class Facts:
    """Everything the decision looks at."""

    clinic: ClinicFacts
    rule: RuleFacts
    appointment: AppointmentFacts
    patient: PatientFacts | None
    reminder: ReminderFacts
    has_sender: bool
    has_wording: bool
    #: Names of merge fields used by the wording that have no value here.
    empty_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """All gates and the verdict. `until` is the moment it waits for, or would go; None where it never goes."""

    verdict: Verdict
    gates: tuple[Gate, ...]
    until: datetime | None
    schedule: Schedule

    @property
    def failed(self) -> tuple[Gate, ...]:
        """The gates that say no."""
        return tuple(gate for gate in self.gates if gate.passed is False)

    def frozen(self) -> list[list[object]]:
        """The gates in the compact form that is kept with the reminder."""
        return [[gate.code, gate.passed, gate.value] for gate in self.gates]


def resolve_channel(rule_channel: str, preferred: str, default: str) -> str:
    """The channel a rule goes over: its own, else the patient's preferred one, else the clinic's default. "none" is an
    answer too. Marks, flags and consents are gates of that channel and choose no other."""
    return rule_channel or preferred or default


#: Gates that end the reminder because it no longer stands for anything; not a refusal.
_GONE = {
    "cancelled": Verdict.CANCEL,
    "deleted": Verdict.CANCEL,
    "rule_inactive": Verdict.CANCEL,
    "moved": Verdict.SUPERSEDE,
    "status_not_eligible": Verdict.CANCEL,
}
#: Gates about the moment alone: waiting opens them, or its deadline passes.
_MOMENT = frozenset({"due", "quiet_hours", "paused", "deadline", "in_the_past"})
#: Gates that no waiting opens again.
_FINAL = frozenset({"window_passed", "no_allowed_moment", "deadline", "lead_time_misconfigured"})


def decide(facts: Facts, now: datetime) -> Decision:
    """The decision on one reminder at `now` (aware). Looks at nothing else."""
    plan = _schedule(facts)
    moment = max(now, plan.due or now)
    leaves = first_allowed(moment, facts.clinic.hours)
    in_time = now < plan.deadline and (leaves is None or plan.due is None or leaves < plan.deadline)
    gates = (
        *_clinic_gates(facts, now),
        *_rule_gates(facts, plan),
        *_appointment_gates(facts, now),
        *_patient_gates(facts),
        *_wording_gates(facts),
        Gate("deadline", in_time, plan.deadline.isoformat()),
        Gate("quiet_hours", leaves == moment, leaves.isoformat() if leaves else ""),
        Gate("due", plan.due is not None and now >= plan.due, plan.due.isoformat() if plan.due else ""),
    )
    verdict = _verdict(gates)
    held_until = min(facts.clinic.paused_until or now, plan.deadline)  # a pause that outlasts it ends in `expired`
    waits = {Verdict.WAIT: leaves, Verdict.HOLD: held_until, Verdict.SEND: now}
    return Decision(verdict, gates, waits.get(verdict), plan)


def _schedule(facts: Facts) -> Schedule:
    known = Known(
        first_seen=facts.reminder.first_seen,
        grace_until=facts.appointment.grace_until,
        late_policy=facts.rule.late_policy,
        paused_until=facts.clinic.paused_until,
    )
    return schedule(facts.appointment.start, facts.rule.timing, facts.clinic.hours, facts.reminder.channel, known)


def _verdict(gates: tuple[Gate, ...]) -> Verdict:
    failed = {gate.code for gate in gates if gate.passed is False}
    gone = next((verdict for code, verdict in _GONE.items() if code in failed), None)
    if gone is not None:
        return gone
    if not failed:
        return Verdict.SEND
    if "deadline" in failed and failed <= _MOMENT:
        return Verdict.EXPIRE
    if failed & _FINAL or not failed & _MOMENT or ("due" not in failed and failed - _MOMENT):
        return Verdict.SKIP
    return Verdict.HOLD if "paused" in failed else Verdict.WAIT  # what is closed may be mended before its moment


def _clinic_gates(facts: Facts, now: datetime) -> Iterator[Gate]:
    clinic, channel = facts.clinic, facts.reminder.channel
    yield Gate("clinic_suspended", not clinic.suspended)
    yield Gate("channel_off", channel in clinic.channels_on, channel)
    paused = clinic.paused_until is not None and now < clinic.paused_until
    yield Gate("paused", not paused, clinic.paused_until.isoformat() if paused and clinic.paused_until else "")
    yield Gate("test_mode_guest_list", not clinic.test_mode)


def _rule_gates(facts: Facts, plan: Schedule) -> Iterator[Gate]:
    rule = facts.rule
    yield Gate("rule_inactive", rule.active)
    yield Gate("lead_time_misconfigured", rule.timing.amount > 0 and plan.nominal < facts.appointment.start)
    passed = not (plan.late and plan.due is None)
    yield Gate("window_passed", passed, plan.nominal.isoformat())
    yield Gate("no_allowed_moment", plan.late or plan.due is not None, plan.nominal.isoformat())


def _appointment_gates(facts: Facts, now: datetime) -> Iterator[Gate]:
    appointment, reminder, rule = facts.appointment, facts.reminder, facts.rule
    yield Gate("no_patient", facts.patient is not None)
    yield Gate("cancelled", appointment.status != "cancelled")
    yield Gate("deleted", not appointment.deleted)
    yield Gate("moved", appointment.occurrence == reminder.occurrence, str(appointment.occurrence))
    yield Gate("status_not_eligible", appointment.status in rule.statuses, appointment.status)
    yield Gate("in_the_past", now < appointment.start, appointment.start.isoformat())
    yield Gate("appointment_reminder_off", reminder.channel not in appointment.unwanted, reminder.channel)
    yield Gate("already_sent", not reminder.already_sent)
    mark = appointment.marked.get("") or appointment.marked.get(reminder.channel, "")
    yield Gate("reminded_elsewhere", not mark, mark)


def _patient_gates(facts: Facts) -> Iterator[Gate]:
    patient, channel = facts.patient, facts.reminder.channel
    if patient is None:
        for code in PATIENT_GATES:
            yield Gate(code, None)
        return
    chosen = resolve_channel(facts.rule.channel, patient.preferred_channel, facts.clinic.default_channel)
    yield Gate("patient_archived", not patient.archived)
    yield Gate("default_notifications_off", patient.default_notifications)
    yield Gate("consent_data_protection_off", patient.consent_data_protection)
    yield Gate("consent_channel_off", channel in patient.consents, channel)
    yield Gate("preferred_channel_differs", chosen == channel, chosen)
    yield Gate("no_address", patient.has_address, channel)
    yield Gate("address_invalid", patient.address_valid if patient.has_address else None, channel)
    texts = channel in (Channel.SMS, Channel.WHATSAPP) and patient.has_address
    yield Gate("landline", not patient.landline if texts else None, channel)


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


def _wording_gates(facts: Facts) -> Iterator[Gate]:
    yield Gate("no_wording", facts.has_wording, facts.reminder.channel)
    fields = ", ".join(facts.empty_fields)
    yield Gate("merge_field_empty", not facts.empty_fields if facts.has_wording else None, fields)
    yield Gate("sender_not_configured", facts.has_sender, facts.reminder.channel)
