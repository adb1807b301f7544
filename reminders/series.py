"""Which step of a series stands for the others? Where nothing could go for a while (an outage, a pause, an account that
failed), several steps of one appointment may be due together: the one nearest the start goes, the others do not.

A step counts here if it would go by its own gates, or went; one that does not go stands in nobody's way. Nor does one
that went before the other was due (a closed day can bring the nearer step forward): they were not due together.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from reminders.decision_facts import ReminderFacts
from reminders.kinds import NOTICES, OPEN_STATES, Route, State, TimingKind
from reminders.material import Material
from reminders.models import Reminder
from reminders.timing import Timing, nominal_due

#: States in which a reminder has gone, or may have; and those in which it still may go.
_WENT = frozenset({State.SENDING, State.HANDED_OVER, State.UNCERTAIN})
_TO_COME = OPEN_STATES | {State.CLAIMED}
#: Gives the moment at which a reminder that is still to come goes by its own gates; None where it does not.
Goes = Callable[[Reminder], datetime | None]


def has_series(material: Material) -> bool:
    """Whether this clinic has several steps of a kind; where it has not, nobody needs to look for them."""
    kinds = [rule.kind for rule in material.rules.values() if rule.kind not in NOTICES]
    return len(kinds) > len(set(kinds))


class Series:
    """The steps of some appointments."""

    def __init__(self, material: Material, rows: Iterable[Reminder]) -> None:
        """`rows` may hold others too."""
        self._material = material
        self._steps: dict[tuple[int, int, str], list[Reminder]] = defaultdict(list)
        for one in rows if has_series(material) else ():
            if _is_step(one):
                self._steps[_name(one)].append(one)

    def complete(self, part: ReminderFacts, reminder: Reminder, goes: Goes) -> ReminderFacts:
        """The reminder's part of the facts with what it lacks: when a nearer step goes, or went."""
        others = [one for one in self._steps.get(_name(reminder), ()) if one.rule_id != reminder.rule_id]
        if not others or not _is_step(reminder):
            return part
        own = self._nominal(reminder)
        moments = [_moment(one, goes) for one in others if self._nominal(one) > own]
        return replace(part, nearer_go_at=tuple(one for one in moments if one is not None))

    def _nominal(self, step: Reminder) -> datetime:
        material = self._material
        appointment, rule = material.appointments[step.appointment_id], material.rules[step.rule_id or 0]
        timing = Timing(TimingKind(rule.timing), rule.amount, rule.at_time, rule.working_days)
        return nominal_due(appointment.start, timing, material.hours(appointment))


def _is_step(one: Reminder) -> bool:
    """Whether it is a step of a series: a rule's own, counted back from the start."""
    return one.event_at is None and one.rule_id is not None and one.route == Route.PRIMARY


def _name(one: Reminder) -> tuple[int, int, str]:
    return (one.appointment_id, one.occurrence, one.kind)


def _moment(one: Reminder, goes: Goes) -> datetime | None:
    if one.state in _WENT:
        return one.decided_at or one.due_at
    return goes(one) if one.state in _TO_COME else None
