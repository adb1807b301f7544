"""What happened to one reminder, step by step? From the plan over every attempt to the end, or to what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from messaging.models import Attempt
from messaging.outcomes import FAILURES, AttemptState, FailureKind, Phase
from reminders.kinds import OPEN_STATES, Origin, State
from reminders.models import Reminder
from reminders.pages.came_by import came_by
from reminders.pages.words import FAILURE, OWNER, PHASE, STATE_SENTENCE, Words, attempt_words


@dataclass(frozen=True)
class Step:
    """One point of the timeline. `tone` is done, good, bad, open or next."""

    at: datetime
    tone: str
    title: Words
    note: Words = ""


@dataclass(frozen=True)
class Try:
    """One attempt in words, with the provider's own words beside ours."""

    number: int
    began_at: datetime
    ended_at: datetime | None
    tone: str
    state: Words
    phase: Words
    failure: Words
    next_step: Words
    owner: Words
    code: str
    detail: str
    sender: str
    token: str


def tries(attempts: Sequence[Attempt], see_detail: bool) -> list[Try]:
    """Every attempt, oldest first; their senders must be loaded. A provider's detail often quotes the address, so it is
    only for those who may see that."""
    return [_try(attempt, see_detail) for attempt in attempts]


def _try(attempt: Attempt, see_detail: bool) -> Try:
    state = AttemptState(attempt.state)
    kind = FailureKind(attempt.failure) if attempt.failure else None
    words, next_step = FAILURE[kind] if kind else ("", "")
    tone = {AttemptState.FAILED: "bad", AttemptState.UNKNOWN: "bad", AttemptState.SENDING: "open"}.get(state, "good")
    return Try(
        number=attempt.number,
        began_at=attempt.began_at,
        ended_at=attempt.ended_at,
        tone=tone,
        state=attempt_words(attempt),
        phase=PHASE[Phase(attempt.phase)] if attempt.phase else "",
        failure=words,
        next_step=next_step,
        owner=OWNER[FAILURES[kind].owner] if kind else "",
        code=attempt.code,
        detail=attempt.detail if see_detail else "",
        sender=attempt.sender.address,
        token=attempt.token,
    )


def steps(reminder: Reminder, attempts: Sequence[Attempt]) -> list[Step]:
    """The points in the order of their moments; what is still to come last."""
    state = State(reminder.state)
    points = _beginning(reminder)
    for attempt in attempts:
        points += _attempt_steps(attempt)
    if reminder.ended_at and state is not State.HANDED_OVER:
        points.append(_end(reminder, state))
    points.sort(key=lambda step: step.at)
    if state in OPEN_STATES:
        points += _to_come(reminder)
    return points


def _beginning(reminder: Reminder) -> list[Step]:
    """A rule asked for it, or a person; or a rule, and then a person did not wait."""
    planned = Step(reminder.planned_at, "done", _("Planned"), _("The appointment and its rule asked for it."))
    if reminder.origin == Origin.AUTOMATIC or reminder.event_at is None:
        return [planned]
    by_person = reminder.rule_id is None or reminder.round > 1
    at = reminder.planned_at if by_person else max(reminder.event_at, reminder.planned_at)
    sent = Step(at, "done", _("“Send now”"), came_by(reminder))
    return [sent] if by_person else [planned, sent]


def _attempt_steps(attempt: Attempt) -> list[Step]:
    number = {"number": attempt.number}
    begun = Step(attempt.began_at, "done", _("Try %(number)s began") % number)
    if attempt.ended_at is None:
        return [begun]
    state = AttemptState(attempt.state)
    note = FAILURE[FailureKind(attempt.failure)][0] if attempt.failure else ""
    good = state not in {AttemptState.FAILED, AttemptState.UNKNOWN}
    return [begun, Step(attempt.ended_at, "good" if good else "bad", attempt_words(attempt), note)]


def _end(reminder: Reminder, state: State) -> Step:
    at = reminder.ended_at or reminder.planned_at
    title = {
        State.FAILED: _("Given up"),
        State.EXPIRED: _("Too late"),
        State.UNCERTAIN: _("Nobody can tell"),
        State.SKIPPED: pgettext("reminder state", "Not sent"),
        State.CANCELLED: _("Taken back"),
        State.SUPERSEDED: _("Replaced"),
    }[state]
    bad = state in {State.FAILED, State.EXPIRED, State.UNCERTAIN}
    return Step(at, "bad" if bad else "done", title, STATE_SENTENCE[state])


def _to_come(reminder: Reminder) -> list[Step]:
    first = _("Next try") if reminder.tries else _("Due")
    return [
        Step(reminder.look_at, "next", first),
        Step(reminder.deadline, "next", _("Deadline"), _("From here on it would be of no use, and does not go.")),
    ]
