"""How does a clinic close on further days, or work on a holiday? The one writer of ClosedDay.

Reminders rest on these days, so they must be planned again afterwards: pages call `reminders.replanning`, never this
alone. Writers of one clinic wait for each other at the clinic's row, so that no day is written twice.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from clinics.holidays import closed_days, own_days
from clinics.models import Clinic, ClosedDay, Location, SettingArea
from clinics.setting_log import Act, note_change

#: Days that may be closed in one go: more is a slip of the finger.
MOST_DAYS = 60


@dataclass(frozen=True)
class Closing:
    """Days to be closed, from `first` to `last`, both included; at one place, or (None) at all."""

    first: date
    last: date
    name: str
    location: Location | None


class Why(StrEnum):
    """Why days are not closed."""

    PAST = "past"  #: the first has passed
    BACKWARDS = "backwards"  #: the last lies before the first
    TOO_LONG = "too_long"  #: more than MOST_DAYS
    STANDS = "stands"  #: all of them are closed there already


class ClosingRefused(ValueError):
    """The days are not closed; `why` says for which reason."""

    def __init__(self, why: Why) -> None:
        """Words are the pages' matter."""
        super().__init__(why.value)
        self.why = why


def close_days(clinic: Clinic, closing: Closing, act: Act) -> int:
    """Closes the days that are not closed there already; inside `in_clinic`. Gives how many. Of a range the public
    holidays are closed by name too, so that they stay closed should the clinic work on holidays one day. Raises
    ClosingRefused."""
    _check(clinic, closing, act)
    _wait_for_others(clinic)
    days = _days(closing)
    place = closing.location
    said = own_days()
    closed = {day for day, shut in said.at(place.pk if place else None).items() if shut}
    if len(days) == 1:
        closed |= closed_days(clinic, place, said, closing.first, closing.last)
    missing = [day for day in days if day not in closed]
    if not missing:
        raise ClosingRefused(Why.STANDS)
    _set(clinic, place, missing, closing.name, closed=True)
    _note(clinic, act, closed=f"{closing.first}/{closing.last}", name=closing.name, place=place.pk if place else None)
    return len(missing)


def open_day(clinic: Clinic, day: date, location: Location | None, act: Act) -> bool:
    """The clinic works on that holiday, at one place or (None) at all; inside `in_clinic`. Whether that is new."""
    _wait_for_others(clinic)
    if own_days().by_place.get(location.pk if location else None, {}).get(day) is False:
        return False
    _set(clinic, location, [day], "", closed=False)
    _note(clinic, act, opened=str(day), place=location.pk if location else None)
    return True


def take_back(clinic: Clinic, ids: Collection[int], act: Act) -> int:
    """What was said of these days no longer holds, be it that they are closed or open; inside `in_clinic`. Gives how
    many. Raises LookupError when one of the rows is not there."""
    _wait_for_others(clinic)
    rows = list(ClosedDay.objects.filter(pk__in=ids).order_by("day", "pk"))
    if not rows or len(rows) != len(set(ids)):
        raise LookupError("one of these days is not there")
    ClosedDay.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _note(clinic, act, taken_back=f"{rows[0].day}/{rows[-1].day}", place=rows[0].location_id)
    return len(rows)


def _check(clinic: Clinic, closing: Closing, act: Act) -> None:
    if closing.first < act.at.astimezone(ZoneInfo(clinic.time_zone)).date():
        raise ClosingRefused(Why.PAST)
    if closing.last < closing.first:
        raise ClosingRefused(Why.BACKWARDS)
    if (closing.last - closing.first).days >= MOST_DAYS:
        raise ClosingRefused(Why.TOO_LONG)


def _days(closing: Closing) -> list[date]:
    return [closing.first + timedelta(days=number) for number in range((closing.last - closing.first).days + 1)]


def _wait_for_others(clinic: Clinic) -> None:
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def _set(clinic: Clinic, location: Location | None, days: Collection[date], name: str, *, closed: bool) -> None:
    """Writes the rows of that place; a row that says otherwise of a day is turned."""
    ClosedDay.objects.filter(location=location, day__in=days).delete()
    ClosedDay.objects.bulk_create(
        ClosedDay(clinic=clinic, location=location, day=day, name=name, closed=closed) for day in days
    )


def _note(clinic: Clinic, act: Act, **after: object) -> None:
    note_change(clinic, SettingArea.HOLIDAYS, {name: [None, value] for name, value in after.items()}, act)
