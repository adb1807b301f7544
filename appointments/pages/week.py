"""What stands in a week? Seven days with their lines, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from appointments.pages.day import Line, bounds, lines_between, narrowed
from clinics.closed_on import Shut, closed_on
from clinics.models import Clinic, Practitioner


@dataclass(frozen=True)
class WeekDay:
    """One column: a local day and its lines. A block that lasts stands on each of its days."""

    day: date
    lines: tuple[Line, ...]
    #: Why the clinic is closed on that day; empty where it is not.
    closed: tuple[Shut, ...]


@dataclass(frozen=True)
class Week:
    """Monday to Sunday, with the counts that the head names."""

    days: tuple[WeekDay, ...]
    appointments: int
    attention: int
    practitioners: tuple[Practitioner, ...]


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def read_week(clinic: Clinic, day: date, now: datetime, practitioner: int | None, attention: bool) -> Week:
    """The week of a local day; narrowed as read_day is. Inside `in_clinic`; a fixed number of queries."""
    zone, monday = ZoneInfo(clinic.time_zone), monday_of(day)
    days = [monday + timedelta(days=more) for more in range(7)]
    begin, end = bounds(days[0], zone)[0], bounds(days[-1], zone)[1]
    lines, blocks = lines_between(clinic, begin, end, now, practitioner)
    closed = closed_on(clinic, days[0], days[-1], get_language() or "en")
    return Week(
        days=tuple(
            WeekDay(
                day=one,
                lines=tuple(narrowed(_on(lines, one, zone), _over(blocks, one, zone), attention)),
                closed=closed.get(one, ()),
            )
            for one in days
        ),
        appointments=len(lines),
        attention=sum(line.attention for line in lines),
        practitioners=tuple(Practitioner.objects.order_by("name")),
    )


def _on(lines: Sequence[Line], day: date, zone: ZoneInfo) -> list[Line]:
    return [line for line in lines if line.start.astimezone(zone).date() == day]


def _over(blocks: Sequence[Line], day: date, zone: ZoneInfo) -> list[Line]:
    begin, end = bounds(day, zone)
    return [line for line in blocks if line.start < end and line.end > begin]
