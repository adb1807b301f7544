"""Which moment does a cell name? Wall times of the agenda, read in the zone of the place. Pure.

`2026-11-24 15:30`, with `T`, with seconds: the clock on the wall. With an offset (`+01:00`, `Z`) the moment itself.
A wall time that a spring change skips does not exist and is refused; of one that occurs twice in autumn, the first
is meant (PEP 495, fold=0).
"""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from appointments.importing.cells import BadCell

_FORM = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)? ?(Z|[+-]\d{2}:?\d{2})?", re.ASCII | re.IGNORECASE
)
#: Years outside are mistyped dates, not appointments.
_FIRST_YEAR, _LAST_YEAR = 1990, 2099


def parse_time(text: str) -> datetime:
    """The date and time of a cell: naive for a wall time, aware where an offset stands with it. Raises BadCell."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise BadCell("is not a date and time such as 2026-11-24 15:30")
    try:
        value = datetime.fromisoformat(f"{match[1]}T{match[2]}{(match[3] or '').upper()}")
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
