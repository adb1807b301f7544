"""Whatever a file holds, it is taken or refused row by row, with words; it never breaks the import; twice is once."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.importing.columns import check_header, read_cells
from appointments.importing.importer import import_agenda
from appointments.importing.reading import FileRefused, Line, read_table
from appointments.models import Appointment
from clinics.scope import in_clinic
from patients.models import Patient
from tests.agenda_files import GOOD, agenda, row
from tests.world import NOW, World

COLUMNS = (*GOOD, "phone_2", "phone_for_reminders", "language", "preferred_channel", "consent_sms")
#: What real exports hold where they should not.
DIRT = (
    "", " ", "0", "1", "2", "99", "x", "no", "NULL", "N/A", "-", "=1+1", "@SUM(A1)", "+34", "600 000 101", "91500",
    "00000000000000000000", "2027-01-20 15:30", "2027-03-28 02:30", "0000-00-00 00:00", "9999-12-31 23:59",
    "2027-01-20 15:30+99:99", "2026-12-01 08:00", "block", "es", "sms", "Muñoz", "O'Brien; --", "\ud7ff", "𝕏" * 90,
    "a@b.example", "a@" + "b" * 250 + ".example", "X\r\nBcc: y@z.example", "\u202eabc", "½", "٣", "１２", "a" * 10_000,
)  # fmt: skip


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_table_or_are_refused(content: bytes) -> None:
    try:
        check_header(read_table(content))
    except FileRefused as refused:
        assert "\n" not in str(refused)


@settings(deadline=None)
@given(st.lists(st.text(max_size=40) | st.sampled_from(DIRT), min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_any_cells_are_read_or_are_refused(cells: list[str]) -> None:
    values, refusals = read_cells(COLUMNS, Line(2, tuple(cells)))
    assert not {refusal.column for refusal in refusals} & set(values)


@pytest.mark.parametrize("seed", range(5))
def test_a_dirty_file_is_imported_as_far_as_it_is_good_and_twice_changes_nothing(world: World, seed: int) -> None:
    content = agenda(_dirty_rows(random.Random(seed)))
    with in_clinic(world.clinic.pk):
        first = import_agenda(world.clinic, content, NOW)
        revisions = dict(Appointment.objects.values_list("ref", "revision"))
        again = import_agenda(world.clinic, content, NOW)
        assert dict(Appointment.objects.values_list("ref", "revision")) == revisions
        names = Patient.objects.values_list("first_name", flat=True)
        assert not any("\r" in name or "\u202e" in name for name in names)
    assert 0 < first.refused < first.rows == 300
    assert first.refusals == again.refusals and first.notes == again.notes
    assert again.patients.created == again.patients.updated == again.appointments.updated == 0
    assert (again.appointments.unchanged, again.blocks.unchanged) == (first.appointments.created, first.blocks.created)
    assert list(first.lines())


def _dirty_rows(chance: random.Random) -> list[dict[str, str]]:
    """Rows of which half have a few cells replaced by dirt, among them references that others have too."""
    rows = []
    for number in range(300):
        cells = dict.fromkeys(COLUMNS, "") | row(appointment_ref=f"A{number}", patient_ref=f"P{number // 3}")
        for column in chance.sample(COLUMNS, k=chance.choice([0, 0, 1, 3])):
            cells[column] = chance.choice(DIRT)
        rows.append(cells)
    return rows
