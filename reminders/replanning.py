"""What is planned again when the clinic itself changes? All appointments to come, by a walk of the drain.

It is asked for in the transaction of the change, so that none is forgotten, and by the stamps alone: no appointment is
touched, none of their reminders waits, and no notice follows, as nobody changed the appointment.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F

from appointments.models import Appointment
from clinics import closed_days
from clinics.closed_days import Closing
from clinics.models import Clinic, Location, Practitioner, SettingArea
from clinics.place_writing import write_place, write_place_region
from clinics.practitioner_writing import write_practitioner
from clinics.setting_log import Act
from clinics.writing import write_clinic
from reminders.models import PlanStamp

#: Into so many parts a clinic's appointments fall, each of which one worker walks at a time.
PARTS = 4
#: What a reminder's moment and channel rest on; the other switches are gates, looked at when it goes.
_PLANNED_BY = frozenset(
    {"time_zone", "quiet_from", "quiet_until", "closed_weekdays", "region", "public_holidays", "default_channel"}
)


@dataclass(frozen=True)
class ClinicChange:
    """What became of a change: the names of the fields that differed, and how many appointments are planned again."""

    changed: frozenset[str]
    planned_again: int


def change_clinic(clinic: Clinic, fields: Mapping[str, Any], act: Act) -> ClinicChange:
    """Changes the clinic's switches and has the plan follow; inside `in_clinic`. Raises as write_clinic does."""
    changed = write_clinic(clinic, fields, act)
    return ClinicChange(changed, plan_again(clinic, act.at) if changed & _PLANNED_BY else 0)


def change_place(clinic: Clinic, place: Location, fields: Mapping[str, Any], act: Act) -> ClinicChange:
    """Changes one of the clinic's places and has the plan follow; inside `in_clinic`. Raises as write_place does."""
    changed = write_place(clinic, place, fields, act)
    return ClinicChange(changed, plan_again(clinic, act.at) if changed & _PLANNED_BY else 0)


def change_practitioner(
    clinic: Clinic, practitioner: Practitioner, fields: Mapping[str, Any], act: Act
) -> ClinicChange:
    """As write_practitioner; no reminder's moment rests on it."""
    return ClinicChange(write_practitioner(clinic, practitioner, fields, act), 0)


@dataclass(frozen=True)
class Holidays:
    """Whose public holidays a clinic keeps: the region's, and (place → region) that of places elsewhere."""

    region: str
    public_holidays: bool
    places: Mapping[Location, str]


def change_holidays(clinic: Clinic, wanted: Holidays, act: Act) -> ClinicChange:
    """Changes whose holidays the clinic keeps and has the plan follow; inside `in_clinic`."""
    fields = {"region": wanted.region, "public_holidays": wanted.public_holidays}
    changed = write_clinic(clinic, fields, act, SettingArea.HOLIDAYS)
    moved = [write_place_region(clinic, place, region, act) for place, region in wanted.places.items()]
    if any(moved):
        changed |= {"places"}
    return ClinicChange(changed, plan_again(clinic, act.at) if changed else 0)


@dataclass(frozen=True)
class DaysChange:
    """How many closed days a change wrote, and how many appointments are planned again."""

    days: int
    planned_again: int


def close_days(clinic: Clinic, closing: Closing, act: Act) -> DaysChange:
    """As `clinics.closed_days.close_days`, and the plan follows."""
    return _with_plan(clinic, closed_days.close_days(clinic, closing, act), act)


def open_day(clinic: Clinic, day: date, place: Location | None, act: Act) -> DaysChange:
    """As `clinics.closed_days.open_day`, and the plan follows."""
    return _with_plan(clinic, int(closed_days.open_day(clinic, day, place, act)), act)


def take_back(clinic: Clinic, ids: Collection[int], act: Act) -> DaysChange:
    """As `clinics.closed_days.take_back`, and the plan follows."""
    return _with_plan(clinic, closed_days.take_back(clinic, ids, act), act)


def _with_plan(clinic: Clinic, days: int, act: Act) -> DaysChange:
    return DaysChange(days, plan_again(clinic, act.at) if days else 0)


def plan_again(clinic: Clinic, now: datetime) -> int:
    """Asks for the plan of every appointment that starts after `now` to be made again; inside `in_clinic`. Gives how
    many they are. A walk that is under way begins anew."""
    coming = Appointment.objects.filter(start__gt=now).annotate(part=F("pk") % PARTS).values_list("part")
    totals = dict(coming.annotate(count=Count("pk")))
    begins = [
        PlanStamp(clinic=clinic, part=part, asked_at=now, total=totals.get(part, 0), reached_start=now)
        for part in range(PARTS)
    ]
    if totals:
        columns = ["asked_at", "total", "walked", "reached_start", "reached_id", "left", "done"]
        PlanStamp.objects.bulk_create(
            begins, update_conflicts=True, unique_fields=["clinic", "part"], update_fields=columns
        )
    return sum(totals.values())
