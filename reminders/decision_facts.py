"""What does the decision look at? Plain values, pure; `reminders.facts` reads them from the rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from messaging.channels import Channel
from reminders.kinds import Kind, LatePolicy, Route
from reminders.timing import Hours, Timing


@dataclass(frozen=True, slots=True)
class ClinicFacts:
    """The tenant's switches."""

    suspended: bool
    channels_on: frozenset[str]
    default_channel: str
    #: The end of the pause; also one that is over, since it says from when on what it held may go.
    paused_until: datetime | None
    test_mode: bool
    hours: Hours


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """The live rule; none of it is copied into the reminder."""

    active: bool
    channel: str
    statuses: frozenset[str]
    timing: Timing
    late_policy: LatePolicy
    #: Which of its filters the appointment does not pass: "practitioner", "location", "type", joined by a comma.
    mismatch: str = ""
    #: Whether the practitioner's own package has this kind of message.
    kind_on: bool = True
    stop_when_confirmed: bool = False
    has_fallback: bool = False


@dataclass(frozen=True, slots=True)
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
    marked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a notice rests on: staff's newest answer to "tell the patient?", and what the patient was last told."""

    #: This notice is of the newest answer; else a newer one takes its place.
    newest: bool
    #: The newest answer is no.
    declined: bool
    #: The appointment differs from what the patient was last told; None where that does not matter.
    differs: bool | None
    #: The start that the patient was last told.
    told_start: datetime


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """The reminder's own part."""

    channel: Channel
    occurrence: int
    first_seen: datetime
    already_sent: bool
    kind: Kind = Kind.REMINDER
    route: Route = Route.PRIMARY
    #: A person said "send now".
    by_hand: bool = False
    #: What it counts from where it is not the rule's lead time; see Reminder.event_at.
    event_at: datetime | None = None
    #: Only of a notice.
    notice: NoticeFacts | None = None
    #: When other messages went to the same patient over the same channel, within the last day.
    recent: tuple[datetime, ...] = ()
    #: When the steps of its series nearer to the start go, or went: one that goes once this one is due stands for it.
    nearer_go_at: tuple[datetime, ...] = ()

    @property
    def any_hour(self) -> bool:
        """Whether a person started it: then it may leave in quiet hours."""
        return self.by_hand or self.notice is not None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a reminder's moments rest on, and whether it stands for anything. Where it is not a part of the whole facts,
    it may say nothing of flags, marks, packages, and of what went besides."""

    clinic: ClinicFacts
    rule: RuleFacts
    appointment: AppointmentFacts
    reminder: ReminderFacts


@dataclass(frozen=True, slots=True)
class Facts(Basis):
    """Everything the decision looks at."""

    patient: PatientFacts | None
    has_sender: bool
    has_wording: bool
    #: Names of merge fields used by the wording that have no value here.
    empty_fields: tuple[str, ...] = ()
    #: Until when the sender's account is let be, as it failed again and again; None where it works.
    sender_failing_until: datetime | None = None
