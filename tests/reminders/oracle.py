"""What do the rules of time say, found without any arithmetic on offsets? Minute-by-minute search in UTC.

Knows nothing of `reminders.timing` but the plain values that it is asked with. Slow and simple on purpose.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from messaging.channels import Channel
from reminders.kinds import LatePolicy, TimingKind
from reminders.timing import Hours, Known, Timing

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
#: Zones whose clocks change in 2026-2028, in every way there is: at 02:00, at midnight (the day begins at 01:00 or has
#: 23:00 twice), by half an hour, by two hours, in winter (Casablanca), on the southern half of the earth.
ZONES = (
    "Europe/Madrid", "Atlantic/Canary", "Atlantic/Azores", "Europe/London", "Africa/Casablanca", "Africa/Cairo",
    "Asia/Beirut", "America/New_York", "America/Havana", "America/Santiago", "Australia/Lord_Howe", "Pacific/Chatham",
    "Antarctica/Troll",
)  # fmt: skip


@cache
def changes(zone: str) -> list[datetime]:
    """Every moment from 2026 to 2028 at which the zone's clock jumps, to the minute."""
    found = []
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year < 2029:
        if jump(moment, DAY, zone):
            first = moment
            while not jump(first, MINUTE, zone):
                first += timedelta(hours=1) if not jump(first, timedelta(hours=1), zone) else MINUTE
            found.append(first + MINUTE)
        moment += DAY
    return found


def jump(moment: datetime, step: timedelta, zone: str) -> timedelta:
    """By how much the wall clock gains on the elapsed time within `step`."""
    return wall_clock(moment + step, zone) - wall_clock(moment, zone) - step


def wall_clock(moment: datetime, zone: str) -> datetime:
    """What the clock on the wall shows, as a naive datetime."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def instant(day: date, wall: time, zone: str) -> datetime:
    """The first moment at which the wall clock shows that; where it never does, as long after the last moment before
    as the clock would have needed without the jump."""
    wanted = datetime.combine(day, wall)
    before = middle = datetime.combine(day, wall, UTC)
    moment = middle - timedelta(hours=15)
    while moment <= middle + timedelta(hours=15):
        shown = wall_clock(moment, zone)
        if shown == wanted:
            return moment
        if shown < wanted:
            before = moment
        moment += MINUTE
    return before + (wanted - wall_clock(before, zone))


def is_open(day: date, hours: Hours) -> bool:
    """A working day of the clinic."""
    return not (day.isoweekday() in hours.closed_weekdays or day in hours.holidays)


def is_quiet(wall: time, hours: Hours) -> bool:
    """Quiet hours: from their beginning on, until before their end, over midnight or not."""
    if hours.quiet_from <= hours.quiet_until:
        return hours.quiet_from <= wall < hours.quiet_until
    return not hours.quiet_until <= wall < hours.quiet_from


def is_allowed(moment: datetime, hours: Hours) -> bool:
    """Whether a message may leave by itself."""
    shown = wall_clock(moment, hours.zone)
    return is_open(shown.date(), hours) and not is_quiet(shown.time(), hours)


def nominal(start: datetime, timing: Timing, hours: Hours) -> datetime:
    """The moment that the rule names."""
    if timing.kind == TimingKind.BEFORE_ELAPSED:
        return start - timing.amount * MINUTE
    shown = wall_clock(start, hours.zone)
    day, left = shown.date(), timing.amount
    while left:
        day -= DAY
        if not timing.working_days or is_open(day, hours):
            left -= 1
    wall = timing.at if timing.kind == TimingKind.DAYS_BEFORE_AT and timing.at else shown.time()
    return instant(day, wall, hours.zone)


def moments_from(moment: datetime) -> Iterator[datetime]:
    """That moment, and every minute after it for three weeks."""
    return (moment + number * MINUTE for number in range(21 * 24 * 60))


def first_allowed(moment: datetime, hours: Hours) -> datetime | None:
    """The first moment from that one on at which a message may leave; None where three weeks have none."""
    return next((one for one in moments_from(moment) if is_allowed(one, hours)), None)


def earlier(moment: datetime, hours: Hours) -> datetime:
    """Off a closed day to the same wall time on the nearest earlier open one, out of quiet hours to half an hour
    before they begin; as often as needed."""
    while True:
        shown = wall_clock(moment, hours.zone)
        if not is_open(shown.date(), hours):
            day = shown.date()
            while not is_open(day, hours):
                day -= DAY
            moment = instant(day, shown.time(), hours.zone)
        elif is_quiet(shown.time(), hours):
            while is_quiet(wall_clock(moment - MINUTE, hours.zone).time(), hours):
                moment -= MINUTE
            began = wall_clock(moment, hours.zone)
            moment = instant(began.date(), began.time(), hours.zone) - 30 * MINUTE
        else:
            return moment


def deadline(start: datetime, due: datetime, lead: timedelta, channel: Channel) -> datetime:
    """The moment from which on it is too late."""
    margin = min(60 * MINUTE if channel == Channel.EMAIL else 30 * MINUTE, lead / 2)
    longest = timedelta(hours=6) if lead >= timedelta(hours=12) else timedelta(minutes=45)
    return min(start - margin, due + longest)


def due(start: datetime, timing: Timing, hours: Hours, channel: Channel, known: Known) -> datetime | None:
    """When it leaves by itself; None when it never does. A pause that leaves no moment is as if it were not there: the
    reminder is held by it until its deadline."""
    named = nominal(start, timing, hours)
    for pause in (known.paused_until or known.first_seen, known.first_seen):
        found = _leaves(named, hours, known, max(known.first_seen, known.grace_until, pause))
        if found is not None and found < deadline(start, found, start - named, channel):
            return found
    return None


def _leaves(named: datetime, hours: Hours, known: Known, possible: datetime) -> datetime | None:
    """Where the moment that the rule named leads, if nothing may leave before `possible`. Whether a late one may go at
    once is asked of the moment without the pause, which only puts it off."""
    if named >= known.first_seen:
        found = earlier(named, hours)
        return found if found >= possible else first_allowed(max(named, possible), hours)
    later = first_allowed(possible, hours)
    at_once = later if is_allowed(max(known.first_seen, known.grace_until), hours) else None
    return {LatePolicy.SKIP: None, LatePolicy.SEND_NOW: at_once, LatePolicy.NEXT_ALLOWED: later}[known.late_policy]
