"""How is each answer shown on a page? Its step, its chip, a sentence, what to do about it, and its gates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import pgettext

from appointments.models import Appointment, Status
from clinics.models import Clinic, User
from clinics.pages.tags import moment
from clinics.roles import AGENDA_EDIT
from messaging.models import Attempt
from reminders.answer import Answer, Standing, answers
from reminders.kinds import ENDED_STATES, Origin
from reminders.models import Reminder
from reminders.outlook import View
from reminders.pages import answer_words
from reminders.pages.chips import Chip, chip
from reminders.pages.gate_list import GateList, coming_gates, past_gates
from reminders.pages.mending import Case, Reader, mend
from reminders.pages.words import ORIGIN, Words

#: Visits of which it still makes sense to send something.
_OPEN_STATUSES = frozenset({Status.REQUESTED, Status.SCHEDULED, Status.CONFIRMED})
_ASIDE = frozenset({Standing.NOT_PLANNED, Standing.STANDS_BY, Standing.NOT_ASKED})


@dataclass(frozen=True)
class Shown:
    """One answer on a page."""

    answer: Answer
    #: The reminder's id, where there is one to open.
    id: int | None
    #: The rule's step, or what a person did.
    step: str
    #: Which way it came about, and for what a person did, who and when.
    origin: Words
    said: str
    chip: Chip
    #: What becomes of it, or became.
    sentence: str
    #: What follows if it is mended, or that it is too late; may be empty.
    advice: str
    #: Where it is sent now; empty where that makes no sense, or is not for this reader.
    send_now: str
    gates: GateList

    @property
    def aside(self) -> bool:
        """It is none of the appointment's messages, and only stands by or does not apply."""
        return self.answer.standing in _ASIDE

    @property
    def calm(self) -> bool:
        """Nothing is amiss and nothing to mend: its conditions need not catch the eye."""
        return (self.chip.by_design or self.aside) and not self.advice

    @property
    def present(self) -> bool:
        """It is of the appointment's present time."""
        return self.answer.present


def shown_for(clinic: Clinic, rows: Sequence[Appointment], now: datetime, reader: Reader) -> dict[int, list[Shown]]:
    """Appointment → all its answers, by moment. Inside `in_clinic`; a fixed number of queries."""
    found = answers(clinic, [row.pk for row in rows], now)
    reminders = [one.reminder for each in found.values() for one in each]
    extras = _Extras(now, newest_states(reminders), _people(reminders))
    return {row.pk: [_shown(Case(clinic, row, one, reader), extras) for one in found[row.pk]] for row in rows}


def shown_of(clinic: Clinic, reminder: Reminder, now: datetime, reader: Reader) -> Shown:
    """The one answer of a reminder; its appointment must be loaded. Raises LookupError where it is gone meanwhile."""
    for one in shown_for(clinic, [reminder.appointment], now, reader)[reminder.appointment_id]:
        if one.id == reminder.pk:
            return one
    raise LookupError(f"reminder {reminder.pk} has no answer")


def newest_states(reminders: Iterable[Reminder]) -> dict[int, str]:
    """Message id → the state of its last attempt."""
    messages = [one.message_id for one in reminders if one.message_id]
    return dict(Attempt.objects.filter(message__in=messages).order_by("number").values_list("message_id", "state"))


def _people(reminders: Iterable[Reminder]) -> dict[int, str]:
    people = User.objects.in_bulk({one.by_id for one in reminders if one.by_id})
    return {pk: person.get_full_name() for pk, person in people.items()}


@dataclass(frozen=True)
class _Extras:
    """What all answers of a page have in common."""

    now: datetime
    attempts: dict[int, str]
    people: dict[int, str]


def _shown(case: Case, extras: _Extras) -> Shown:
    answer, reminder = case.answer, case.answer.reminder
    made = _chip(answer, extras.attempts.get(reminder.message_id or 0, ""))
    return Shown(
        answer=answer,
        id=reminder.pk,
        step=answer_words.step_words(answer),
        origin=ORIGIN[Origin(reminder.origin)],
        said=_said(reminder, extras.people.get(reminder.by_id or 0, "")),
        chip=made,
        sentence=answer_words.sentence(answer, made.delivered),
        advice=answer_words.advice(answer, extras.now),
        send_now=_send_now(case, extras.now),
        gates=gate_list(case),
    )


def gate_list(case: Case) -> GateList:
    """The gates of an answer: once it has ended those seen then beside what holds now, else those to come."""
    answer, to_mend = case.answer, partial(mend, case)
    live = answer.now.gates if answer.now else ()
    if answer.standing in (Standing.ENDED, Standing.UNDER_WAY) and answer.seen:
        return past_gates(answer.seen, live, to_mend)
    if answer.standing is Standing.ENDED:  # its end came before anything was decided
        return GateList()
    apart = answer.foresight.apart if answer.foresight else None
    return coming_gates(answer_words.deciding_gates(answer), (*live, apart) if apart else live, to_mend)


def _chip(answer: Answer, attempt: str) -> Chip:
    made = chip(answer.reminder, View(answer_words.deciding_gates(answer), answer.goes_at), attempt)
    if answer.standing is Standing.STANDS_BY:
        return replace(made, when=pgettext("reminder", "stands by"), will_not_go=False)
    if answer.standing is Standing.NOT_ASKED:
        return replace(made, when=pgettext("reminder", "not asked for"))
    return made


def _said(reminder: Reminder, by: str) -> str:
    """Who sent it by hand, and when; empty for what came by a rule."""
    if reminder.origin == Origin.AUTOMATIC or reminder.event_at is None:
        return ""
    return f"{by}, {moment(reminder.event_at)}" if by else moment(reminder.event_at)


def _send_now(case: Case, now: datetime) -> str:
    row = case.appointment
    to_come = row.start > now and not row.deleted and row.status in _OPEN_STATUSES
    offered = answer_words.is_missed(case.answer) and case.answer.present and to_come
    if not offered or AGENDA_EDIT not in case.reader.permissions:
        return ""
    reminder = case.answer.reminder
    asked = {"channel": reminder.channel} | ({"again": reminder.pk} if reminder.state in ENDED_STATES else {})
    return f"{reverse('send_now', args=[case.clinic.slug, row.pk])}?{urlencode(asked)}"
