"""What do staff say of one appointment's reminding, and what follows from it? Its marks, its switches, its move, and
what can be sent now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.models import Appointment, ChannelFlag, RemindedElsewhere, Status
from clinics.models import Clinic
from clinics.pages.tags import moment
from messaging.channels import Channel
from reminders.facts import GONE_STATES
from reminders.holding import Held, Holding, holding
from reminders.kinds import NOTICES, Kind
from reminders.models import Reminder
from reminders.pages.mending import Reader
from reminders.pages.sending import Sending, named, sendings
from reminders.pages.words import CHANNEL, CHANNEL_ICON, KIND, Words


@dataclass(frozen=True)
class Missed:
    """A step whose moment passed meanwhile, and where it is sent now."""

    what: str
    url: str


@dataclass(frozen=True)
class MarkShown:
    """A mark of the present time: what it stands for, what goes again without it, and what is too late for that."""

    mark: RemindedElsewhere
    channel: Words
    holds: tuple[str, ...]
    missed: tuple[Missed, ...]


@dataclass(frozen=True)
class Switch:
    """Whether reminders over a channel are wanted here, who said so, and what that lets go or holds."""

    code: str
    channel: Words
    icon: str
    wanted: bool
    by: str
    at: datetime | None
    goes: tuple[str, ...]
    holds: tuple[str, ...]
    missed: tuple[Missed, ...]
    #: It was switched a moment ago, by whoever looks at it.
    fresh: bool


@dataclass(frozen=True)
class Reminding:
    """All of it. `rearmed` is empty where the appointment was not moved."""

    sending: list[Sending]
    marks: list[MarkShown]
    switches: list[Switch]
    rearmed: str


def reminding_of(clinic: Clinic, row: Appointment, now: datetime, reader: Reader, switched: str = "") -> Reminding:
    """Of an appointment; `switched` names the channel that was switched last. Inside `in_clinic`."""
    held = holding(clinic, row, now)
    return Reminding(
        sending=sendings(clinic, row, now, reader),
        marks=list(_marks(clinic, row, held)),
        switches=list(_switches(clinic, row, held, switched)),
        rearmed=_rearmed(row, held),
    )


def said_of_holding(clinic: Clinic, row: Appointment, held: Held) -> tuple[tuple[str, ...], tuple[Missed, ...]]:
    """What goes again, and what is too late for that, in words."""
    return tuple(named(held.goes_again)), tuple(_missed(clinic, row, held.missed))


def _marks(clinic: Clinic, row: Appointment, held: Holding) -> Iterator[MarkShown]:
    marks = RemindedElsewhere.objects.filter(appointment=row, occurrence=row.occurrence).select_related("marked_by")
    for mark in marks.order_by("marked_at", "pk"):
        holds, missed = said_of_holding(clinic, row, held.held_by_mark(mark.channel))
        yield MarkShown(mark, CHANNEL[Channel(mark.channel)] if mark.channel else "", holds, missed)


def _switches(clinic: Clinic, row: Appointment, held: Holding, switched: str) -> Iterator[Switch]:
    said = {flag.channel: flag for flag in ChannelFlag.objects.filter(appointment=row).select_related("set_by")}
    for channel in Channel:
        flag = said.get(channel)
        if channel not in clinic.channels_on and flag is None:
            continue
        wanted = flag is None or flag.wanted
        off = Held((), ()) if wanted else held.held_by_switch(channel)
        yield Switch(
            code=channel.value,
            channel=CHANNEL[channel],
            icon=CHANNEL_ICON[channel],
            wanted=wanted,
            by=flag.set_by.get_full_name() if flag and flag.set_by else "",
            at=flag.set_at if flag else None,
            goes=tuple(named(held.stopped_by_switch(channel), with_channel=False)),
            holds=tuple(named(off.goes_again, with_channel=False)),
            missed=tuple(_missed(clinic, row, off.missed)),
            fresh=switched == channel,
        )


def _missed(clinic: Clinic, row: Appointment, reminders: Iterable[Reminder]) -> Iterator[Missed]:
    page = reverse("send_now", args=[clinic.slug, row.pk])
    for one in reminders:
        what = f"{CHANNEL[Channel(one.channel)]} · {KIND[Kind(one.kind)]}, {moment(one.due_at)}"
        yield Missed(what, f"{page}?channel={one.channel}&again={one.pk}")


def _rearmed(row: Appointment, held: Holding) -> str:
    """What a move has done: what was sent or marked for the former time counts no more. A move that was taken back has
    done nothing."""
    open_still = row.status not in (Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW) and not row.deleted
    former = [one for one in held.standing if one.occurrence < row.occurrence]
    marked = RemindedElsewhere.objects.filter(appointment=row, occurrence__lt=row.occurrence).exists()
    if not open_still or row.start <= held.now or not (former or marked):
        return ""
    went = any(one.state in GONE_STATES for one in former)
    counted = _("What was sent for its former time does not count for this one.") if went else ""
    if marked:
        counted = _("What was sent or marked for its former time does not count for this one.")
    first = next(named(one for one in held.goes if one.reminder.kind not in NOTICES), "")
    then = (
        _("Next reminder: %(what)s.") % {"what": first} if first else _("As things stand no reminder goes by itself.")
    )
    return " ".join(part for part in (_("Re-armed by the move."), counted, then) if part)
