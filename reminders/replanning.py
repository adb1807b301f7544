"""What is planned again when the clinic itself changes? All appointments to come: the drain then applies what is new.

`planned_revision` is the plan's own column: at 0 the plan is behind, while `revision` stays, since nobody changed the
appointment and no notice shall follow. It is set in the transaction of the change, so that none is forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appointments.models import Appointment
from clinics.models import Clinic
from clinics.setting_log import Act
from clinics.writing import write_clinic

#: Rows a statement.
CHUNK = 1000
#: What a reminder's moment and channel rest on; the other switches are gates, looked at when it goes.
_PLANNED_BY = frozenset({"time_zone", "quiet_from", "quiet_until", "closed_weekdays", "default_channel"})


@dataclass(frozen=True)
class ClinicChange:
    """What became of a change: the names of the fields that differed, and how many appointments are planned again."""

    changed: frozenset[str]
    planned_again: int


def change_clinic(clinic: Clinic, fields: Mapping[str, Any], act: Act) -> ClinicChange:
    """Changes the clinic's switches and has the plan follow; inside `in_clinic`. Raises as write_clinic does."""
    changed = write_clinic(clinic, fields, act)
    return ClinicChange(changed, plan_again(act.at) if changed & _PLANNED_BY else 0)


def plan_again(now: datetime) -> int:
    """Marks the plan of every appointment that starts after `now` as behind; inside `in_clinic`. Gives how many.

    Chunks are locked in the order of ids, as everybody locks appointments, so no two wait for each other."""
    wanted = list(
        Appointment.objects.filter(start__gt=now, planned_revision__gt=0).order_by("pk").values_list("pk", flat=True)
    )
    for first in range(0, len(wanted), CHUNK):
        chunk = wanted[first : first + CHUNK]
        list(
            Appointment.objects.filter(pk__in=chunk)
            .order_by("pk")
            .select_for_update(no_key=True)
            .values_list("pk", flat=True)
        )
        Appointment.objects.filter(pk__in=chunk).update(planned_revision=0)
    return len(wanted)
