"""`manage.py explain`: the whole trace as text, in the clinic's language or another, and nobody named in it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from appointments.models import RemindedElsewhere
from clinics.models import Location, Practitioner, Role
from clinics.scope import in_clinic
from patients.models import Phone
from reminders.gates import CATALOGUE
from reminders.kinds import State
from tests.reminders.closing import CLOSED_BY, Case
from tests.visitors import DAY, HOUR, NOW, attempt, book, member, put, reminders_of
from tests.world import World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.feature("N1")]


@pytest.fixture
def case(world: World, wednesday: object) -> Case:
    return Case(world, book(world, NOW + 2 * DAY))


def explain(case: Case, *options: str) -> str:
    out = StringIO()
    call_command("explain", str(case.row.pk), "--clinic", case.world.clinic.slug, *options, stdout=out)
    return out.getvalue()


def test_it_names_every_gate_with_its_mark_and_value_and_who_can_mend_what_is_closed(case: Case) -> None:
    CLOSED_BY["consent_channel_off"](case)
    said = explain(case, "--language", "en")
    assert said.startswith(f"Appointment {case.row.pk}, Fri, Jan 18 10:00, Scheduled\n")
    assert all(f" {code}: " in said for code in CATALOGUE)
    assert (
        "✗ consent_channel_off: The patient has not agreed to this channel. [E-mail] "
        "(Reception: the patient's record)" in said
    )
    assert "1. 24 hours before · Reminder · E-mail · automatically" in said
    assert "If this is mended now, it goes on Thu, Jan 17 10:00." in said
    assert "Scheduled: nothing more to come" in said and "Sent by us: no" in said


def test_the_past_stands_beside_the_present(case: Case) -> None:
    [row] = reminders_of(case.world, case.row)
    put(case.world, row, State.SKIPPED, ended_at=NOW, decided_at=NOW, gates=[["consent_channel_off", False, "email"]])
    said = explain(case, "--language", "en")
    assert "✗ [✓] consent_channel_off" in said and "→ Now: The patient agreed to this channel." in said


@pytest.mark.parametrize(
    ("language", "word"), [("es", "Cita"), ("it", "Appuntamento"), ("pt-br", "Consulta"), ("en", "Appointment")]
)
def test_it_speaks_four_languages(case: Case, language: str, word: str) -> None:
    assert explain(case, "--language", language).startswith(word)


def test_without_a_language_it_is_the_clinics(case: Case) -> None:
    assert explain(case).startswith("Cita")


def test_it_names_no_patient_no_address_and_nobody_of_the_staff(case: Case) -> None:
    person = member(case.world, Role.RECEPTION, name="Ana Gil")
    with in_clinic(case.world.clinic.pk):
        Practitioner.objects.update(name="Dra. Elena Ruiz", phone="+34911111111")
        Location.objects.update(name="Sol Centro", address="Calle de la Aurora 12")
        Phone.objects.create(
            clinic=case.world.clinic, patient=case.world.patient, position=1, as_typed="600 11 22 33",
            e164="+34600112233", line_type="mobile", use_for_reminders=True,
        )  # fmt: skip
        RemindedElsewhere.objects.create(
            clinic=case.world.clinic, appointment=case.row, occurrence=1, how="phone", marked_by=person,
            marked_at=NOW - HOUR, note="Habló con Marisa",
        )  # fmt: skip
    [row] = reminders_of(case.world, case.row)
    attempt(case.world, row, "accepted")  # type: ignore[arg-type]
    put(case.world, row, State.HANDED_OVER, origin="manual", by=person, event_at=NOW - HOUR, handed_over_at=NOW - HOUR)
    said = explain(case, "--language", "en")
    for word in ("Lucía", "Prueba", "lucia@", "600", "Ana", "Elena", "911", "Sol", "Aurora", "Marisa", "Revisión"):
        assert word not in said, word
    assert "Reminded elsewhere: by phone" in said and "by hand" in said


@pytest.mark.parametrize(
    ("appointment", "clinic", "line"),
    [
        ("1", "nowhere", "there is no clinic 'nowhere'"),
        ("999999999", "clinica-prueba", "the clinic clinica-prueba has no appointment '999999999'"),
        ("x1", "clinica-prueba", "the clinic clinica-prueba has no appointment 'x1'"),
        ("9" * 40, "clinica-prueba", f"the clinic clinica-prueba has no appointment '{'9' * 40}'"),
    ],
)
def test_what_does_not_exist_is_one_clear_line(world: World, appointment: str, clinic: str, line: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("explain", appointment, "--clinic", clinic)
    assert str(refused.value) == line


def test_another_clinics_appointment_does_not_exist(case: Case) -> None:
    make_world("foreign")
    with pytest.raises(CommandError):
        call_command("explain", str(case.row.pk), "--clinic", "foreign")
