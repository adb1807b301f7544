"""On which days is a clinic closed? Public holidays of its country and region, and what it says of single days itself.

Which days are public holidays is known by the `holidays` library (one calendar for each country, checked against the
laws by its authors); here they are kept for each year, as asking it takes a millisecond. What the clinic says itself
are the rows of ClosedDay: closed on a further day, or at work on a holiday. A place's own row beats that of the whole
clinic, and both beat the calendar. Closed weekdays are no matter of this file: see `reminders.timing.Hours`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache
from types import MappingProxyType

import holidays

from clinics.models import Clinic, ClosedDay, Location

_COUNTRY = re.compile(r"[A-Z]{2}")


@lru_cache(maxsize=256)
def _calendar(country: str) -> holidays.HolidayBase | None:
    """The library's calendar of a country, without any day; None where it has none."""
    if not _COUNTRY.fullmatch(country):
        return None
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:  # the library's word for a country that it does not know
        return None


def is_known(country: str) -> bool:
    """Whether the public holidays of that country (ISO 3166-1) are known at all."""
    return _calendar(country) is not None


@lru_cache(maxsize=256)
def regions(country: str) -> Mapping[str, str]:
    """Code → name of the country's regions whose holidays are known, by name; names as they are written there."""
    calendar = _calendar(country)
    if calendar is None:
        return {}
    names = {code: _own_name(code, aliases) for code, aliases in calendar.get_subdivision_aliases().items()}
    return MappingProxyType(
        dict(sorted(names.items(), key=lambda one: unicodedata.normalize("NFKD", one[1]).casefold()))
    )


def _own_name(code: str, aliases: list[str]) -> str:
    """Of several spellings the one with its accents."""
    return next((name for name in aliases if not name.isascii()), next(iter(aliases), code))


@lru_cache(maxsize=4096)
def public_holidays(country: str, region: str, year: int, language: str = "") -> Mapping[date, str]:
    """Day → name of the country's and the region's public holidays in a year, named in `language` (as Django writes it)
    where the library can, else as in the country. None for a country that it does not know; a region that it does not
    know, or no longer, adds nothing to the country's own."""
    calendar = _calendar(country)
    if calendar is None:
        return {}
    found = holidays.country_holidays(
        country,
        subdiv=region if region in calendar.subdivisions else None,
        years=year,
        expand=False,
        language=_spoken(calendar, language),
    )
    return MappingProxyType(dict(sorted(found.items())))


def _spoken(calendar: holidays.HolidayBase, language: str) -> str | None:
    """What the library calls the language in which it shall name the days."""
    wanted = language.replace("-", "_").casefold()
    offered = {one.casefold(): one for one in calendar.supported_languages}
    alike = (one for key, one in offered.items() if key.partition("_")[0] == wanted.partition("_")[0])
    return offered.get(wanted) or next(alike, calendar.default_language)


@lru_cache(maxsize=1024)
def _public_days(country: str, region: str, first_year: int, last_year: int) -> frozenset[date]:
    years = range(first_year, last_year + 1)
    return frozenset(day for year in years for day in public_holidays(country, region, year))


@dataclass(frozen=True)
class OwnDays:
    """What the clinic's own rows say: place (None for the whole clinic) → day → whether it is closed."""

    by_place: Mapping[int | None, Mapping[date, bool]]

    def at(self, place: int | None) -> Mapping[date, bool]:
        """What holds at that place."""
        return {**self.by_place.get(None, {}), **self.by_place.get(place, {})}


def own_days() -> OwnDays:
    """The rows of the clinic, all of them: they are few. Inside `in_clinic`."""
    return as_own_days(ClosedDay.objects.values_list("location_id", "day", "closed"))


def as_own_days(rows: Iterable[tuple[int | None, date, bool]]) -> OwnDays:
    """Of rows that say place, day, and whether it is closed."""
    by_place: dict[int | None, dict[date, bool]] = {}
    for place, day, closed in rows:
        by_place.setdefault(place, {})[day] = closed
    return OwnDays(by_place)


def region_of(clinic: Clinic, location: Location | None) -> str:
    """The region whose holidays count at that place, or where none is named."""
    return (location.region if location else "") or clinic.region


def closed_days(clinic: Clinic, location: Location | None, own: OwnDays, first: date, last: date) -> frozenset[date]:
    """The days from `first` to `last`, both included, on which that place is closed, whatever their weekday."""
    public: frozenset[date] = frozenset()
    if clinic.public_holidays:
        public = _public_days(clinic.country, region_of(clinic, location), first.year, last.year)
    said = own.at(location.pk if location else None)
    closed = public.union(day for day, shut in said.items() if shut)
    return frozenset(day for day in closed if first <= day <= last and said.get(day, True))


def closed_around(clinic: Clinic, location: Location | None, own: OwnDays, year: int) -> frozenset[date]:
    """The closed days that may matter to something that begins in `year`: those of the three years before it, as a
    message may go long before, and of the year after."""
    first, last = max(year - 3, MINYEAR), min(year + 1, MAXYEAR)
    return closed_days(clinic, location, own, date(first, 1, 1), date(last, 12, 31))
