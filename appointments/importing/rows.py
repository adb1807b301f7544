"""Is a row sound, and what does it ask for? It is taken as a whole or refused as a whole, with every reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appointments.importing.cells import BadCell
from appointments.importing.columns import BLOCK, PATIENT_COLUMNS, Refusal, is_phone
from appointments.importing.known import Known
from appointments.importing.reading import Line
from appointments.importing.times import to_moment
from appointments.models import Appointment, Block, Status
from patients.phones import read_number, same_number
from patients.writing import PhonesWanted

#: How long a visit without an end and without a type lasts.
DEFAULT_MINUTES = 30


@dataclass(frozen=True)
class SoundRow:
    """A row that can be taken. `fields` are columns of the appointment or block whose values need no look-up; the
    names are None where the file does not say, empty for none."""

    line: int
    ref: str
    block: bool
    patient_ref: str
    patient_fields: dict[str, Any]
    phones: PhonesWanted | None
    fields: dict[str, Any]
    practitioner: str | None
    location: str | None
    type: str | None


class RowCheck:
    """The check of one row whose cells could be read. Collects every reason against it."""

    def __init__(self, known: Known, columns: tuple[str, ...], line: Line, values: dict[str, Any]) -> None:
        """`values` by column, as read_cells gave them."""
        self.known, self.columns, self.line, self.values = known, columns, line, values
        self.refusals: list[Refusal] = []
        ref = values.get("appointment_ref", "")
        is_block = str(values.get("type", "")).casefold() == BLOCK
        self.block = is_block or ("type" not in columns and ref in known.blocks)
        self.existing: Appointment | Block | None = (known.blocks if self.block else known.appointments).get(ref)

    def sound_row(self, now: datetime) -> SoundRow | None:
        """The row, or None when `refusals` says why not."""
        self._check_identity()
        fields = self._times(now)
        phones = None
        if self.block:
            self._check_block()
        else:
            self._check_patient()
            phones = self._phones()
            fields |= {"status": self.values["status"]} if "status" in self.values else {}
        if self.refusals:
            return None
        values = self.values
        return SoundRow(
            line=self.line.number,
            ref=values["appointment_ref"],
            block=self.block,
            patient_ref=values.get("patient_ref", ""),
            patient_fields={name: value for name, value in values.items() if name in PATIENT_COLUMNS},
            phones=phones,
            fields=fields,
            practitioner=values.get("practitioner"),
            location=values.get("location"),
            type=values.get("type"),
        )

    def _refuse(self, column: str, reason: str) -> None:
        cell = dict(zip(self.columns, self.line.cells, strict=True)).get(column, "")
        self.refusals.append(Refusal(self.line.number, column, cell, reason))

    def _check_identity(self) -> None:
        ref = self.values.get("appointment_ref", "")
        if not ref:
            self._refuse("appointment_ref", "is empty")
        elif self.block and ref in self.known.appointments:
            self._refuse("appointment_ref", "is an appointment of the clinic already, so it cannot be a block")
        elif not self.block and ref in self.known.blocks:
            self._refuse("appointment_ref", "is a block of the clinic already, so it cannot be an appointment")

    def _check_patient(self) -> None:
        ref = self.values.get("patient_ref", "")
        if not ref:
            self._refuse("patient_ref", "is empty")
        elif not self.values.get("first_name") and ("first_name" in self.columns or ref not in self.known.patients):
            self._refuse("first_name", "is empty")

    def _check_block(self) -> None:
        if self.values.get("practitioner", None if self.existing else "") == "":
            self._refuse("practitioner", "is empty, and a block is a practitioner's time")
        if self.values.get("status", Status.SCHEDULED) != Status.SCHEDULED:
            self._refuse("status", "is for appointments; a block has none")

    def _times(self, now: datetime) -> dict[str, Any]:
        """`start`, `end` and `booked_at` as moments, where the row says them."""
        moments = {name: self._moment(name) for name in ("start", "end", "booked_at") if name in self.values}
        if "start" not in self.values and ("start" in self.columns or self.existing is None):
            self._refuse("start", "is empty")
        start = moments.get("start")
        if start is not None and "end" not in moments:
            moments["end"] = start + timedelta(minutes=self._minutes())
        begins = start or (self.existing.start if self.existing else None)
        ends = moments.get("end")
        if begins and ends and ends <= begins:
            self._refuse("end", "is not after the start")
        booked_at = moments.get("booked_at")
        if booked_at and booked_at > now:
            self._refuse("booked_at", "is still to come")
        if self.block:
            moments.pop("booked_at", None)
        return {name: moment for name, moment in moments.items() if moment is not None}

    def _moment(self, column: str) -> datetime | None:
        try:
            return to_moment(self.values[column], self._zone())
        except BadCell as bad:
            self._refuse(column, str(bad))
            return None

    def _zone(self) -> str:
        if "location" in self.values:
            return self.known.zone(self.known.locations.named(self.values["location"]))
        return self.known.zone(self.known.locations.with_id(self.existing.location_id if self.existing else None))

    def _minutes(self) -> int:
        types = self.known.types
        if "type" in self.values:
            kind = types.named(self.values["type"])
        else:
            kind = types.with_id(self.existing.type_id) if isinstance(self.existing, Appointment) else None
        return int(kind.minutes) if kind else DEFAULT_MINUTES

    def _phones(self) -> PhonesWanted | None:
        columns = sorted((name for name in self.columns if is_phone(name)), key=lambda name: int(name[6:]))
        if not columns:
            return None
        numbers = [self.values[name] for name in columns if self.values[name]]
        return PhonesWanted(numbers, self._for_reminders(numbers))

    def _for_reminders(self, numbers: list[str]) -> str | None:
        """The number to use: the cell holds it, or the N of phone_N."""
        wanted: str | None = self.values.get("phone_for_reminders")
        if wanted is None:
            return None
        if wanted.isascii() and wanted.isdigit() and len(wanted) <= 2:
            if number := self.values.get(f"phone_{int(wanted)}"):
                return str(number)
            self._refuse("phone_for_reminders", f"names phone_{int(wanted)}, which is empty")
            return None
        country = self.known.clinic.country
        meant = read_number(wanted, country)
        if not any(same_number(meant, read_number(number, country)) for number in numbers):
            self._refuse("phone_for_reminders", "is none of the row's phone numbers")
        return wanted
