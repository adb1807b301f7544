"""A file that cannot be imported: one clear line that says where, exit code 1, and nothing is changed."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from appointments.models import Appointment
from clinics.scope import in_clinic
from tests.agenda_files import agenda, row
from tests.world import World


@pytest.mark.parametrize(
    ("content", "slug", "message"),
    [
        (b"colour\nred\n", None, "line 1: unknown column: 'colour'. Nothing was changed."),
        (b"", None, "the file is empty. Nothing was changed."),
        (agenda([row(email="bad")]), None, "no row could be taken; nothing was changed"),
        (agenda([row(start="31/04/2027 10:30")]), None, "no row could be taken; nothing was changed"),
        (
            b"appointment_ref;patient_ref\nA1;Mu\xf1oz\nA2;Mu\xc3\xb1oz\n",
            None,
            "line 2: byte 0xF1 is not UTF-8, though other parts of the file are; save it as CSV in UTF-8. "
            "Nothing was changed.",
        ),
        (agenda([row()]), "no-such-clinic", "there is no clinic 'no-such-clinic'. Nothing was changed."),
    ],
)
def test_the_command_fails_with_one_clear_line(
    world: World, tmp_path: Path, content: bytes, slug: str | None, message: str
) -> None:
    path = tmp_path / "agenda.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError) as failed:
        call_command("import_agenda", str(path), "--clinic", slug or world.clinic.slug)
    assert str(failed.value) == message and failed.value.returncode == 1


def test_a_file_of_50_mb_is_refused_at_once_and_nothing_is_changed(world: World, tmp_path: Path) -> None:
    path = tmp_path / "agenda.csv"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(CommandError, match=r"50.0 MB; at most 20 MB can be imported. Nothing was changed.$"):
        call_command("import_agenda", str(path), "--clinic", world.clinic.slug)
    with in_clinic(world.clinic.pk):
        assert not Appointment.objects.exists()


def test_an_impossible_date_is_named_with_its_line_column_and_cell(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "agenda.csv"
    path.write_bytes(agenda([row(), row(appointment_ref="A2", start="31/04/2027 10:30")], without=["booked_at"]))
    call_command("import_agenda", str(path), "--clinic", world.clinic.slug)
    assert 'line 3, start "31/04/2027 10:30": is not a date and time that exists' in capsys.readouterr().out
    with in_clinic(world.clinic.pk):
        assert list(Appointment.objects.values_list("ref", flat=True)) == ["A1"]
