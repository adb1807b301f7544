"""What would a rule do? A worked example: "an appointment on Friday 10:00 → Thursday 10:00". Pure.

The moments come from `reminders.timing`, the same functions that the plan asks; nothing is counted a second time.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from messaging.channels import Channel
from reminders.kinds import LatePolicy, TimingKind
from reminders.rule_check import schedule_of
from reminders.timing import GRACE, Hours, Known, Timing, at_wall, nominal_due, schedule

#: ISO weekday and wall time of the sample appointments: one late in the week, one after the weekend.
SAMPLES = ((5, time(10)), (1, time(9)))
#: How far ahead an open day is looked for.
_LOOK_DAYS = 100
#: How far ahead a change of the clocks is looked for.
_A_YEAR = 400
#: How many moments of a late booking are tried: two weeks of hours.
_MOST_STEPS = 14 * 24


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


@dataclass(frozen=True)
class Late:
    """The first sample, booked after the rule's moment; aware moments. `goes` says for each late policy when it goes;
    None where it is left out."""

    booked: datetime
    goes: dict[LatePolicy, datetime | None]


def late_examples(timing: Timing, hours: Hours, channel: Channel, now: datetime) -> list[Late]:
    """What becomes of the first sample where it is booked too late for the rule: in open hours, and, where some lie
    between the rule's moment and the start, in quiet hours or on a closed day."""
    start = _sample(*SAMPLES[0], hours, now)
    nominal = nominal_due(start, timing, hours)
    step = min(timedelta(hours=1), (start - nominal) / 4)
    if step <= timedelta(0):
        return []
    later = [nominal + number * step for number in range(1, min(_MOST_STEPS, int((start - nominal) / step)))]
    in_hours = next((one for one in later if hours.allows(one) and hours.allows(one + GRACE)), None)
    shut = [one for one in later if in_hours is None or one > in_hours if not hours.allows(one)]
    outside = shut[min(1, len(shut) - 1)] if shut else None  # well inside, not on the edge
    return [_late(start, booked, timing, hours, channel) for booked in (in_hours, outside) if booked is not None]


def _late(start: datetime, booked: datetime, timing: Timing, hours: Hours, channel: Channel) -> Late:
    known = {policy: Known(booked, booked + GRACE, policy) for policy in LatePolicy}
    return Late(booked, {policy: schedule(start, timing, hours, channel, one).due for policy, one in known.items()})


@dataclass(frozen=True)
class ClockChange:
    """A day on which the clocks have changed overnight: an appointment in its morning, what 24 hours before it is, and
    what the day before at the same time is; aware moments."""

    start: datetime
    hours_before: datetime
    day_before: datetime


def clock_change(hours: Hours, now: datetime) -> ClockChange | None:
    """The next one in the clinic's zone; None where the clocks stay as they are."""
    day, noon = now.astimezone(ZoneInfo(hours.zone)).date(), time(12)
    for _ in range(_A_YEAR):
        day += timedelta(days=1)
        if at_wall(day, noon, hours.zone) - at_wall(day - timedelta(days=1), noon, hours.zone) != timedelta(days=1):
            start = at_wall(day, SAMPLES[0][1], hours.zone)
            ahead = Timing(TimingKind.BEFORE_ELAPSED, 24 * 60), Timing(TimingKind.DAYS_BEFORE_SAME_TIME, 1)
            return ClockChange(start, *(nominal_due(start, timing, hours) for timing in ahead))
    return None


def _sample(weekday: int, wall: time, hours: Hours, now: datetime) -> datetime:
    """That weekday at least a week ahead, or the next open day after it."""
    day = now.astimezone(ZoneInfo(hours.zone)).date() + timedelta(days=7)
    day += timedelta(days=(weekday - day.isoweekday()) % 7)
    for _ in range(_LOOK_DAYS):
        if hours.open_on(day):
            break
        day += timedelta(days=1)
    return at_wall(day, wall, hours.zone)
