"""How can a call to a provider end, whose matter is it, and may it be tried again? Pure.

The classes follow the SMTP replies (RFC 5321 4.2, RFC 3463 for the enhanced codes): what matters is whether the
provider provably does not have the message. Ambiguous is never tried again.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from messaging.channels import Channel


class Purpose(StrEnum):
    """Why a message exists."""

    REMINDER = "reminder"
    TEST = "test"


class AttemptState(StrEnum):
    """Where one provider call stands. Receipts only move it forward."""

    SENDING = "sending"  #: the row is committed, the call is about to start, under way, or was cut off
    ACCEPTED = "accepted"  #: the provider took it over
    DELIVERED = "delivered"  #: the provider reports delivery
    READ = "read"  #: the provider reports that it was read
    FAILED = "failed"  #: provably not sent, refused, bounced or undelivered
    UNKNOWN = "unknown"  #: it may or may not have been sent; settled later by evidence

    @classmethod
    def _missing_(cls, value: object) -> "AttemptState":
        """What a newer release on the same database has written says nothing that this one could go by."""
        return cls.SENDING


#: How much an attempt's state says; receipts never lower it. A failure that the provider reports outranks its taking
#: over, a delivery outranks both.
RANKS = {
    AttemptState.SENDING: 0,
    AttemptState.UNKNOWN: 0,
    AttemptState.ACCEPTED: 1,
    AttemptState.FAILED: 2,
    AttemptState.DELIVERED: 3,
    AttemptState.READ: 4,
}

#: At most one attempt of a message may be in one of these; a unique index in the database holds it.
LIVE_STATES = frozenset(
    {
        AttemptState.SENDING,
        AttemptState.UNKNOWN,
        AttemptState.ACCEPTED,
        AttemptState.DELIVERED,
        AttemptState.READ,
    }
)


class Phase(StrEnum):
    """How far a call had come when it ended."""

    BEGUN = "begun"  #: nothing was called
    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  #: the text is on its way, its end is not written
    DOT = "dot"  #: the end of the text is written: from here on only the reply tells
    REPLY = "reply"  #: the provider answered


class Owner(StrEnum):
    """Whose matter a failure is."""

    CLINIC = "clinic"
    PLATFORM = "platform"
    PROVIDER = "provider"
    MAILBOX = "mailbox"  #: the patient's mailbox or carrier
    PATIENT = "patient"  #: the patient's own choice


class FailureKind(StrEnum):
    """Why a message was provably not sent, in our words."""

    NEVER_CALLED = "never_called"  #: begun, but the call did not start (a worker died, or its lease ran out)
    UNREACHABLE = "unreachable"  #: no connection, no name, no banner, or dropped before the end of the text
    TLS_FAILED = "tls_failed"  #: encryption could not be agreed, or the certificate is not to be trusted
    AUTH_REFUSED = "auth_refused"  #: user name or password refused
    SENDER_REFUSED = "sender_refused"  #: the server does not send for this account or From address
    TARGET_REFUSED = "target_refused"  #: the account's host lies inside a network that must not be reached
    DEFERRED = "deferred"  #: "try later": greylisting, busy, mailbox full for now
    ADDRESS_REFUSED = "address_refused"  #: no such mailbox, or it is disabled
    CONTENT_REFUSED = "content_refused"  #: the server refused the text
    PLATFORM_FAULT = "platform_fault"  #: our own code or set-up failed
    RATE_LIMITED = "rate_limited"  #: the provider takes no more of this sender for the moment
    OPTED_OUT = "opted_out"  #: the patient answered STOP
    TOO_LATE = "too_late"  #: too little time was left for the provider to be of use
    NOT_FOUND_THERE = "not_found_there"  #: asked twice, the provider does not have it
    UNREACHABLE_PHONE = "unreachable_phone"  #: taken over, but the phone was off or without signal
    FILTERED = "filtered"  #: taken over, but the carrier would not carry it
    UNDELIVERED = "undelivered"  #: taken over, but not delivered, for a reason the carrier does not tell

    @classmethod
    def _missing_(cls, value: object) -> "FailureKind":
        """What a newer release on the same database has found is none of the patient's, nor of the clinic's."""
        return cls.PLATFORM_FAULT


@dataclass(frozen=True)
class FailureClass:
    """What follows from a kind: whose matter it is, and how many tries it gets in all."""

    owner: Owner
    tries: int

    @property
    def may_retry(self) -> bool:
        """Whether another try makes sense at all."""
        return self.tries > 1


FAILURES = {
    FailureKind.NEVER_CALLED: FailureClass(Owner.PLATFORM, 1000),
    FailureKind.UNREACHABLE: FailureClass(Owner.PROVIDER, 12),
    FailureKind.TLS_FAILED: FailureClass(Owner.CLINIC, 12),
    FailureKind.AUTH_REFUSED: FailureClass(Owner.CLINIC, 12),
    FailureKind.SENDER_REFUSED: FailureClass(Owner.CLINIC, 12),
    FailureKind.TARGET_REFUSED: FailureClass(Owner.CLINIC, 12),
    FailureKind.DEFERRED: FailureClass(Owner.MAILBOX, 12),
    FailureKind.ADDRESS_REFUSED: FailureClass(Owner.MAILBOX, 1),
    FailureKind.CONTENT_REFUSED: FailureClass(Owner.MAILBOX, 1),
    FailureKind.PLATFORM_FAULT: FailureClass(Owner.PLATFORM, 3),
    FailureKind.RATE_LIMITED: FailureClass(Owner.PROVIDER, 12),
    FailureKind.OPTED_OUT: FailureClass(Owner.PATIENT, 1),
    FailureKind.TOO_LATE: FailureClass(Owner.PLATFORM, 1),
    FailureKind.NOT_FOUND_THERE: FailureClass(Owner.PROVIDER, 6),
    FailureKind.UNREACHABLE_PHONE: FailureClass(Owner.MAILBOX, 1),
    FailureKind.FILTERED: FailureClass(Owner.MAILBOX, 1),
    FailureKind.UNDELIVERED: FailureClass(Owner.MAILBOX, 1),
}

#: The account itself is at fault: further messages of the same account would fail alike, so its lane stops.
ACCOUNT_FAULTS = frozenset(
    {
        FailureKind.TLS_FAILED,
        FailureKind.AUTH_REFUSED,
        FailureKind.SENDER_REFUSED,
        FailureKind.TARGET_REFUSED,
        FailureKind.UNREACHABLE,
    }
)


@dataclass(frozen=True)
class Patience:
    """How a channel tries again: the minutes after the first try, the second …, of which the last repeats, and how many
    tries it makes in all."""

    minutes: tuple[float, ...]
    tries: int


_TEXTS = Patience((0.5, 2, 5, 15, 30), 6)
PATIENCE = {
    Channel.EMAIL: Patience((1, 5, 15, 30, 60), 12),  # greylisting wants five minutes and more
    Channel.SMS: _TEXTS,
    Channel.WHATSAPP: _TEXTS,
    Channel.VOICE: Patience((10, 30), 3),
}


def tries_in_all(kind: FailureKind, channel: Channel) -> int:
    """How many tries a failure of that kind gets over that channel. A call that never started costs none."""
    if kind is FailureKind.NEVER_CALLED:
        return FAILURES[kind].tries
    return min(FAILURES[kind].tries, PATIENCE[channel].tries)


def next_try(
    now: datetime, tries_made: int, kind: FailureKind, channel: Channel, chance: random.Random
) -> datetime | None:
    """When to try again after `tries_made` tries, each wait ±50 % so that a burst does not come back as a burst. None
    when no further try is allowed. A call that never started costs no wait."""
    if tries_made >= tries_in_all(kind, channel):
        return None
    if kind is FailureKind.NEVER_CALLED:
        return now
    minutes = PATIENCE[channel].minutes
    wait = timedelta(minutes=minutes[min(tries_made, len(minutes)) - 1])
    return now + wait * chance.uniform(0.5, 1.5)


@dataclass(frozen=True)
class Accepted:
    """The provider took the message over."""

    provider_ref: str = ""
    code: str = ""


@dataclass(frozen=True)
class Failed:
    """The provider provably does not have the message."""

    kind: FailureKind
    phase: Phase
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Unknown:
    """It may have been sent. Never tried again blindly."""

    phase: Phase
    detail: str = ""


Outcome = Accepted | Failed | Unknown


class Says(StrEnum):
    """What the end of a call says of the sender's account and its server (messaging.sender_state counts it)."""

    NOTHING = ""
    WELL = "well"  #: the server dealt with it, though it may have refused this one patient's address or text
    FAULT = "fault"  #: several in a row speak against the account
    AT_ONCE = "at_once"  #: the account itself was refused: every further call would be, and many lock the account
    SLOWER = "slower"  #: it takes no more so fast
    COUNTED = "counted"  #: it counts where many fail, and says nothing by itself


#: What a failure says; any other kind says nothing.
_SAYS = {
    FailureKind.UNREACHABLE: Says.FAULT,
    FailureKind.TLS_FAILED: Says.AT_ONCE,
    FailureKind.AUTH_REFUSED: Says.AT_ONCE,
    FailureKind.TARGET_REFUSED: Says.AT_ONCE,
    FailureKind.RATE_LIMITED: Says.SLOWER,
    FailureKind.PLATFORM_FAULT: Says.COUNTED,
    FailureKind.ADDRESS_REFUSED: Says.WELL,
    FailureKind.CONTENT_REFUSED: Says.WELL,
    FailureKind.OPTED_OUT: Says.WELL,
}
#: Phases in which nobody has spoken of a patient yet.
_BEFORE_THE_PATIENT = frozenset({Phase.BEGUN, Phase.CONNECT, Phase.TLS, Phase.AUTH, Phase.MAIL})


def says(outcome: Outcome) -> Says:
    """What an end says of the account. A refusal of the sender, or a request to come later, speaks against the account
    alone before a patient was named; afterwards it may be about that one patient."""
    if isinstance(outcome, Accepted):
        return Says.WELL
    if isinstance(outcome, Unknown):
        return Says.FAULT
    alone = outcome.phase in _BEFORE_THE_PATIENT
    if outcome.kind is FailureKind.SENDER_REFUSED:
        return Says.AT_ONCE if alone else Says.FAULT
    if outcome.kind is FailureKind.DEFERRED:
        return Says.FAULT if alone else Says.WELL
    return _SAYS.get(outcome.kind, Says.NOTHING)


class SendError(Exception):
    """A provider's call failed, provably without sending."""

    def __init__(self, kind: FailureKind, phase: Phase, code: str = "", detail: str = "") -> None:
        """`code` and `detail` are the vendor's own words."""
        super().__init__(f"{kind} at {phase} {code}".strip())
        self.failed = Failed(kind, phase, code[:20], detail[:500])


class Ambiguous(Exception):
    """A provider's call was cut off after it may have sent."""

    def __init__(self, phase: Phase, detail: str = "") -> None:
        """`phase` is how far the call had come."""
        super().__init__(f"cut off at {phase}")
        self.unknown = Unknown(phase, detail[:500])
