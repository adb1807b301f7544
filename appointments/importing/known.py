"""What does the clinic hold already of what the file names? Read once, before any row is looked at."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from appointments.models import Appointment, AppointmentType, Block
from clinics.models import Clinic, Location, Practitioner
from clinics.owned import ClinicOwned
from patients.models import Patient

Named = TypeVar("Named", bound=ClinicOwned)


class ByName(Generic[Named]):
    """The clinic's locations, practitioners or types, by name; case does not tell two apart."""

    def __init__(self, model: type[Named]) -> None:
        """Reads all of them: a clinic has few."""
        self._model = model
        self._by_name: dict[str, Any] = {_key(row.name): row for row in model.objects.order_by("-pk")}
        self._by_id: dict[int, Any] = {row.pk: row for row in self._by_name.values()}

    def named(self, name: str) -> Any:
        """The row of that name; None where there is none."""
        return self._by_name.get(_key(name))

    def with_id(self, pk: int | None) -> Any:
        """The row of that id; None where there is none."""
        return None if pk is None else self._by_id.get(pk)

    def create_missing(self, clinic: Clinic, names: Iterable[str]) -> int:
        """Makes those that are not there yet, in the order given. Gives how many."""
        wanted = {_key(name): name for name in reversed(list(names)) if name and self.named(name) is None}
        made: list[Any] = [self._model(clinic=clinic, name=name) for name in reversed(wanted.values())]
        self._model.objects.bulk_create(made)
        for row in made:
            self._by_name[_key(row.name)] = self._by_id[row.pk] = row
        return len(made)


@dataclass(frozen=True)
class Known:
    """What rows are checked against and matched with."""

    clinic: Clinic
    appointments: dict[str, Appointment]
    blocks: dict[str, Block]
    patients: dict[str, Patient]
    locations: ByName[Location]
    practitioners: ByName[Practitioner]
    types: ByName[AppointmentType]

    def zone(self, location: Location | None) -> str:
        """The time zone in which the agenda of a place is written."""
        return (location.time_zone if location else "") or self.clinic.time_zone


def read_known(clinic: Clinic, refs: Iterable[str], patient_refs: Iterable[str]) -> Known:
    """Everything the file may touch; inside `in_clinic`."""
    refs, patient_refs = list(refs), list(patient_refs)
    return Known(
        clinic=clinic,
        appointments={row.ref: row for row in Appointment.objects.filter(ref__in=refs)},
        blocks={row.ref: row for row in Block.objects.filter(ref__in=refs)},
        patients={row.ref: row for row in Patient.objects.filter(ref__in=patient_refs)},
        locations=ByName(Location),
        practitioners=ByName(Practitioner),
        types=ByName(AppointmentType),
    )


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
