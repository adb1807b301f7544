"""What is said of "send now"? For each channel what would go, or what is on its way, or every reason against it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from appointments.models import Appointment
from clinics.models import Clinic
from clinics.pages.tags import moment
from clinics.roles import AGENDA_EDIT
from messaging.channels import Channel
from reminders.answer import Answer, Standing
from reminders.gates import CATALOGUE
from reminders.kinds import ENDED_STATES, Kind, State
from reminders.models import Reminder
from reminders.offers import Offer, offer_of, offers, when_it_went
from reminders.outlook import Foreseen
from reminders.pages.came_by import came_by
from reminders.pages.gate_values import gate_value
from reminders.pages.mending import Case, Mend, Reader, mend
from reminders.pages.words import CHANNEL, CHANNEL_ICON, KIND, Words

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Reason:
    """A closed gate that nobody waives by hand, the value it saw, and where it is mended."""

    code: str
    sentence: Words
    value: Words
    mend: Mend


@dataclass(frozen=True)
class Sending:
    """One channel's "send now". `says` is what would go, or what is on its way; empty where there are reasons."""

    offer: Offer
    channel: Words
    icon: str
    says: str
    #: What a person is asked because something went before; may be empty.
    question: str
    reasons: tuple[Reason, ...]
    #: What still goes by itself afterwards.
    later: tuple[str, ...]
    #: The page that asks, and does it.
    url: str
    #: Whether this reader may press the button at all.
    permitted: bool

    @property
    def may_go(self) -> bool:
        """Whether the button does something."""
        return self.permitted and self.offer.may_go


def sendings(clinic: Clinic, row: Appointment, now: datetime, reader: Reader) -> list[Sending]:
    """Of every channel of the appointment. Inside `in_clinic`."""
    return [sending_of(Place(clinic, row, reader), one, now) for one in offers(clinic, row, now)]


def sending_for(clinic: Clinic, reminder: Reminder, now: datetime, reader: Reader) -> Sending | None:
    """Of one reminder, whose appointment must be loaded: itself while it waits, a further round once it ended. None for
    one of a former time, and for one that was taken back: its channel may still send another."""
    if reminder.occurrence != reminder.appointment.occurrence or reminder.state == State.CANCELLED:
        return None
    place, again = Place(clinic, reminder.appointment, reader), reminder.pk
    return sending_of(place, offer_of(clinic, place.row, Channel(reminder.channel), now, again), now, again)


@dataclass(frozen=True)
class Place:
    """Whose appointment it is, and who reads of it."""

    clinic: Clinic
    row: Appointment
    reader: Reader


def sending_of(place: Place, offer: Offer, now: datetime, again: int | None = None) -> Sending:
    """An offer in words; `again` is the reminder that was asked for by its id."""
    asked = {"channel": offer.channel.value} | ({"again": again} if again else {})
    return Sending(
        offer=offer,
        channel=CHANNEL[offer.channel],
        icon=CHANNEL_ICON[offer.channel],
        says=_says(offer, now),
        question=_question(offer, now) if offer.may_go else "",
        reasons=tuple(_reasons(place, offer)),
        later=tuple(named(offer.later)),
        url=f"{reverse('send_now', args=[place.clinic.slug, place.row.pk])}?{urlencode(asked)}",
        permitted=AGENDA_EDIT in place.reader.permissions,
    )


def named(to_come: Iterable[Foreseen], *, with_channel: bool = True) -> Iterator[str]:
    """Each as "E-mail · Reminder, Thu 20 Nov 09:30"; without the channel where that is said above."""
    for one in to_come:
        channel = f"{CHANNEL[Channel(one.reminder.channel)]} · " if with_channel else ""
        yield f"{channel}{KIND[Kind(one.reminder.kind)]}, {moment(one.foresight.at)}"


def _says(offer: Offer, now: datetime) -> str:
    if offer.on_its_way is not None:
        return _on_its_way(offer.on_its_way, now)
    if not offer.may_go:
        return ""
    kind = {"kind": KIND[Kind(offer.step.kind)]}
    if offer.planned_for is not None:
        return _("%(kind)s · planned for %(moment)s: it goes now instead.") % {
            **kind, "moment": moment(offer.planned_for),
        }  # fmt: skip
    if offer.gone_before is not None:
        return _("%(kind)s · it went before: it goes once more.") % kind
    if offer.step.round > 1:
        return _("%(kind)s · it did not go at its moment: it goes now.") % kind
    return _("%(kind)s · none is planned over this channel: one goes now.") % kind


def _on_its_way(reminder: Reminder, now: datetime) -> str:
    if reminder.state not in ENDED_STATES:
        return _("It is on its way: it is being sent right now, %(by)s.") % {"by": came_by(reminder)}
    went = _("It is on its way: it was sent %(ago)s ago, %(by)s.")
    perhaps = _("It is perhaps on its way: it was sent %(ago)s ago, %(by)s, and nobody knows yet whether it arrived.")
    return (perhaps if reminder.state == State.UNCERTAIN else went) % _when(reminder, now)


def _question(offer: Offer, now: datetime) -> str:
    before = offer.gone_before
    if before is None:
        return ""
    sent = _("One was sent %(ago)s ago (%(moment)s), %(by)s. Send it again?")
    perhaps = _(
        "One was sent %(ago)s ago (%(moment)s), %(by)s, and nobody knows whether it arrived. Sent again, it may arrive "
        "twice. Send it again?"
    )
    return (perhaps if before.state == State.UNCERTAIN else sent) % _when(before, now)


def _when(reminder: Reminder, now: datetime) -> dict[str, str]:
    at = when_it_went(reminder)
    ago = timesince(at, now, depth=1) if now - at >= _MINUTE else _("less than a minute")
    return {"ago": ago, "moment": moment(at), "by": came_by(reminder)}


def _reasons(place: Place, offer: Offer) -> Iterator[Reason]:
    if offer.may_go or offer.on_its_way is not None:
        return
    row = place.row
    language = (row.patient.language if row.patient else "") or place.clinic.language
    answer = Answer(Standing.TO_COME, offer.step, None, (), offer.decision, None, present=True, language=language)
    case = Case(place.clinic, row, answer, place.reader)
    for gate in offer.reasons:
        value = gate_value(gate.code, gate.value)
        named_above = str(value) == str(CHANNEL[offer.channel])
        yield Reason(gate.code, CATALOGUE[gate.code].failed, "" if named_above else value, mend(case, gate))
