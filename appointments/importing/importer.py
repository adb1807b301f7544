"""How does an agenda file become patients and appointments? The whole way of `import_agenda`.

Good rows go in, refused rows stay out as a whole and are reported with line, column, value and reason. The clinic's
own references are the identity: the same reference again is an update, what the file does not name is untouched, and
the same file twice changes nothing. Of two rows with one appointment_ref the first sound one counts and the later is
refused. A patient may stand on many rows: the last row counts; of consents, any row that says "not given" counts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from appointments.importing.columns import Refusal, check_header, date_order, read_cells
from appointments.importing.dates import DateOrder
from appointments.importing.known import Known, read_known
from appointments.importing.people import merge_people
from appointments.importing.progress import Progress, say_nothing
from appointments.importing.reading import FileRefused, Line, Table, read_table
from appointments.importing.report import Report, Tally
from appointments.importing.rows import RowCheck, SoundRow
from appointments.models import Appointment, Block, Status
from appointments.writing import (
    AppointmentChange,
    BlockChange,
    lock_appointments,
    plan_again_for_patients,
    write_appointments,
    write_blocks,
)
from clinics.models import Clinic, User
from clinics.rows import Change, Written
from patients.writing import PatientChange, PatientsWritten, Said, write_patients

#: First key of the advisory lock that keeps two imports of one clinic apart; the second is the clinic.
_LOCK_SPACE = 0x41474E44
#: A line, the values of its cells by column, and what is wrong with them.
ReadLine = tuple[Line, dict[str, Any], list[Refusal]]


def import_agenda(
    clinic: Clinic, content: bytes, now: datetime, by: User | None = None, progress: Progress = say_nothing
) -> Report:
    """Imports the bytes of a file; inside `in_clinic`, whose transaction holds all of it. `now` is the shifted clock,
    `progress` is told how far it is.

    A dry run is the same followed by a rollback, which is the caller's. Raises FileRefused when the file as a whole
    cannot be imported; nothing was written then.
    """
    table = read_table(content)
    check_header(table)
    _lock_out_others(clinic)
    known, rows, refusals = _check_rows(clinic, table, now, progress)
    new = _create_named(known, rows)
    people = merge_people(known, [row for row in rows if not row.block])
    patients, written, blocks = _write(known, rows, people.changes, Said(at=now, how="import", by=by), progress)
    moved, cancelled = _moved_and_cancelled(written)
    return Report(
        rows=len(table.lines),
        encoding=table.encoding,
        patients=Tally(patients.created, patients.updated, patients.unchanged),
        appointments=Tally.of(written),
        moved=moved,
        cancelled=cancelled,
        blocks=Tally.of(blocks),
        new_locations=new[0],
        new_practitioners=new[1],
        new_types=new[2],
        consents_given=patients.consents_given,
        consents_withdrawn=patients.consents_withdrawn,
        refusals=tuple(refusals),
        notes=tuple(people.notes),
    )


def _write(
    known: Known, rows: Sequence[SoundRow], people: Sequence[PatientChange], said: Said, progress: Progress
) -> tuple[PatientsWritten, Written[Appointment], Written[Block]]:
    """All rows at once, appointments locked before patients, as everywhere."""
    visits = [row for row in rows if not row.block]
    ids = {ref: patient.pk for ref, patient in known.patients.items()}
    foreseen = [_visit_change(known, row, ids.get(row.patient_ref, 0)) for row in visits]
    lock_appointments(foreseen, [one.patient.pk for one in people if one.patient and one.changes_channel()], said.at)
    progress("Writing patients", 0, len(people))
    patients = write_patients(known.clinic, people, said)
    ids = {str(patient.ref): patient.pk for patient in patients.patients}
    changes = [_visit_change(known, row, ids[row.patient_ref]) for row in visits]
    progress("Writing appointments", 0, len(visits))
    written = write_appointments(known.clinic, changes, said.at)
    blocks = write_blocks(known.clinic, [_block_change(known, row) for row in rows if row.block])
    plan_again_for_patients(patients.channel_changed, said.at)
    return patients, written, blocks


def _lock_out_others(clinic: Clinic) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, clinic.pk % 2**31])
        if not cursor.fetchone()[0]:
            raise FileRefused("another file of this clinic is being imported; try again when it is done")


def _check_rows(
    clinic: Clinic, table: Table, now: datetime, progress: Progress
) -> tuple[Known, list[SoundRow], list[Refusal]]:
    """The sound rows, and the reasons against all others, in the file's order."""
    read = list(_read_lines(table, date_order(table, clinic.country), progress))
    known = read_known(clinic, _refs(read, "appointment_ref"), _refs(read, "patient_ref"))
    rows: list[SoundRow] = []
    refusals: list[Refusal] = []
    taken: dict[str, int] = {}
    for done, (line, values, bad_cells) in enumerate(read):
        progress("Checking", done, len(read))
        row = None
        if not bad_cells:
            check = RowCheck(known, table.columns, line, values)
            row = check.sound_row(now)
            bad_cells = check.refusals
        if row is not None and row.ref in taken:
            reason = f"stands on line {taken[row.ref]} already"
            bad_cells = [Refusal(line.number, "appointment_ref", row.ref, reason)]
        elif row is not None:
            taken[row.ref] = line.number
            rows.append(row)
        refusals += bad_cells
    return known, rows, refusals


def _read_lines(table: Table, order: DateOrder, progress: Progress) -> Iterator[ReadLine]:
    for done, line in enumerate(table.lines):
        progress("Reading", done, len(table.lines))
        yield line, *read_cells(table.columns, line, order)


def _refs(read: Iterable[ReadLine], column: str) -> set[str]:
    return {values[column] for _, values, _ in read if column in values}


def _create_named(known: Known, rows: Sequence[SoundRow]) -> tuple[int, int, int]:
    """Makes the locations, practitioners and types that the clinic does not have yet. Gives how many of each."""

    def names(of: Callable[[SoundRow], str | None]) -> list[str]:
        return [name for row in rows if (name := of(row))]

    return (
        known.locations.create_missing(known.clinic, names(lambda row: row.location)),
        known.practitioners.create_missing(known.clinic, names(lambda row: row.practitioner)),
        known.types.create_missing(known.clinic, names(lambda row: None if row.block else row.type)),
    )


def _visit_change(known: Known, row: SoundRow, patient_id: int) -> AppointmentChange:
    """What a row asks of its appointment; 0 stands for a patient who is not written yet."""
    fields = {**row.fields, **_named_fields(known, row), "patient_id": patient_id}
    if row.type is not None:
        fields["type_id"] = _id(known.types.named(row.type))
    existing = known.appointments.get(row.ref)
    return Change(existing, fields if existing else {**fields, "ref": row.ref})


def _block_change(known: Known, row: SoundRow) -> BlockChange:
    existing = known.blocks.get(row.ref)
    fields = {**row.fields, **_named_fields(known, row)}
    return Change(existing, fields if existing else {**fields, "ref": row.ref})


def _named_fields(known: Known, row: SoundRow) -> dict[str, Any]:
    fields = {}
    if row.practitioner is not None:
        fields["practitioner_id"] = _id(known.practitioners.named(row.practitioner))
    if row.location is not None:
        fields["location_id"] = _id(known.locations.named(row.location))
    return fields


def _id(row: Any) -> int | None:
    return None if row is None else row.pk


def _moved_and_cancelled(written: Written[Appointment]) -> tuple[int, int]:
    moved = sum("start" in update.before for update in written.updated)
    cancelled = sum("status" in u.before and u.row.status == Status.CANCELLED for u in written.updated)
    return moved, cancelled
