"""What is the model's little world made of? Plain rows, with the words of the design's first chapter.

The numbers by which rows are known (`key`) are whatever the caller names them by; nothing else comes from the product.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from tests.forecast.wall import Hours

EMAIL, SMS = "email", "sms"
REMINDER, CONFIRMATION = "reminder", "confirmation"
BOOKING, CHANGE, CANCELLATION = "booking", "change", "cancellation"
NOTICES = (BOOKING, CHANGE, CANCELLATION)
#: Named states of a reminder. Between drains a claim is never seen, and `sending` only while evidence is waited for.
PLANNED, HELD, SENT, FAILED, EXPIRED = "planned", "held", "handed_over", "failed", "expired"
SKIPPED, CANCELLED, SUPERSEDED = "skipped", "cancelled", "superseded"
SENDING, UNCERTAIN = "sending", "uncertain"
OPEN = (PLANNED, HELD)
PRIMARY, FALLBACK = "primary", "fallback"


@dataclass
class Place:
    """A location: its zone where it is another than the clinic's, and days on which it alone is closed."""

    zone: str = ""
    closed_days: set[date] = field(default_factory=set)


@dataclass
class Clinic:
    """The tenant's switches. Closed days without a place are closed everywhere."""

    zone: str = "Europe/Madrid"
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    closed_weekdays: set[int] = field(default_factory=set)
    closed_days: set[date] = field(default_factory=set)
    paused_until: datetime | None = None
    channels_on: set[str] = field(default_factory=lambda: {EMAIL, SMS})
    default_channel: str = EMAIL
    senders: set[str] = field(default_factory=lambda: {EMAIL, SMS})
    #: (kind, channel) → whether its wording holds a field (the practitioner's phone) that may be empty.
    wordings: dict[tuple[str, str], bool] = field(default_factory=dict)
    #: (practitioner, kind) that the practitioner's own package has switched off.
    package_off: set[tuple[int, str]] = field(default_factory=set)
    #: The practitioners who have a phone.
    phones: set[int] = field(default_factory=set)
    places: dict[int, Place] = field(default_factory=dict)

    def hours(self, place: int | None) -> Hours:
        """When something may leave at that place."""
        at = self.places.get(place or 0, Place())
        return Hours(
            str(ZoneInfo(at.zone or self.zone)), self.quiet_from, self.quiet_until, frozenset(self.closed_weekdays),
            frozenset(self.closed_days | at.closed_days),
        )  # fmt: skip


@dataclass
class Rule:
    """One step of the clinic's reminding."""

    key: int
    kind: str = REMINDER
    timing: str = "before_elapsed"  # or days_before, days_before_at, on_event
    amount: int = 24 * 60
    working_days: bool = False
    at_time: time | None = None
    channel: str = EMAIL  # empty: the patient's preferred one
    statuses: frozenset[str] = frozenset({"scheduled", "confirmed"})
    late_policy: str = "next_allowed"  # or send_now, skip
    practitioners: frozenset[int] = frozenset()
    locations: frozenset[int] = frozenset()
    types: frozenset[int] = frozenset()
    stop_when_confirmed: bool = False
    fallback_channel: str = ""
    fallback_minutes: int | None = None
    active: bool = True


@dataclass
class Patient:
    """Whom to write to. `phone` is a number, or empty; `landline` says which kind it is."""

    key: int
    email: str = "a@b.example"
    phone: str = "+34600123456"
    landline: bool = False
    preferred: str = ""
    default_notifications: bool = True
    data_protection: bool = True
    consents: set[str] = field(default_factory=lambda: {EMAIL, SMS})
    archived: bool = False


@dataclass(frozen=True)
class Facts:
    """What a message tells of an appointment, as far as a change of it is worth a notice."""

    start: datetime
    practitioner: int | None
    location: int | None
    cancelled: bool


@dataclass(frozen=True)
class Agreed:
    """Staff said that the patient is to be told: by notices of which kind and trigger, and when they said so."""

    kind: str
    trigger: str
    at: datetime


@dataclass
class Appointment:
    """What is reminded of."""

    key: int
    start: datetime
    set_at: datetime
    patient: int | None = None
    practitioner: int | None = None
    location: int | None = None
    type: int | None = None
    status: str = "scheduled"
    deleted: bool = False
    occurrence: int = 1
    counter: int = 1
    #: What the last move left: its start and occurrence.
    former: tuple[datetime, int] | None = None
    unwanted: set[str] = field(default_factory=set)
    #: (occurrence, channel or empty for all)
    marks: set[tuple[int, str]] = field(default_factory=set)
    told: Facts | None = None
    #: What he was told before staff said that he knows, and when they said so; None once that is beyond doubt.
    told_before: tuple[Facts, datetime] | None = None
    #: What staff agreed to last; None where the last answer was "no".
    agreed: Agreed | None = None

    def facts(self) -> Facts:
        """As it stands."""
        return Facts(self.start, self.practitioner, self.location, self.status == "cancelled")


@dataclass
class Row:
    """One intended message."""

    appointment: int
    rule: int | None
    trigger: str
    kind: str
    channel: str
    occurrence: int
    first_seen: datetime
    route: str = PRIMARY
    round: int = 1
    #: From when it counts, where that is an event and no lead before the start.
    event_at: datetime | None = None
    by_hand: bool = False
    state: str = PLANNED
    #: When it was to be looked at, as the plan last said, and for which moment it was meant then.
    due: datetime | None = None
    meant: datetime | None = None
    #: Superseded by a move: planned again where the move is taken back.
    by_move: bool = False
    #: Why it did not go: the closed gates.
    why: tuple[str, ...] = ()
    sent_at: datetime | None = None
    #: Opened by what nobody could foresee: a provider that refused or did not deliver.
    unforeseen: bool = False
    #: Until when a delivery is waited for.
    fallback_at: datetime | None = None
    #: Past due and not allowed yet: when it is looked at again, and whether it ever was so.
    waits: datetime | None = None
    waited: bool = False
    #: Of rows that are looked at from one moment on, the lower number goes first: whatever the caller counts by.
    number: int | None = None

    @property
    def name(self) -> tuple[int, int | None, str, str, int]:
        """What the product too knows it by."""
        return (self.appointment, self.rule, self.trigger, self.route, self.round)

    @property
    def open(self) -> bool:
        """Neither ended nor sent."""
        return self.state in OPEN


@dataclass(frozen=True)
class Left:
    """A message that left: of which row, over which channel, when."""

    name: tuple[int, int | None, str, str, int]
    kind: str
    channel: str
    at: datetime
    by_hand: bool = False
