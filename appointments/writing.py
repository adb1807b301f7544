"""How does an appointment change? The one writer of Appointment and Block.

Set-based: an import passes thousands of changes, a page passes one. What would not change is not written, so no
revision rises and nothing is planned again. A trigger in the database raises `revision` with every change and
`occurrence` with every change of the start; this writer only says when the start was set.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from appointments.models import Appointment, Block
from clinics.models import Clinic
from clinics.rows import Change, Written, lock_rows, write_rows

AppointmentChange = Change[Appointment]
BlockChange = Change[Block]


def lock_appointments(changes: Sequence[AppointmentChange], patient_ids: Collection[int], now: datetime) -> None:
    """Locks the appointments that will be written, and those to come of these patients (`plan_again_for_patients`), in
    the order of their ids. Whoever also writes patients calls it first: a reminder that begins locks its appointment
    before its patient, and so must everybody."""
    ids = {change.row.pk for change in changes if change.row is not None and change.differs()}
    if patient_ids:
        ids.update(Appointment.objects.filter(patient_id__in=patient_ids, start__gt=now).values_list("pk", flat=True))
    lock_rows(Appointment, ids)


def write_appointments(clinic: Clinic, changes: Sequence[AppointmentChange], now: datetime) -> Written[Appointment]:
    """Creates and updates appointments; inside `in_clinic`. `now` is the shifted clock.

    A new appointment without `booked_at` is booked now; its start counts as set when it was booked. Raises
    LookupError when a row is gone, and IntegrityError when one would not end after its start.
    """

    def when_set(row: Appointment | None, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        if row is None:
            booked_at = fields.get("booked_at") or now
            return {**fields, "booked_at": booked_at, "start_set_at": booked_at}
        moved = "start" in fields and fields["start"] != row.start
        return {**fields, "start_set_at": now} if moved else fields

    written = write_rows(Appointment, clinic, changes, when_set)
    _read_numbers([update.row for update in written.updated])
    return written


def write_blocks(clinic: Clinic, changes: Sequence[BlockChange]) -> Written[Block]:
    """Creates and updates blocks; inside `in_clinic`. Raises as write_appointments does."""
    return write_rows(Block, clinic, changes)


def delete_block(block: Block) -> None:
    """The time is free again. Nothing refers to a block, so nothing of it is kept."""
    block.delete()


def plan_again_for_patients(patient_ids: Collection[int], now: datetime) -> int:
    """Marks the plan of these patients' appointments to come as behind: what it rests on (their preferred channel)
    changed. Their revision stays, as nobody changed the appointment. Gives how many."""
    if not patient_ids:
        return 0
    return Appointment.objects.filter(patient_id__in=patient_ids, start__gt=now).update(planned_revision=0)


def _read_numbers(rows: Sequence[Appointment]) -> None:
    """The numbers that the trigger raised, into the rows in memory."""
    if not rows:
        return
    columns = (
        "revision", "occurrence", "occurrence_counter", "planned_revision", "former_start", "former_occurrence",
    )  # fmt: skip
    stored = Appointment.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", *columns)
    numbers = {pk: values for pk, *values in stored}
    for row in rows:
        for column, value in zip(columns, numbers[row.pk], strict=True):
            setattr(row, column, value)
