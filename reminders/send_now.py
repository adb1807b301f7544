"""How does a person send now? One message, however often and by however many it is asked, also beside an automatic one.

The appointment is locked, then its reminders, as everywhere: a drain that claims one of them either came first and is
seen, or passes it over. What is to go (`reminders.offers`) is left to the next drain, which decides it again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from appointments.models import Appointment
from clinics.models import Clinic, User
from clinics.once import claim, made_by, remember
from clinics.rows import lock_rows
from messaging.channels import Channel
from reminders.material import gather
from reminders.models import Reminder
from reminders.offers import Offer, offer_among, waiting_now
from reminders.plan import bring_up_to_date

_WRITTEN = ["origin", "by", "event_at", "state", "due_at", "deadline", "look_at"]


class Outcome(StrEnum):
    """What became of a "Send now"."""

    GOES = "goes"  #: the drain takes it
    ON_ITS_WAY = "on_its_way"  #: one is being sent, or just went: nothing was made
    REFUSED = "refused"  #: gates are closed that nobody waives by hand
    CHANGED = "changed"  #: what would go is no longer what the person saw: nothing was made


@dataclass(frozen=True)
class Ask:
    """A person's "Send now". `token` is the form's. `again` names a reminder of which a further round is wanted, or
    which shall go now if it still waits; `basis` is that of the offer the person saw, None where none was shown."""

    appointment_id: int
    channel: Channel
    by: User
    token: UUID
    again: int | None = None
    basis: str | None = None


@dataclass(frozen=True)
class Sent:
    """What became of it, with the reminder that goes or is on its way, and the offer by which it was judged (None for a
    form that was sent before)."""

    outcome: Outcome
    reminder: Reminder | None
    offer: Offer | None = None


def send_now(clinic: Clinic, ask: Ask, now: datetime) -> Sent:
    """Sends, unless something is on its way or it may not go; inside `in_clinic`. Raises LookupError where the
    appointment is not there, or `again` is none of its reminders for this channel and its present time."""
    row = lock_rows(Appointment, [ask.appointment_id])[ask.appointment_id]
    made = made_by(ask.token)
    if made is not None:
        return Sent(Outcome.GOES, Reminder.objects.get(pk=made))
    if row.planned_revision != row.revision:  # else a step could be made beside this one a moment later
        bring_up_to_date(clinic, [row.pk], now)
    standing = Reminder.objects.select_for_update(of=("self",)).filter(appointment=row).order_by("pk")
    offer = offer_among(gather(clinic, [row.pk]), list(standing), ask.channel, now, ask.again)
    if offer.on_its_way is not None:
        return Sent(Outcome.ON_ITS_WAY, offer.on_its_way, offer)
    if not offer.may_go:
        return Sent(Outcome.REFUSED, None, offer)
    if ask.basis not in (None, offer.basis) or not claim(clinic, ask.token):
        return Sent(Outcome.CHANGED, None, offer)
    reminder = _write(offer, ask, now)
    remember(ask.token, reminder.pk)
    return Sent(Outcome.GOES, reminder, offer)


def _write(offer: Offer, ask: Ask, now: datetime) -> Reminder:
    reminder = waiting_now(offer.step, offer.decision, now)
    reminder.by = ask.by
    reminder.trigger = reminder.trigger or f"h{ask.token.hex}"
    reminder.save(update_fields=_WRITTEN if reminder.pk else None)
    return reminder
