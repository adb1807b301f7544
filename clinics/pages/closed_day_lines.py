"""What does the page of closed days list? Holidays and the clinic's own days to come, with what can be done about each.

Days that follow each other at one place under one name are one line. Inside `in_clinic`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from clinics.holidays import public_holidays
from clinics.models import Clinic, ClosedDay, Location

#: How far ahead public holidays are listed; the clinic's own days are listed however far ahead.
AHEAD = timedelta(days=365)


@dataclass(frozen=True)
class Opened:
    """Where the clinic works although it is a holiday; `place` is empty for the whole clinic."""

    row: int
    place: str
    #: One "Close again" makes one change, see clinics.once.
    token: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class OwnDay:
    """A day of the clinic's own, as one row."""

    row: int
    day: date
    token: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Line:
    """One line. `places` is empty for all places."""

    first: date
    last: date
    name: str
    #: A public holiday; else a day of the clinic's own.
    public: bool
    places: tuple[str, ...] = ()
    #: A weekday on which the clinic is closed anyhow.
    closed_anyway: bool = False
    #: Of a holiday: who works all the same, and (id, name) of the places that may still say so; id 0 for all of them.
    opened: tuple[Opened, ...] = ()
    may_open: tuple[tuple[int, str], ...] = ()
    #: Of own days: each of them.
    own: tuple[OwnDay, ...] = ()
    token: UUID = field(default_factory=uuid4)

    @property
    def days(self) -> int:
        """How many days it stands for."""
        return (self.last - self.first).days + 1

    @property
    def works(self) -> bool:
        """Whether the whole clinic works on that holiday."""
        return any(not one.place for one in self.opened)


def lines(clinic: Clinic, today: date, language: str) -> list[Line]:
    """Everything from today on, by day."""
    places = list(Location.objects.order_by("name"))
    rows = list(ClosedDay.objects.filter(day__gte=today).select_related("location").order_by("day", "pk"))
    public = _public(clinic, places, today, language) if clinic.public_holidays else {}
    found = [_holiday(clinic, day, held, places, rows) for day, held in public.items()]
    found += _own([row for row in rows if row.closed or row.day not in public], clinic)
    return sorted(found, key=lambda line: (line.first, not line.public, line.places))


#: Region → the places that keep its holidays.
_Held = dict[str, tuple[str, list[Location]]]


def _public(clinic: Clinic, places: Sequence[Location], today: date, language: str) -> dict[date, _Held]:
    """Day → region → (name, the places that keep it)."""
    keeping: dict[str, list[Location]] = {} if places else {clinic.region: []}
    for place in places:
        keeping.setdefault(place.region or clinic.region, []).append(place)
    found: dict[date, _Held] = {}
    for region, there in keeping.items():
        for year in (today.year, today.year + 1):
            for day, name in public_holidays(clinic.country, region, year, language).items():
                if today <= day < today + AHEAD:
                    found.setdefault(day, {})[region] = (name, there)
    return found


def _holiday(clinic: Clinic, day: date, held: _Held, places: Sequence[Location], rows: Iterable[ClosedDay]) -> Line:
    keeping = [place for _name, there in held.values() for place in there]
    everywhere = len(keeping) == len(places)
    opened = [row for row in rows if row.day == day and not row.closed]
    said = {row.location_id for row in opened}
    may_open = [(0, _("All locations"))] if everywhere else []
    if not everywhere or len(places) > 1:
        may_open += [(place.pk, place.name) for place in keeping if place.pk not in said]
    return Line(
        first=day,
        last=day,
        name="; ".join(dict.fromkeys(name for name, _there in held.values())),
        public=True,
        places=() if everywhere else tuple(place.name for place in keeping),
        closed_anyway=day.isoweekday() in clinic.closed_weekdays,
        opened=tuple(Opened(row.pk, row.location.name if row.location else "") for row in opened),
        may_open=() if None in said else tuple(may_open),
    )


def _own(rows: Iterable[ClosedDay], clinic: Clinic) -> list[Line]:
    runs: list[list[ClosedDay]] = []
    for row in sorted(rows, key=lambda row: (row.location_id or 0, row.closed, row.name, row.day)):
        before = runs[-1][-1] if runs else None
        if before and _alike(before, row) and row.day - before.day == timedelta(days=1):
            runs[-1].append(row)
        else:
            runs.append([row])
    return [_run(run, clinic) for run in runs]


def _alike(one: ClosedDay, other: ClosedDay) -> bool:
    return (one.location_id, one.closed, one.name) == (other.location_id, other.closed, other.name)


def _run(rows: Sequence[ClosedDay], clinic: Clinic) -> Line:
    first = rows[0]
    name = first.name or _("Closed")
    return Line(
        first=first.day,
        last=rows[-1].day,
        name=name if first.closed else _("Open on this day"),
        public=False,
        places=(first.location.name,) if first.location else (),
        closed_anyway=all(row.day.isoweekday() in clinic.closed_weekdays for row in rows),
        own=tuple(OwnDay(row.pk, row.day) for row in rows),
    )
