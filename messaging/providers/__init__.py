"""What is a provider? One network call in plain values, and the vendor's words turned into ours.

A new one is a module here, a line in settings.MESSAGING_PROVIDERS and a test file. `send` makes one call, sets its
timeouts and retries nothing; it raises `SendError` (provably not sent) or `Ambiguous` (may have been sent).
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.outcomes import Accepted


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


class Provider(Protocol):
    """What `messaging.delivery` asks of a vendor's module."""

    def send(self, account: Account, message: Outgoing, *, attempt_token: str, callback_url: str) -> Accepted:
        """One call. Raises SendError or Ambiguous."""


@cache
def provider(name: str) -> Provider:
    """The provider of that name; one instance a process, so that it can keep its connections."""
    made: Provider = import_string(settings.MESSAGING_PROVIDERS[name])()
    return made
