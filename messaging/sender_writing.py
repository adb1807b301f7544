"""How does a clinic's sender change? The one writer of Sender, after the demo's; secrets go in and never come out.

There is one active sender a channel. It is changed in place, as attempts point to it. An account that was let be and is
changed is tried with one message at once.
"""

from dataclasses import dataclass, field
from typing import Any

from clinics.models import Clinic, SettingArea, SettingEvent
from clinics.setting_log import Act, differences, newest, note_change
from messaging import sender_state
from messaging.channels import Channel
from messaging.models import Sender

#: Where a change must come with the secret again: else it could be led to a server that writes it down.
ACCOUNT_FIELDS = ("provider", "host", "port", "security", "username")
_FIELDS = (*ACCOUNT_FIELDS, "address", "display_name")


@dataclass(frozen=True)
class NewSender:
    """What is wanted of a channel's sender. `secret` None keeps the one that is stored."""

    channel: Channel
    provider: str
    address: str
    display_name: str = ""
    host: str = ""
    port: int | None = None
    security: str = ""
    username: str = ""
    secret: str | None = field(default=None, repr=False)


class SecretNeeded(ValueError):
    """The account changed, or is new: its secret must be given with it."""


def active_sender(channel: Channel) -> Sender | None:
    """The clinic's sender on that channel; inside `in_clinic`."""
    found: Sender | None = Sender.objects.filter(channel=channel, active=True).first()
    return found


def needs_secret(present: Sender | None, wanted: NewSender) -> bool:
    """Whether the secret must be given again: there is none yet, or what it is sent to changes."""
    if present is None or not present.sealed_secret:
        return True
    return any(getattr(present, name) != getattr(wanted, name) for name in ACCOUNT_FIELDS)


def write_sender(clinic: Clinic, wanted: NewSender, act: Act) -> Sender:
    """Makes or changes the channel's sender and keeps who did it; inside `in_clinic`. Raises SecretNeeded."""
    present = Sender.objects.select_for_update(no_key=True).filter(channel=wanted.channel, active=True).first()
    if wanted.secret is None and needs_secret(present, wanted):
        raise SecretNeeded
    row: Sender = present or Sender(clinic=clinic, channel=wanted.channel)
    before = {name: getattr(row, name) for name in _FIELDS} if present else {}
    values = {name: getattr(wanted, name) for name in _FIELDS}
    changed: dict[str, Any] = differences(before, values)
    for name, value in values.items():
        setattr(row, name, value)
    if present is None or changed:
        row.save()
    if wanted.secret is not None:
        row.set_secret(wanted.secret)
        row.save(update_fields=["sealed_secret"])
        changed["secret"] = ["", ""]  # that it changed, never what it is
    if changed.keys() - {"display_name"}:
        sender_state.changed(row)
    note_change(clinic, SettingArea(wanted.channel.value), changed, act)
    return row


def last_try(channel: Channel) -> SettingEvent | None:
    """How the sender in force was last tried; None where it was not since its account changed. Inside `in_clinic`."""
    for event in newest(SettingArea(channel.value)):
        if event.tried and event.details["stored"]:
            return event
        if not event.tried and set(event.details) - {"display_name"}:
            return None
    return None
