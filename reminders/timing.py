"""When is a reminder due, when may it leave, and when is it too late? Pure; aware datetimes in, aware UTC out.

Wall times are read in the location's zone by `zoneinfo` alone: a wall time inside a spring gap moves forward by the
gap, one that occurs twice in autumn means the first (PEP 495, fold=0).
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from messaging.channels import Channel
from reminders.kinds import LatePolicy, TimingKind

#: After a booking or a move the patient is told nothing by itself for this long, so that Undo sends nothing.
GRACE = timedelta(minutes=3)
#: A moment inside quiet hours moves to this long before they begin.
BEFORE_QUIET = timedelta(minutes=30)
_LONG_LEAD = timedelta(hours=12)
_NO_LEAD, _MINUTE, _DAY = timedelta(0), timedelta(minutes=1), timedelta(days=1)
#: A reminder that has a fallback closes so long before its own deadline, so that the fallback still has time.
FALLBACK_ROOM = timedelta(minutes=15)
#: How far ahead an allowed moment is looked for; beyond it a clinic is closed for good.
_HORIZON_DAYS = 400
#: The nearest a message may come to the start, and the longest it may be late after a long and after a short lead.
_MARGIN, _MARGIN_EMAIL = timedelta(minutes=30), timedelta(minutes=60)
_MAX_LATE, _MAX_LATE_SHORT = timedelta(hours=6), timedelta(minutes=45)
#: Wall times are asked for again and again: all rules of a clinic look at the same days. A year of dozens of clinics.
_WALLS = 1 << 14


@dataclass(frozen=True, slots=True)
class Timing:
    """A rule's timing: `amount` is minutes for BEFORE_ELAPSED, days otherwise; `at` a local wall time."""

    kind: TimingKind
    amount: int
    at: time | None = None
    working_days: bool = False


@dataclass(frozen=True, slots=True)
class Hours:
    """When a clinic lets something leave by itself: local wall times, ISO weekdays and dates on which it is closed."""

    zone: str
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    closed_weekdays: frozenset[int] = frozenset()
    holidays: frozenset[date] = field(default_factory=frozenset)

    def open_on(self, day: date) -> bool:
        """Whether the clinic works on that local day."""
        return day.isoweekday() not in self.closed_weekdays and day not in self.holidays

    def quiet_at(self, wall: time) -> bool:
        """Whether that local wall time lies in the quiet hours (from inclusive, until exclusive)."""
        if self.quiet_from == self.quiet_until:
            return False
        if self.quiet_from < self.quiet_until:
            return self.quiet_from <= wall < self.quiet_until
        return wall >= self.quiet_from or wall < self.quiet_until

    def allows(self, moment: datetime) -> bool:
        """Whether something may leave by itself at that moment."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return self.open_on(local.date()) and not self.quiet_at(local.time())


class Schedule(NamedTuple):
    """What timing says of one reminder. `due` is the effective due moment; None means that no allowed moment is left
    before the deadline, or (`late`) that the rule's moment had passed and its policy is to skip."""

    nominal: datetime
    due: datetime | None
    deadline: datetime
    late: bool
    shifted: bool


@lru_cache(maxsize=_WALLS)
def at_wall(day: date, wall: time, zone: str) -> datetime:
    """That wall time on that day, in UTC. A time in the gap moves forward by the gap, of two the first counts."""
    local = datetime.combine(day, wall.replace(fold=0), tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


@lru_cache(maxsize=_WALLS)
def _reached(day: date, wall: time, zone: str) -> datetime:
    """When the clock on the wall first shows that time or a later one of that day, in UTC: quiet hours whose edge lies
    in the gap begin and end with the gap, not after it."""
    moment, wanted = at_wall(day, wall, zone), datetime.combine(day, wall)
    while (moment - _MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= wanted:
        moment -= _MINUTE
    return moment


def nominal_due(start: datetime, timing: Timing, hours: Hours) -> datetime:
    """The moment the rule names, before quiet hours, closed days and lateness are looked at."""
    if timing.kind is TimingKind.BEFORE_ELAPSED:
        return start.astimezone(UTC) - timedelta(minutes=timing.amount)
    local = start.astimezone(ZoneInfo(hours.zone))
    if timing.working_days:
        day = _working_days_before(local.date(), timing.amount, hours)
    else:
        day = local.date() - timedelta(days=timing.amount)
    wall = local.time() if timing.kind is TimingKind.DAYS_BEFORE_SAME_TIME or timing.at is None else timing.at
    return at_wall(day, wall, hours.zone)


def _working_days_before(day: date, count: int, hours: Hours) -> date:
    for _ in range(_HORIZON_DAYS):
        if count == 0:
            return day
        day -= _DAY
        if hours.open_on(day):
            count -= 1
    return day


def earlier_allowed(moment: datetime, hours: Hours) -> datetime | None:
    """Where a moment that is not allowed moves to: from a closed day to the same wall time on the nearest earlier open
    day, out of quiet hours to 30 minutes before they begin. An allowed moment stays; None where no step back leads to
    one (closed for good, or less than half an hour of the day is open)."""
    zone = ZoneInfo(hours.zone)
    for _ in range(_HORIZON_DAYS):
        local = moment.astimezone(zone)
        day, wall = local.date(), local.time()
        if not hours.open_on(day):
            day = _working_days_before(day, 1, hours)
            if not hours.open_on(day):
                return None
            moment = at_wall(day, wall, hours.zone)
        elif hours.quiet_at(wall):
            began = day if wall >= hours.quiet_from else day - _DAY
            moment = _reached(began, hours.quiet_from, hours.zone) - BEFORE_QUIET
        else:
            return moment
    return None


def first_allowed(moment: datetime, hours: Hours) -> datetime | None:
    """The first moment from `moment` on at which something may leave by itself; None when there never is one."""
    zone = ZoneInfo(hours.zone)
    for _ in range(_HORIZON_DAYS):
        local = moment.astimezone(zone)
        day, wall = local.date(), local.time()
        if not hours.open_on(day):
            moment = at_wall(day + _DAY, time(0), hours.zone)
        elif hours.quiet_at(wall):
            ends = day if wall < hours.quiet_until else day + _DAY
            moment = max(_reached(ends, hours.quiet_until, hours.zone), moment + _MINUTE)
        else:
            return moment
    return None


def closes_at(moment: datetime, hours: Hours) -> datetime:
    """Until when what may leave at `moment` may still leave: quiet hours or a closed day begin then. At most a day."""
    local = moment.astimezone(ZoneInfo(hours.zone))
    tomorrow = local.date() + timedelta(days=1)
    ends = [moment + timedelta(days=1)]
    if not hours.open_on(tomorrow):
        ends.append(at_wall(tomorrow, time(0), hours.zone))
    if hours.quiet_from != hours.quiet_until:
        day = local.date() if local.time() < hours.quiet_from else tomorrow
        begins = _reached(day, hours.quiet_from, hours.zone)
        if begins <= moment:  # that wall time occurs twice, and the first has passed
            begins = datetime.combine(day, hours.quiet_from.replace(fold=1), ZoneInfo(hours.zone)).astimezone(UTC)
        ends.append(begins)
    return min(ends)


def deadline(start: datetime, due: datetime, lead: timedelta, channel: Channel) -> datetime:
    """The moment from which on the message must not leave: min(start − margin, effective due + the longest lateness).

    Margin: 30 minutes (e-mail 60), at most half the lead; longest lateness: 6 hours for leads of 12 hours and more,
    else 45 minutes.
    """
    margin = min(_MARGIN_EMAIL if channel is Channel.EMAIL else _MARGIN, lead / 2)
    max_late = _MAX_LATE if lead >= _LONG_LEAD else _MAX_LATE_SHORT
    return min(start - margin, due + max_late)


class Known(NamedTuple):
    """What a schedule is counted from besides the appointment."""

    #: When the plan first saw the appointment so, and until when grace runs.
    first_seen: datetime
    grace_until: datetime
    late_policy: LatePolicy
    #: The end of the clinic's pause, also one that is over.
    paused_until: datetime | None = None
    #: A fallback opens when this one closes without having gone: it closes a little earlier.
    has_fallback: bool = False


def schedule(start: datetime, timing: Timing, hours: Hours, channel: Channel, known: Known) -> Schedule:
    """Everything timing says of one reminder that a rule's lead time names, the same whenever it is asked: it looks at
    no clock.

    A moment that is not allowed moves earlier if that is still to come when the plan first saw it, else to the first
    allowed moment. A moment that had passed by then is late, and the rule's late policy says what follows.
    """
    nominal = nominal_due(start, timing, hours)
    lead = max(start - nominal, _NO_LEAD)
    late = nominal < known.first_seen
    due = _late_due(hours, known) if late else _due_in_time(nominal, hours, known)
    limit = deadline(start, due or nominal, lead, channel)
    if known.has_fallback and due is not None and due < limit - FALLBACK_ROOM:
        limit -= FALLBACK_ROOM
    if due is not None and due >= limit:
        due = None
    if due is None and known.paused_until is not None:  # held until its deadline: the pause may end sooner than planned
        return schedule(start, timing, hours, channel, known._replace(paused_until=None))
    return Schedule(nominal, due, limit, late, shifted=due is not None and due != nominal)


def _due_in_time(nominal: datetime, hours: Hours, known: Known) -> datetime | None:
    earlier = earlier_allowed(nominal, hours)
    floor = max(known.first_seen, known.grace_until, known.paused_until or known.first_seen)
    if earlier is not None and earlier >= floor:
        return earlier
    return first_allowed(max(nominal, floor), hours)


def _late_due(hours: Hours, known: Known) -> datetime | None:
    soonest = max(known.first_seen, known.grace_until)
    if known.late_policy is LatePolicy.SKIP:
        return None
    if known.late_policy is LatePolicy.SEND_NOW and not hours.allows(soonest):
        return None
    return first_allowed(max(soonest, known.paused_until or soonest), hours)


@dataclass(frozen=True, slots=True)
class Event:
    """What a message counts from where no lead time does: the moment, how long the patient is not told after it, and
    the start after which it is of no use."""

    at: datetime
    start: datetime
    #: A notice: it waits for the grace, and is of use until the start.
    notice: bool = False


def schedule_event(event: Event, hours: Hours | None, channel: Channel, known: Known) -> Schedule:
    """The same for a notice, a fallback, or what a person sends by hand. `hours` None: it may leave at any hour."""
    nominal = event.at + GRACE if event.notice else event.at
    soonest = nominal if hours is None else max(nominal, known.grace_until)
    soonest = max(soonest, known.paused_until or soonest)
    due = soonest if hours is None else first_allowed(soonest, hours)
    lead = max(event.start - nominal, _NO_LEAD)
    limit = event.start if event.notice else deadline(event.start, due or nominal, lead, channel)
    if due is not None and due >= limit:
        due = None
    if due is None and known.paused_until is not None:
        return schedule_event(event, hours, channel, known._replace(paused_until=None))
    return Schedule(nominal, due, limit, late=False, shifted=due is not None and due != nominal)
