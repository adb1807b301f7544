"""Which moment does a cell name? Wall times of the agenda, read in the zone of the place. Pure.

Dates: 2027-03-25, 25/03/2027, 25.03.2027, 25-03-2027 (which number is the day: dates.py), the year with four digits.
Times: 10:30, 10.30, 10h30, 10h, 10:30 h, with seconds, 3:30 pm. Between them a space, a comma or `T`. That is the clock
on the wall; with an offset (`+01:00`, `Z`) it is the moment itself. A wall time that a spring change skips does not
exist and is refused; of one that occurs twice in autumn, the first is meant (PEP 495, fold=0).
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from appointments.importing.cells import BadCell
from appointments.importing.dates import DAY_FIRST, DateOrder

_DATE = (
    r"(?:(?P<year>\d{4})(?P<parted>[-/.])(?P<month>\d{1,2})(?P=parted)(?P<day>\d{1,2})"
    r"|(?P<one>\d{1,2})(?P<by>[-/.])(?P<other>\d{1,2})(?P=by)(?P<last_year>\d{4}))"
)
_TIME = (
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?(?: ?hs?\.?)?| ?h)"
    r"(?: ?(?P<half>[ap])\.? ?m\.?)?"
)
_OFFSET = r"(?: ?(?P<offset>Z|[+-]\d{2}:?\d{2}))?"
_FORM = re.compile(rf"{_DATE}(?:T|,? +){_TIME}{_OFFSET}", re.ASCII | re.IGNORECASE)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}(?!\d).*", re.ASCII)
#: Years outside are mistyped dates, not appointments.
_FIRST_YEAR, _LAST_YEAR = 1990, 2099


def parse_time(text: str, order: DateOrder = DAY_FIRST) -> datetime:
    """The date and time of a cell: naive for a wall time, aware where an offset stands with it. Raises BadCell."""
    match = _FORM.fullmatch(" ".join(text.split()))
    if match is None:
        if _SHORT_YEAR.fullmatch(text):
            raise BadCell("has a year of two digits; write four")
        raise BadCell("is not a date and time such as 2026-11-24 15:30 or 24/11/2026 15:30")
    year, month, day = _date(match, order)
    try:
        second = int(match["second"] or 0)
        value = datetime(year, month, day, _hour(match), int(match["minute"] or 0), second, tzinfo=_offset(match))
    except ValueError as error:
        raise BadCell("is not a date and time that exists") from error
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise BadCell(f"lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return value


def to_moment(value: datetime, zone: str) -> datetime:
    """The moment, in UTC. Raises BadCell for a wall time that the zone's clocks skip."""
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    there = ZoneInfo(zone)
    moment = value.replace(tzinfo=there, fold=0).astimezone(UTC)
    if moment.astimezone(there).replace(tzinfo=None) != value:
        raise BadCell(f"does not exist: the clocks of {zone} skip it")
    return moment


def _date(match: "re.Match[str]", order: DateOrder) -> tuple[int, int, int]:
    if match["year"]:
        return int(match["year"]), int(match["month"]), int(match["day"])
    try:
        day, month = order.day_and_month(int(match["one"]), int(match["other"]))
    except ValueError as error:
        raise BadCell(str(error)) from error
    return int(match["last_year"]), month, day


def _hour(match: "re.Match[str]") -> int:
    hour = int(match["hour"])
    if not match["half"]:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("the twelve-hour clock has hours 1 to 12")
    return hour % 12 + (12 if match["half"].lower() == "p" else 0)


def _offset(match: "re.Match[str]") -> timezone | None:
    """Raises ValueError for an offset of a day or more, which no zone has."""
    text = match["offset"]
    if not text:
        return None
    if text in "Zz":
        return UTC
    length = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-length if text[0] == "-" else length)
