"""What kinds of reminding are there, and in which states can a reminder be? The vocabulary, pure."""

from enum import StrEnum


class Kind(StrEnum):
    """What a message is for."""

    REMINDER = "reminder"
    CONFIRMATION = "confirmation"
    BOOKING = "booking"  #: a notice that the appointment was booked
    CHANGE = "change"  #: a notice that it was changed
    CANCELLATION = "cancellation"  #: a notice that it was cancelled


#: Told because something happened, after staff agreed to it; not counted back from the start.
NOTICES = frozenset({Kind.BOOKING, Kind.CHANGE, Kind.CANCELLATION})


class TimingKind(StrEnum):
    """From what a rule counts."""

    BEFORE_ELAPSED = "before_elapsed"  #: so many minutes of elapsed time before the start
    DAYS_BEFORE_SAME_TIME = "days_before"  #: so many days before, at the same wall time
    DAYS_BEFORE_AT = "days_before_at"  #: so many (working) days before, at a wall time of its own
    ON_EVENT = "on_event"  #: a notice: at the event, after the grace


class LatePolicy(StrEnum):
    """What a rule does when its moment has passed before the appointment was known."""

    SEND_NOW = "send_now"
    NEXT_ALLOWED = "next_allowed"
    SKIP = "skip"


class State(StrEnum):
    """Where a reminder stands; the README draws every arrow."""

    PLANNED = "planned"  #: waits for its moment, or for its next try
    CLAIMED = "claimed"  #: a worker has it and is deciding
    SENDING = "sending"  #: an attempt is written; also while an unknown attempt waits for evidence
    HELD = "held"  #: waits for something that is not time: a pause, later a breaker or credit
    HANDED_OVER = "handed_over"  #: the provider took it
    FAILED = "failed"  #: it cannot be sent, or gave up
    EXPIRED = "expired"  #: its deadline passed
    UNCERTAIN = "uncertain"  #: it may have been sent, and nobody can tell
    SKIPPED = "skipped"  #: a gate said no at its moment; the gates are frozen with it
    CANCELLED = "cancelled"  #: the appointment was cancelled or deleted, or the rule no longer applies
    SUPERSEDED = "superseded"  #: a newer occurrence or step took its place

    @classmethod
    def _missing_(cls, value: object) -> "State":
        """What a newer release on the same database has written is shown as in somebody's hands, and left to it."""
        return cls.CLAIMED


#: Not decided yet by anything but the plan: the plan may still change or end them.
OPEN_STATES = frozenset({State.PLANNED, State.HELD})
#: A worker has them.
IN_FLIGHT_STATES = frozenset({State.CLAIMED, State.SENDING})
ENDED_STATES = frozenset(State) - OPEN_STATES - IN_FLIGHT_STATES


class Origin(StrEnum):
    """Which way a reminder came."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    BULK = "bulk"


class Route(StrEnum):
    """The rule's own channel, or the one that opens when it fails."""

    PRIMARY = "primary"
    FALLBACK = "fallback"
