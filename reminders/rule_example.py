"""What would a rule do? A worked example: "an appointment on Friday 10:00 → Thursday 10:00". Pure.

The moments come from `reminders.timing`, the same functions that the plan asks; nothing is counted a second time.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from messaging.channels import Channel
from reminders.rule_check import schedule_of
from reminders.timing import Hours, Timing, at_wall

#: ISO weekday and wall time of the sample appointments: one late in the week, one after the weekend.
SAMPLES = ((5, time(10)), (1, time(9)))
#: How far ahead an open day is looked for.
_LOOK_DAYS = 100


@dataclass(frozen=True)
class Example:
    """One sample appointment and what becomes of its reminder; aware moments. `due` is None where it cannot go."""

    start: datetime
    nominal: datetime
    due: datetime | None
    #: Quiet hours or a closed day moved it.
    shifted: bool


def examples(timing: Timing, hours: Hours, channel: Channel, now: datetime) -> list[Example]:
    """The samples of the week after next, on open days."""
    return [_example(_sample(weekday, wall, hours, now), timing, hours, channel) for weekday, wall in SAMPLES]


def _example(start: datetime, timing: Timing, hours: Hours, channel: Channel) -> Example:
    plan = schedule_of(start, timing, hours, channel)
    return Example(start, plan.nominal, plan.due, plan.shifted)


def _sample(weekday: int, wall: time, hours: Hours, now: datetime) -> datetime:
    """That weekday at least a week ahead, or the next open day after it."""
    day = now.astimezone(ZoneInfo(hours.zone)).date() + timedelta(days=7)
    day += timedelta(days=(weekday - day.isoweekday()) % 7)
    for _ in range(_LOOK_DAYS):
        if hours.open_on(day):
            break
        day += timedelta(days=1)
    return at_wall(day, wall, hours.zone)
