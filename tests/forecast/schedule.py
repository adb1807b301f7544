"""When does one message leave, and from when on is it too late? Written from the design's chapters on time and stories.

Imports nothing of the product.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.forecast.entities import EMAIL, FALLBACK, NOTICES, SMS, Appointment, Clinic, Row, Rule
from tests.forecast.wall import DAY, HOUR, MINUTE, Hours, first_allowed, instant, moved_earlier, shown_at

GRACE = 3 * MINUTE
#: By so much earlier a message ends that has a fallback, to leave that one time.
ROOM_FOR_FALLBACK = 15 * MINUTE


@dataclass(frozen=True)
class Schedule:
    """What time says of a message. Without a `due` it never goes; it is then looked at, and skipped, at `looked_at`."""

    nominal: datetime
    late: bool
    due: datetime | None
    deadline: datetime
    looked_at: datetime


def schedule(clinic: Clinic, rule: Rule, appointment: Appointment, row: Row) -> Schedule:
    """For one row, with the clinic and the rule as they are now."""
    if row.by_hand and row.event_at is not None:
        return _by_hand(rule, appointment, row, row.event_at)
    if row.kind in NOTICES and row.event_at is not None:
        return _of_notice(clinic, appointment, row.event_at)
    hours = clinic.hours(appointment.location)
    nominal = row.event_at or named(appointment.start, rule, hours)
    late = nominal < row.first_seen
    ready = max(row.first_seen, appointment.set_at + GRACE)
    for pause in (clinic.paused_until, None):  # one that leaves no moment is as if it were not: it holds till the end
        due = _leaves(rule, hours, (nominal, late), ready, pause)
        if due is None:
            continue
        ends = _deadline(rule, appointment, row, (nominal, due))
        if due >= ends:
            continue
        return Schedule(nominal, late, due, ends, due)
    return Schedule(nominal, late, None, appointment.start, max(nominal, row.first_seen))


def goes_before(row: Row, due: Schedule) -> datetime:
    """Until when, exclusive, it may go: a text needs a minute of use at its provider."""
    return due.deadline - (MINUTE if row.channel == SMS else timedelta(0))


def named(start: datetime, rule: Rule, hours: Hours) -> datetime:
    """The moment that the rule names."""
    if rule.timing == "before_elapsed":
        return start - rule.amount * MINUTE
    shown, left = shown_at(start, hours.zone), rule.amount
    day = shown
    while left:
        day -= DAY
        left -= 1 if not rule.working_days or hours.open_on(day.date()) else 0
    if rule.timing == "days_before_at" and rule.at_time is not None:
        day = datetime.combine(day.date(), rule.at_time)
    return instant(day, hours.zone)


def _leaves(
    rule: Rule, hours: Hours, moment: tuple[datetime, bool], ready: datetime, pause: datetime | None
) -> datetime | None:
    """Where the rule's moment (and whether it was late) leads, if nothing may leave before `ready` and the pause."""
    nominal, late = moment
    floor = max(ready, pause) if pause else ready
    if not late:
        earlier = moved_earlier(nominal, hours)
        return earlier if earlier is not None and earlier >= floor else first_allowed(max(nominal, floor), hours)
    if rule.late_policy == "skip" or (rule.late_policy == "send_now" and not hours.allows(ready)):
        return None  # whatever a pause holds back: it makes nothing go that would not go without it
    return first_allowed(floor, hours)


def _of_notice(clinic: Clinic, appointment: Appointment, agreed: datetime) -> Schedule:
    """Staff agreed to it: any hour is allowed, after the grace, before the start that the patient knows of."""
    ends = min(appointment.start, appointment.told.start) if appointment.told else appointment.start
    due = agreed + GRACE
    if clinic.paused_until is not None and due < clinic.paused_until < ends:
        due = clinic.paused_until
    return Schedule(agreed, False, due if due < ends else None, ends, due)


def _by_hand(rule: Rule, appointment: Appointment, row: Row, said: datetime) -> Schedule:
    """At once, at any hour; a notice as long as the start that the patient knows of is to come."""
    ends = _deadline(rule, appointment, row, (said, said))
    if row.kind in NOTICES and appointment.told and appointment.told.start <= said:
        ends = appointment.told.start
    return Schedule(said, False, said if said < ends else None, ends, said)


def _deadline(rule: Rule, appointment: Appointment, row: Row, moments: tuple[datetime, datetime]) -> datetime:
    """From when on it is too late for what was named for one moment and leaves at another."""
    nominal, due = moments
    lead = appointment.start - nominal
    ends = min(appointment.start - _margin(row.channel, lead), due + _longest(lead))
    if rule.fallback_channel and row.route != FALLBACK and due < ends - ROOM_FOR_FALLBACK:
        ends -= ROOM_FOR_FALLBACK
    return ends


def _margin(channel: str, lead: timedelta) -> timedelta:
    return min(60 * MINUTE if channel == EMAIL else 30 * MINUTE, lead / 2)


def _longest(lead: timedelta) -> timedelta:
    return 6 * HOUR if lead >= 12 * HOUR else 45 * MINUTE
