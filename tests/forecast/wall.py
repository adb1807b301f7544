"""When may something leave, by the clock on the wall? Found by looking at one half hour after another.

Knows nothing of the product: plain values, `zoneinfo`, and the words of the design's chapter on time. Every boundary
that the tests use (quiet hours, midnights) lies on a half hour, as do the changes of the clocks; `Hours` insists on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HALF_HOUR = 30 * MINUTE
#: How far a search goes: beyond it nothing of the tests' clinics can be of use.
_FARTHEST = 30 * DAY


@dataclass(frozen=True)
class Hours:
    """When a place lets something leave by itself."""

    zone: str
    quiet_from: time
    quiet_until: time
    closed_weekdays: frozenset[int]
    closed_days: frozenset[date]

    def __post_init__(self) -> None:
        assert all(edge.minute in (0, 30) and not edge.second for edge in (self.quiet_from, self.quiet_until))

    def open_on(self, day: date) -> bool:
        """Neither a closed weekday nor a closed day."""
        return day.isoweekday() not in self.closed_weekdays and day not in self.closed_days

    def quiet_at(self, wall: time) -> bool:
        """From the beginning of the quiet hours on, until before their end, over midnight or not."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= wall < self.quiet_until
        return not self.quiet_until <= wall < self.quiet_from

    def allows(self, moment: datetime) -> bool:
        """Whether something may leave by itself at that moment."""
        shown = shown_at(moment, self.zone)
        return self.open_on(shown.date()) and not self.quiet_at(shown.time())


@lru_cache(maxsize=1 << 16)
def shown_at(moment: datetime, zone: str) -> datetime:
    """What the clock on the wall shows then, as a naive datetime."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=1 << 16)
def instant(shown: datetime, zone: str) -> datetime:
    """The first moment at which the clock on the wall shows that. Where it never does, as long after its jump as the
    clock would have needed: the reading that it had before the jump goes on."""
    as_if = shown.replace(tzinfo=UTC)
    guesses = (as_if + number * HALF_HOUR for number in range(-30, 31))
    found = next((moment for moment in guesses if shown_at(moment, zone) == shown), None)
    if found is not None:
        return found
    before = as_if - DAY
    return before + (shown - shown_at(before, zone))


def half_hours_from(moment: datetime, step: timedelta = HALF_HOUR) -> Iterator[datetime]:
    """Every half hour after that moment (before it, with a negative step), not itself."""
    edge = moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)
    if step < timedelta(0) and edge < moment:
        yield edge
    end = abs(_FARTHEST // step)
    yield from (edge + number * step for number in range(1, end))


@lru_cache(maxsize=1 << 16)
def first_allowed(moment: datetime, hours: Hours) -> datetime | None:
    """The first moment from that one on at which something may leave; None where a month has none."""
    if hours.allows(moment):
        return moment
    return next((one for one in half_hours_from(moment) if hours.allows(one)), None)


@lru_cache(maxsize=1 << 16)
def moved_earlier(moment: datetime, hours: Hours) -> datetime | None:
    """Off a closed day to the same wall time on the nearest earlier open one, out of quiet hours to half an hour before
    they begin, as often as needed. None where a month has no such moment."""
    earliest = moment - _FARTHEST
    while moment > earliest:
        shown = shown_at(moment, hours.zone)
        if not hours.open_on(shown.date()):
            days = (shown - number * DAY for number in range(1, 30))
            opened = next((day for day in days if hours.open_on(day.date())), None)
            if opened is None:
                return None
            moment = instant(opened, hours.zone)
        elif hours.quiet_at(shown.time()):
            moment = _quiet_began(moment, hours) - HALF_HOUR
        else:
            return moment
    return None


def _quiet_began(moment: datetime, hours: Hours) -> datetime:
    """When the quiet hours began that last at that moment."""
    edge = moment
    for one in half_hours_from(moment, -HALF_HOUR):
        if not hours.quiet_at(shown_at(one, hours.zone).time()):
            return edge
        edge = one
    return edge
