"""Whom will the reminders of a day not reach? What will go, what will not and why, and who is left to call.

It reads the answers that "Why?" and "Will it?" give for every appointment. A step's channels and rounds stand for each
other: one that reaches the patient is enough. What somebody has settled (marked as reminded elsewhere, confirmed
already) is no gap.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from appointments.models import Appointment
from reminders.answer import Answer, Standing
from reminders.causes import causes_of
from reminders.conditions import Gate
from reminders.kinds import State

#: Closed gates after which nobody is left without an answer: somebody has said that it need not go.
_SETTLED = frozenset({"reminded_elsewhere", "already_confirmed", "already_sent", "nothing_changed", "notice_declined"})
_GAVE_UP = frozenset({State.SKIPPED, State.FAILED, State.EXPIRED, State.UNCERTAIN})
_Step = tuple[int | None, str]


@dataclass(frozen=True)
class Gap:
    """A reminder that will not go, or did not."""

    appointment: Appointment
    answer: Answer
    #: The code of the first gate that is the cause, else the failure's kind, else the state.
    cause: str
    #: When it would go if it were mended now; None: too late, only "send now" is left.
    mended_at: datetime | None


@dataclass
class DayGaps:
    """A day's answer: how many reminders go or went, the gaps, those that must be mended soonest first, and the
    appointments that nothing reaches, by start. What is too late to be mended is a gap only where nothing else reaches
    the patient, and then once."""

    will_go: int = 0
    went: int = 0
    gaps: list[Gap] = field(default_factory=list)
    to_call: list[Appointment] = field(default_factory=list)


def gaps_of(appointments: Sequence[Appointment], answers: Mapping[int, Sequence[Answer]]) -> DayGaps:
    """The gaps of these appointments, given their answers by appointment."""
    found = DayGaps()
    for appointment in appointments:
        steps: dict[_Step, list[Answer]] = defaultdict(list)
        for one in answers.get(appointment.pk, ()):
            if one.present:
                steps[(one.reminder.rule_id, one.reminder.trigger)].append(one)
        _count(found, appointment, list(steps.values()))
    found.gaps.sort(key=lambda gap: (gap.mended_at is None, gap.mended_at or gap.appointment.start, gap.appointment.pk))
    return found


def _count(found: DayGaps, appointment: Appointment, steps: Sequence[Sequence[Answer]]) -> None:
    reached = False
    missed: list[Gap] = []
    for step in steps:
        went = any(_went(one) for one in step)
        goes = any(one.goes_at is not None for one in step)
        gaps = [gap for one in step if (gap := _gap(appointment, one)) is not None]
        found.went += went
        found.will_go += goes and not went
        settled = any(gap.cause in _SETTLED for gap in gaps)
        reached |= went or goes or settled
        if gaps and not (went or goes or settled):
            missed.append(gaps[0])
    found.gaps += [gap for gap in missed if gap.mended_at is not None]
    too_late = [gap for gap in missed if gap.mended_at is None]
    if too_late and not reached:
        found.gaps.append(max(too_late, key=lambda gap: gap.answer.reminder.due_at))
    if missed and not reached:
        found.to_call.append(appointment)


def _went(one: Answer) -> bool:
    return one.standing is Standing.UNDER_WAY or one.reminder.state == State.HANDED_OVER


def _gap(appointment: Appointment, one: Answer) -> Gap | None:
    if one.standing is Standing.TO_COME and one.goes_at is None and one.foresight is not None:
        return Gap(appointment, one, _cause(one, one.foresight.decision.gates), one.foresight.mended_at)
    if one.standing is Standing.ENDED and one.reminder.state in _GAVE_UP:
        return Gap(appointment, one, _cause(one, one.seen), None)
    return None


def _cause(one: Answer, gates: Sequence[Gate]) -> str:
    """What somebody settled comes first: then nothing else matters."""
    causes = causes_of(gates) if one.reminder.state != State.FAILED else frozenset()
    named = [gate.code for gate in gates if gate.code in causes]
    return next((code for code in named if code in _SETTLED), "") or next(
        iter(named), one.reminder.failure or one.reminder.state
    )
