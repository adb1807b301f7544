"""What is known of an appointment's reminding? Five facts, kept apart: scheduled, sent by us, delivered, reminded
elsewhere, answered. None follows from another."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from appointments.models import RemindedElsewhere
from clinics.pages.tags import moment
from messaging.channels import Channel
from reminders.pages.answers import Shown
from reminders.pages.words import CHANNEL


@dataclass(frozen=True)
class Known:
    """One of the five. `there` says that there is evidence; `note` says which, or what its absence means."""

    code: str
    icon: str
    word: str
    there: bool
    note: str


def five_facts(answers: Sequence[Shown], marks: Sequence[RemindedElsewhere], named: bool = True) -> list[Known]:
    """Of an appointment's answers and the marks of its present time. Without `named` nobody of the staff is named."""
    here = [one for one in answers if one.present and not one.aside]
    to_come = [one for one in here if one.chip.next_at is not None]
    sent = [one for one in here if one.chip.sent_at is not None]
    delivered = [one for one in sent if one.chip.delivered]
    unproven = _("no proof of delivery") if sent else pgettext("fact", "no")
    return [
        Known("scheduled", "clock", pgettext("fact", "Scheduled"), bool(to_come), _scheduled(to_come)),
        Known("sent", "send-check", pgettext("fact", "Sent by us"), bool(sent), _sent(sent)),
        Known("delivered", "mailbox", pgettext("fact", "Delivered"), bool(delivered), _channels(delivered) or unproven),
        Known("elsewhere", "person-check", pgettext("fact", "Reminded elsewhere"), bool(marks), _marks(marks, named)),
        Known("answered", "chat-left-text", pgettext("fact", "Answered"), False, _("no answer")),
    ]


def _scheduled(to_come: Sequence[Shown]) -> str:
    if not to_come:
        return _("nothing more to come")
    return ", ".join(f"{one.chip.channel} {moment(one.chip.next_at)}" for one in to_come if one.chip.next_at)


def _sent(sent: Sequence[Shown]) -> str:
    if not sent:
        return pgettext("fact", "no")
    return ", ".join(f"{one.chip.channel} {moment(one.chip.sent_at)}" for one in sent if one.chip.sent_at)


def _channels(shown: Sequence[Shown]) -> str:
    return ", ".join(dict.fromkeys(str(one.chip.channel) for one in shown))


def _marks(marks: Sequence[RemindedElsewhere], named: bool) -> str:
    return "; ".join(mark_note(mark, named) for mark in marks) or pgettext("fact", "no")


def mark_note(mark: RemindedElsewhere, named: bool = True) -> str:
    """In place of which channel, how, by whom (its `marked_by` must be loaded) and when."""
    by = mark.marked_by.get_full_name() if named and mark.marked_by else ""
    channel = str(CHANNEL[Channel(mark.channel)]) if mark.channel else ""
    return " · ".join(part for part in (channel, str(mark.get_how_display()), by, moment(mark.marked_at)) if part)
