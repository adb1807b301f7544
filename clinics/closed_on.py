"""Why is a clinic closed on a day, and at which of its places? For the people who look at its agenda.

The same rules by which reminders keep off these days (`clinics.holidays`, closed weekdays), with the days' names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinics.holidays import public_holidays, region_of
from clinics.models import Clinic, ClosedDay, Location


@dataclass(frozen=True)
class Shut:
    """One reason for which a day is closed. `name` is a holiday's or the clinic's own, empty for a weekday on which it
    is closed every week or a day without a name; `places` is empty for the whole clinic."""

    name: str = ""
    places: tuple[str, ...] = ()


#: (place, None for the whole clinic; day) → its name, or None where the clinic works on that day.
_Said = Mapping[tuple[int | None, date], str | None]


def closed_on(clinic: Clinic, first: date, last: date, language: str) -> dict[date, tuple[Shut, ...]]:
    """Day → why it is closed, for the closed ones from `first` to `last`, both included; holidays are named in
    `language`. Inside `in_clinic`; two queries."""
    places: list[Location | None] = list(Location.objects.order_by("name", "pk")) or [None]
    said = _said(first, last)
    days = [first + timedelta(days=more) for more in range((last - first).days + 1)]
    found = {day: _why(clinic, day, places, said, language) for day in days}
    return {day: why for day, why in found.items() if why}


def closed_at(clinic: Clinic, place: Location | None, day: date, language: str) -> Shut | None:
    """Why the place, or (None) the clinic as a whole, is closed on that day; None where it is not. Inside
    `in_clinic`."""
    name = _name(clinic, place, day, _said(day, day), language)
    if name is None and day.isoweekday() not in clinic.closed_weekdays:
        return None
    return Shut(name or "", (place.name,) if place and name is not None else ())


def _said(first: date, last: date) -> _Said:
    rows = ClosedDay.objects.filter(day__gte=first, day__lte=last)
    return {(row.location_id, row.day): row.name if row.closed else None for row in rows}


def _why(clinic: Clinic, day: date, places: Sequence[Location | None], said: _Said, language: str) -> tuple[Shut, ...]:
    names: dict[str, list[str]] = {}
    for place in places:
        name = _name(clinic, place, day, said, language)
        if name is not None:
            names.setdefault(name, []).append(place.name if place else "")
    everywhere = sum(map(len, names.values())) == len(places)
    if day.isoweekday() in clinic.closed_weekdays and not (everywhere and len(names) == 1):
        return (Shut(),)
    if everywhere and len(names) == 1:
        return (Shut(next(iter(names))),)
    return tuple(Shut(name, tuple(there)) for name, there in names.items())


def _name(clinic: Clinic, place: Location | None, day: date, said: _Said, language: str) -> str | None:
    """What the day is called there; None where it is no closed day, whatever its weekday."""
    for whose in (place.pk if place else None, None):
        if (whose, day) in said:
            return said[whose, day]
    if not clinic.public_holidays:
        return None
    return public_holidays(clinic.country, region_of(clinic, place), day.year, language).get(day)
