"""How does one reminder look in a list? Its staff word, its channel, when, and the reason where there is one."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.pages.tags import brief_moment
from messaging.channels import Channel
from messaging.outcomes import FAILURES, AttemptState, FailureKind
from reminders.causes import causes_of
from reminders.gates import CATALOGUE
from reminders.kinds import OPEN_STATES, Kind, State
from reminders.models import Reminder
from reminders.outlook import View
from reminders.pages.words import (
    CHANNEL,
    CHANNEL_ICON,
    ERROR,
    FAILURE,
    KIND,
    KIND_NOTE,
    PENDING,
    SENT,
    STATE_SENTENCE,
    UNSENT,
    WORD_OF,
    StaffWord,
    Words,
)

#: Receipts that prove delivery. That the provider accepted it is none.
DELIVERED = frozenset({AttemptState.DELIVERED, AttemptState.READ})
_BY_DESIGN = frozenset({State.CANCELLED, State.SUPERSEDED})


@dataclass(frozen=True)
class Chip:
    """A reminder in a list. `when` is short; `why` a sentence or empty; `reasons` every closed gate's sentence."""

    id: int
    word: StaffWord
    channel: Words
    channel_icon: str
    #: What kind of message it is; `kind_note` is empty for the usual one, a reminder.
    kind: Words
    kind_note: Words
    when: str
    why: str
    reasons: tuple[Words, ...]
    #: It still waits, but as things stand it will not go.
    will_not_go: bool
    #: Nothing is amiss: the appointment is gone, or another reminder stands for it. Lists need not explain it.
    by_design: bool
    #: A person could still do something about it.
    attention: bool
    next_at: datetime | None
    sent_at: datetime | None
    delivered: bool


def chip(reminder: Reminder, view: View, attempt: str) -> Chip:
    """The chip of a reminder, from what the outlook says of it and its newest attempt's state ("" for none)."""
    state, channel = State(reminder.state), Channel(reminder.channel)
    word = WORD_OF[state]
    causes = causes_of(view.gates)
    closed = [gate for gate in view.gates if gate.code in causes]
    reasons = tuple(CATALOGUE[gate.code].failed for gate in closed if gate.code in CATALOGUE)
    held = tuple(CATALOGUE[gate.code].failed for gate in view.held)
    waits = state in OPEN_STATES
    will_not_go = waits and view.goes_at is None
    delivered = word is SENT and attempt in DELIVERED
    return Chip(
        id=reminder.pk,
        word=word,
        channel=CHANNEL[channel],
        channel_icon=CHANNEL_ICON[channel],
        kind=KIND[Kind(reminder.kind)],
        kind_note=KIND_NOTE[Kind(reminder.kind)],
        when=_when(reminder, state, view.goes_at, will_not_go),
        why=_why(reminder, state, reasons, will_not_go) or in_short(held),
        reasons=reasons,
        will_not_go=will_not_go,
        by_design=state in _BY_DESIGN,
        attention=will_not_go or (word in (ERROR, UNSENT) and state not in _BY_DESIGN),
        next_at=view.goes_at if waits else None,
        sent_at=reminder.handed_over_at if word is SENT else None,
        delivered=delivered,
    )


def _when(reminder: Reminder, state: State, next_at: datetime | None, will_not_go: bool) -> str:
    """The short note beside the word: a moment, or what goes on."""
    if will_not_go:
        return _("will not go")
    if state is State.HELD:
        return _("on hold")
    if next_at is not None:
        return brief_moment(next_at)
    if WORD_OF[state] is PENDING:
        return _("being sent now")
    if state in _BY_DESIGN:
        return _("replaced") if state is State.SUPERSEDED else _("not needed")
    at = reminder.handed_over_at if state is State.HANDED_OVER else reminder.ended_at
    return brief_moment(at) if at else ""


def _why(reminder: Reminder, state: State, reasons: tuple[Words, ...], will_not_go: bool) -> str:
    """The sentence under the chip; empty where all is well."""
    if will_not_go or (WORD_OF[state] is UNSENT and reasons):
        return in_short(reasons)
    if state is State.PLANNED and reminder.tries:
        return retrying(reminder)
    if state in (State.FAILED, State.EXPIRED) and reminder.failure:
        return str(FAILURE[FailureKind(reminder.failure)][0])
    if WORD_OF[state] in (SENT, PENDING):
        return ""
    return str(STATE_SENTENCE[state])


def retrying(reminder: Reminder) -> str:
    """What failed, and how many tries were made of how many; a kind that costs no try is not counted."""
    if not reminder.failure:
        return ""
    kind = FailureKind(reminder.failure)
    words = str(FAILURE[kind][0])
    if kind is FailureKind.NEVER_CALLED:
        return words
    count = _("Try %(made)s of %(all)s failed.") % {"made": reminder.tries, "all": FAILURES[kind].tries}
    return f"{count} {words}"


def in_short(reasons: tuple[Words, ...]) -> str:
    """The first reason, and how many more there are."""
    if len(reasons) < 2:
        return str(reasons[0]) if reasons else ""
    more = ngettext("(and %(count)s more reason)", "(and %(count)s more reasons)", len(reasons) - 1)
    return f"{reasons[0]} {more % {'count': len(reasons) - 1}}"
