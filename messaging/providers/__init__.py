"""What is a provider? One network call in plain values, and the vendor's words turned into ours.

A new one is a module here, a line in settings.MESSAGING_PROVIDERS and a test file. `send` makes one call, sets its
timeouts and retries nothing; it raises `SendError` (provably not sent) or `Ambiguous` (may have been sent).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.outcomes import Accepted, AttemptState, FailureKind


@dataclass(frozen=True)
class Account:
    """A clinic's account at a provider, as plain values. The secret never shows in a repr."""

    key: str
    provider: str
    address: str
    display_name: str
    host: str
    port: int
    security: str
    username: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Outgoing:
    """One message as it leaves. Never shown whole in a repr: it is health data."""

    token: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    #: `time.monotonic()` of this process at which the message is of no use any more.
    useless_at: float = field(default=float("inf"), repr=False)

    def seconds_left(self) -> float:
        """How long it is still of use, in seconds."""
        return self.useless_at - time.monotonic()


@dataclass(frozen=True)
class Sought:
    """An attempt of which nobody knows whether the provider has it; `called_at` is real time, UTC."""

    to: str = field(repr=False)
    text: str = field(repr=False)
    called_at: datetime
    #: The provider's references that belong to other attempts.
    taken: frozenset[str]


@dataclass(frozen=True)
class Found:
    """The provider has it."""

    provider_ref: str


@dataclass(frozen=True)
class Absent:
    """The provider answered, and does not have it."""


@dataclass(frozen=True)
class CannotTell:
    """The provider did not answer, or its answer leaves it open."""


@dataclass(frozen=True)
class Report:
    """What a provider's callback says of an attempt, in our words; by `event` a repeated one is known."""

    event: str
    state: AttemptState
    provider_ref: str
    failure: FailureKind | None = None
    code: str = ""


class Forged(Exception):
    """A callback whose signature, account or form is not the provider's."""


class Provider(Protocol):
    """What `messaging.delivery` asks of a vendor's module."""

    #: Whether `find` can tell anything.
    can_be_asked: bool
    #: Whether it says later that a message was delivered.
    reports_delivery: bool

    def pace(self, address: str) -> float | None:
        """How many messages a second the sender of that address may hand over; None: as many as come."""

    def send(self, account: Account, message: Outgoing, *, attempt_token: str, callback_url: str) -> Accepted:
        """One call. Raises SendError or Ambiguous."""

    def find(self, account: Account, sought: Sought) -> Found | Absent | CannotTell:
        """One look whether the provider has it. Never raises for what the network does."""

    def fetch(self, account: Account, provider_ref: str) -> Report | CannotTell:
        """One look at a message that it took over, as its callback would tell of it, with the same event. Never raises
        for what the network does."""

    def claims(self, form: Mapping[str, list[str]]) -> str:
        """The account (Sender.username) that a callback says it comes from, not verified; empty where it says none."""

    def read_callback(self, account: Account, url: str, form: Mapping[str, list[str]], signature: str) -> Report | None:
        """A callback in our words; None where it says nothing of use. Raises Forged."""


@cache
def provider(name: str) -> Provider:
    """The provider of that name; one instance a process, so that it can keep its connections."""
    made: Provider = import_string(settings.MESSAGING_PROVIDERS[name])()
    return made
