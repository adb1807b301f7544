"""Which goes first, and which then has to wait? What is to come to some patients, decided as the drain will decide it.

Each reminder is decided at the moments to come, the earliest first, and those of one moment in the order in which
they are prepared. What goes counts for whatever else is to go to the same patient over the same channel, and a fallback
that opens on the way takes its turn. In memory; writes nothing.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from heapq import heappop, heappush

from reminders.conditions import Gate
from reminders.decision import Decision, Foresight, Verdict, decide, next_look, seen_to_its_end
from reminders.decision_facts import Facts
from reminders.facts import facts_of, part_of
from reminders.fallback import foreseen_fallback
from reminders.material import Material
from reminders.models import Reminder
from reminders.recent import own_key
from reminders.series import Series

_APART = "too_many_to_this_address"
#: Each look but the last names a later one, and ends at the deadline: nothing comes near so many.
_LOOKS = 100


def turn_of(reminder: Reminder) -> tuple[datetime, int]:
    """Of several that may go at one moment the one with the least goes first: what was due first, however long it had
    to wait for others to the same patient; a retry has its own moment."""
    return reminder.look_at if reminder.tries else reminder.due_at, reminder.pk or sys.maxsize


@dataclass
class Turn:
    """A reminder, what became of it (after `run`), and the fallback that opened then."""

    reminder: Reminder
    facts: Facts
    foresight: Foresight | None = None
    fallback: "Turn | None" = None
    looks: int = 0
    apart: Gate | None = None


class Turns:
    """What is to come of one material."""

    def __init__(self, material: Material, rows: Sequence[Reminder], now: datetime) -> None:
        """From `now` on; `rows` are the reminders of its appointments, of which others than those to come may be left
        out where they are neither further rounds nor steps of a series."""
        self._material, self._now = material, now
        self._rounds, self._series = [one for one in rows if one.round > 1], Series(material, rows)
        self._recent = material.recent.copy()
        self._waiting: list[tuple[tuple[datetime, datetime, int, int], Turn]] = []
        self._turns: dict[int, Turn] = {}
        self._entered = 0

    def add(self, reminder: Reminder, opened_at: datetime | None = None) -> Turn:
        """One that waits, or that a worker has and has not begun; or a fallback, which opened then. A retry waits for
        its own moment."""
        now = opened_at or self._now
        turn = self._turns[id(reminder)] = self._turn(reminder)
        self._enter(turn, max(now, reminder.look_at) if reminder.tries else now)
        return turn

    def run(self) -> None:
        """Until nothing waits any more."""
        while self._waiting:
            (moment, *_), turn = heappop(self._waiting)
            self._look(turn, moment)

    def decide_now(self, reminder: Reminder) -> Decision:
        """The decision on any of the rows as it stands, once `run` is over."""
        return decide(self._complete(self._turn(reminder), self._now), self._now)

    def _turn(self, reminder: Reminder) -> Turn:
        material = self._material
        appointment, rule = material.appointments[reminder.appointment_id], material.rules.get(reminder.rule_id or 0)
        return Turn(reminder, facts_of(material, appointment, rule, part_of(material, reminder, self._rounds)))

    def _enter(self, turn: Turn, moment: datetime) -> None:
        self._entered += 1
        heappush(self._waiting, ((moment, *turn_of(turn.reminder), self._entered), turn))

    def _look(self, turn: Turn, moment: datetime) -> None:
        reminder, facts = turn.reminder, self._complete(self._beside_others(turn), moment)
        decision = decide(facts, moment)
        turn.looks += 1
        following = next_look(decision, moment)
        if following is not None and turn.looks < _LOOKS:
            turn.apart = next((one for one in decision.failed if one.code == _APART), turn.apart)
            self._enter(turn, following)
            return
        turn.foresight = replace(seen_to_its_end(facts, decision, moment, self._now), apart=turn.apart)
        if turn.foresight.goes_at is not None:
            self._recent.note(self._whom(reminder), reminder.channel, own_key(reminder), moment)
        fallback = foreseen_fallback(self._material, reminder, decision, moment)
        if fallback is not None:
            turn.fallback = self.add(fallback, moment)

    def _whom(self, reminder: Reminder) -> int | None:
        return self._material.appointments[reminder.appointment_id].patient_id

    def _beside_others(self, turn: Turn) -> Turn:
        """With what has gone to the same patient by now."""
        reminder, part = turn.reminder, turn.facts.reminder
        recent = self._recent.beside(self._whom(reminder), reminder.channel, own_key(reminder))
        if recent == part.recent:
            return turn
        return replace(turn, facts=replace(turn.facts, reminder=replace(part, recent=recent)))

    def _complete(self, turn: Turn, moment: datetime) -> Facts:
        """The facts with the other steps of its series, as they stand at that moment."""
        part = turn.facts.reminder
        completed = self._series.complete(part, turn.reminder, partial(self._goes, moment))
        return turn.facts if completed is part else replace(turn.facts, reminder=completed)

    def _goes(self, moment: datetime, step: Reminder) -> datetime | None:
        """When that step goes; while it waits `moment`, where it would go then by its own gates."""
        turn = self._turns.get(id(step))
        if turn is None or turn.foresight is not None:
            return turn.foresight.goes_at if turn and turn.foresight else None
        return moment if decide(self._beside_others(turn).facts, moment).verdict is Verdict.SEND else None
