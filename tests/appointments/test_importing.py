"""A clinic's own file comes in: good rows as wanted, refused rows not at all, twice changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from appointments.importing.importer import import_agenda
from appointments.importing.reading import FileRefused
from appointments.importing.report import Report
from appointments.models import Appointment, AppointmentType, Block
from clinics.models import Location, Practitioner
from clinics.scope import in_clinic
from patients.models import ConsentEvent, Patient
from tests.agenda_files import agenda, row
from tests.locks import beside, wait_until_somebody_waits
from tests.world import NOW, World

START = datetime(2027, 1, 20, 14, 30, tzinfo=UTC)


def bring_in(world: World, rows: Sequence[Mapping[str, str]], without: Sequence[str] = ()) -> Report:
    """Imports rows into the test clinic as of NOW."""
    with in_clinic(world.clinic.pk):
        return import_agenda(world.clinic, agenda(rows, without=without), NOW)


def one_appointment(world: World, ref: str = "A1") -> Appointment:
    with in_clinic(world.clinic.pk):
        found: Appointment = Appointment.objects.select_related("patient", "location", "type").get(ref=ref)
        return found


def reasons(report: Report) -> list[tuple[int, str, str]]:
    return [(refusal.line, refusal.column, refusal.reason) for refusal in report.refusals]


def test_a_row_becomes_a_patient_and_an_appointment(world: World) -> None:
    report = bring_in(world, [row(location="Norte", type="Nueva")])
    appointment = one_appointment(world)
    assert (report.rows, report.taken, report.refused) == (1, 1, 0)
    assert (report.new_locations, report.new_practitioners, report.new_types) == (1, 0, 1)
    assert (appointment.start, appointment.end) == (START, START + timedelta(minutes=30))
    assert appointment.booked_at == appointment.start_set_at == datetime(2027, 1, 4, 9, tzinfo=UTC)
    assert appointment.practitioner_id == world.practitioner.pk
    assert appointment.location and appointment.location.name == "Norte"
    patient = appointment.patient
    assert patient and (patient.first_name, patient.email) == ("Nuria", "nuria@correo.example")
    assert patient.default_notifications and patient.consent_data_protection and patient.consent_email
    assert not patient.consent_sms


def test_the_same_file_twice_changes_nothing_at_all(world: World) -> None:
    rows = [row(), row(appointment_ref="A2", patient_ref="P2"), row(appointment_ref="B1", patient_ref="", type="block")]
    bring_in(world, rows)
    with in_clinic(world.clinic.pk):
        before = [list(model.objects.order_by("pk").values()) for model in (Appointment, Patient, Block, ConsentEvent)]
    again = bring_in(world, rows)
    with in_clinic(world.clinic.pk):
        after = [list(model.objects.order_by("pk").values()) for model in (Appointment, Patient, Block, ConsentEvent)]
    assert before == after
    assert (again.appointments.unchanged, again.patients.unchanged, again.blocks.unchanged) == (2, 2, 1)
    assert again.appointments.updated == again.patients.updated == again.consents_given == 0


def test_a_second_file_moves_changes_and_cancels_and_leaves_the_rest(world: World) -> None:
    bring_in(world, [row(appointment_ref=ref, patient_ref=ref) for ref in ("A1", "A2", "A3")])
    report = bring_in(
        world,
        [
            row(patient_ref="A1", start="2027-01-21 09:00"),
            row(appointment_ref="A2", patient_ref="A2", status="cancelada", email="otra@correo.example"),
        ],
    )
    moved, cancelled, left = (one_appointment(world, ref) for ref in ("A1", "A2", "A3"))
    assert (report.moved, report.cancelled, report.appointments.updated) == (1, 1, 2)
    assert (moved.occurrence, moved.revision, moved.start_set_at) == (2, 2, NOW)
    assert (cancelled.status, cancelled.occurrence) == ("cancelled", 1)
    assert cancelled.patient and cancelled.patient.email == "otra@correo.example"
    assert (left.revision, left.start) == (1, START)


def test_an_absent_column_leaves_things_as_they_are(world: World) -> None:
    bring_in(world, [row(status="confirmada")])
    report = bring_in(
        world, [row()], without=["email", "status", "consent_email", "phone_1", "start", "end", "first_name"]
    )
    appointment = one_appointment(world)
    assert report.appointments.unchanged == report.patients.unchanged == 1
    assert appointment.status == "confirmed"
    assert appointment.patient and appointment.patient.consent_email and appointment.patient.email


@pytest.mark.feature(52)
def test_an_empty_consent_cell_is_not_given_and_withdraws_what_was(world: World) -> None:
    first = bring_in(world, [row(consent_sms="1", consent_whatsapp="")])
    second = bring_in(world, [row(consent_email="", consent_sms="1", consent_whatsapp="")])
    assert (first.consents_given, second.consents_withdrawn) == (3, 1)
    with in_clinic(world.clinic.pk):
        events = list(ConsentEvent.objects.order_by("pk").values_list("subject", "given", "how", "at"))
    assert set(events[:3]) == {(subject, True, "import", NOW) for subject in ("data_protection", "email", "sms")}
    assert events[3:] == [("email", False, "import", NOW)]


def test_a_bad_row_goes_in_not_even_in_part_and_the_others_do(world: World) -> None:
    report = bring_in(
        world,
        [
            row(email="not an address"),
            row(appointment_ref="A2", patient_ref="P2", start="2027-03-28 02:30", location="Nowhere yet"),
            row(appointment_ref="A3", patient_ref="P3"),
        ],
    )
    assert reasons(report) == [
        (2, "email", "is not an e-mail address"),
        (3, "start", "does not exist: the clocks of Europe/Madrid skip it"),
    ]
    with in_clinic(world.clinic.pk):
        assert list(Appointment.objects.values_list("ref", flat=True)) == ["A3"]
        assert list(Patient.objects.exclude(pk=world.patient.pk).values_list("ref", flat=True)) == ["P3"]
        assert not Location.objects.filter(name="Nowhere yet").exists()


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"appointment_ref": ""}, "appointment_ref", "is empty"),
        ({"patient_ref": ""}, "patient_ref", "is empty"),
        ({"first_name": ""}, "first_name", "is empty"),
        ({"start": ""}, "start", "is empty"),
        ({"end": "2027-01-20 15:30"}, "end", "is not after the start"),
        ({"booked_at": "2027-01-13 10:01"}, "booked_at", "is still to come"),
        ({"phone_for_reminders": "2"}, "phone_for_reminders", "names phone_2, which is empty"),
        ({"phone_for_reminders": "600 999 999"}, "phone_for_reminders", "is none of the row's phone numbers"),
        ({"type": "block", "practitioner": ""}, "practitioner", "is empty, and a block is a practitioner's time"),
        ({"type": "BLOCK", "status": "cancelada"}, "status", "is for appointments; a block has none"),
        ({"last_name": "Vega\r\nBcc: x@y.example"}, "last_name", "holds a character that no name or address may hold"),
    ],
)
def test_a_row_is_refused_with_its_column_and_reason(
    world: World, changes: dict[str, str], column: str, reason: str
) -> None:
    report = bring_in(world, [row(phone_for_reminders="") | changes])
    assert [(refusal.line, refusal.column) for refusal in report.refusals] == [(2, column)]
    assert report.refusals[0].reason.startswith(reason)
    with in_clinic(world.clinic.pk):
        assert not Appointment.objects.exists() and not Block.objects.exists()


def test_every_reason_against_a_row_is_named(world: World) -> None:
    report = bring_in(world, [row(email="x", consent_email="perhaps", start="tomorrow")])
    assert [refusal.column for refusal in report.refusals] == ["email", "consent_email", "start"]
    assert report.refused == 1


def test_a_row_with_too_few_cells_is_refused(world: World) -> None:
    content = agenda([row()]) + b"A2;P2\r\n"
    with in_clinic(world.clinic.pk):
        report = import_agenda(world.clinic, content, NOW)
    assert reasons(report) == [(3, "", "the row has 2 cells, the header 16")]


def test_of_two_rows_with_one_reference_the_first_sound_one_counts(world: World) -> None:
    report = bring_in(world, [row(email="bad"), row(status="confirmada"), row(status="cancelada")])
    assert reasons(report)[1:] == [(4, "appointment_ref", "stands on line 3 already")]
    assert one_appointment(world).status == "confirmed"


def test_of_many_rows_of_a_patient_the_last_counts_and_no_consent_prevails(world: World) -> None:
    report = bring_in(
        world,
        [
            row(consent_email=""),
            row(appointment_ref="A2", consent_email="x", email="second@correo.example"),
        ],
    )
    patient = one_appointment(world).patient
    assert patient and (patient.email, patient.consent_email) == ("second@correo.example", False)
    assert [(note.line, note.column) for note in report.notes] == [(3, "email"), (3, "consent_email")]
    assert report.refused == 0


def test_a_wall_time_is_read_in_the_zone_of_its_location(world: World) -> None:
    with in_clinic(world.clinic.pk):
        Location.objects.create(clinic=world.clinic, name="Tenerife", time_zone="Atlantic/Canary")
    bring_in(world, [row(location="tenerife")])
    assert one_appointment(world).start == START + timedelta(hours=1)


def test_without_an_end_the_type_says_how_long(world: World) -> None:
    with in_clinic(world.clinic.pk):
        AppointmentType.objects.create(clinic=world.clinic, name="Larga", minutes=90)
    bring_in(world, [row(type="LARGA")])
    assert one_appointment(world).end == START + timedelta(minutes=90)


def test_a_block_needs_no_patient_and_cannot_become_an_appointment(world: World) -> None:
    block = row(appointment_ref="B1", patient_ref="", first_name="", type="block", end="2027-01-20 18:00")
    assert bring_in(world, [block]).blocks.created == 1
    report = bring_in(world, [row(appointment_ref="B1")])
    assert reasons(report) == [
        (2, "appointment_ref", "is a block of the clinic already, so it cannot be an appointment")
    ]
    with in_clinic(world.clinic.pk):
        assert Block.objects.get().end == datetime(2027, 1, 20, 17, tzinfo=UTC)
        assert not AppointmentType.objects.filter(name="block").exists()


def test_names_are_matched_without_regard_to_case(world: World) -> None:
    report = bring_in(
        world, [row(practitioner="DRA. ANA RUIZ"), row(appointment_ref="A2", practitioner="dra. ana ruiz")]
    )
    assert report.new_practitioners == 0
    with in_clinic(world.clinic.pk):
        assert Practitioner.objects.count() == 1


def test_a_new_preferred_channel_puts_the_plan_of_appointments_to_come_behind(world: World) -> None:
    bring_in(world, [row(preferred_channel="")])
    with in_clinic(world.clinic.pk):
        Appointment.objects.update(planned_revision=1)
    bring_in(world, [row(preferred_channel="sms")])
    appointment = one_appointment(world)
    assert (appointment.planned_revision, appointment.revision) == (0, 1)


def test_two_imports_of_one_clinic_keep_apart(world: World, transactional_db: None) -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [0x41474E44, world.clinic.pk])
        with pytest.raises(FileRefused, match="another file of this clinic"):
            bring_in(world, [row()])
    finally:
        other.close()


def test_the_command_reports_in_plain_words(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "agenda.csv"
    path.write_bytes(agenda([row(), row(appointment_ref="A2", email="a\u202eb")], without=["booked_at"]))
    call_command("import_agenda", str(path), "--clinic", world.clinic.slug)
    said = capsys.readouterr().out
    assert "Rows: 2 read, 1 taken, 1 refused." in said
    assert 'line 3, email "a\\u202eb": holds a character' in said


def test_a_dry_run_reports_and_changes_nothing(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "agenda.csv"
    path.write_bytes(agenda([row(location="Norte")], without=["booked_at"]))
    call_command("import_agenda", str(path), "--clinic", world.clinic.slug, "--dry-run")
    assert "Appointments: 1 created" in capsys.readouterr().out
    with in_clinic(world.clinic.pk):
        assert not Appointment.objects.exists() and not Location.objects.filter(name="Norte").exists()


def test_the_order_of_dates_follows_the_clinics_country_and_its_file(world: World) -> None:
    rows = [
        row(start="1/22/2027 15:30", booked_at=""),
        row(appointment_ref="A2", start="2/3/2027 15:30", booked_at=""),
    ]
    assert [refusal.column for refusal in bring_in(world, rows).refusals] == ["start", "start"]
    world.clinic.country = "US"
    assert bring_in(world, rows).refused == 0
    assert one_appointment(world, "A2").start == datetime(2027, 2, 3, 14, 30, tzinfo=UTC)


def test_a_thousand_rows_take_few_statements(world: World, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    rows = [row(appointment_ref=f"A{n}", patient_ref=f"P{n // 2}") for n in range(1000)]
    with django_assert_max_num_queries(30):
        bring_in(world, rows)
    with django_assert_max_num_queries(14):
        bring_in(world, rows)


@pytest.mark.django_db(transaction=True)
def test_an_import_holds_no_record_while_it_waits_for_an_appointment(world: World) -> None:
    bring_in(world, [row(), row(appointment_ref="A2", start="2027-01-21 09:00")])
    with in_clinic(world.clinic.pk):  # as a reminder that begins: the appointment, then the record
        [other] = Appointment.objects.select_for_update(of=("self",)).filter(ref="A2")
        importing = beside(
            world.clinic.pk, lambda: import_agenda(world.clinic, agenda([row(preferred_channel="sms")]), NOW)
        )
        wait_until_somebody_waits()
        assert Patient.objects.select_for_update(of=("self",), nowait=True).get(pk=other.patient_id)
    importing.join(20)
    assert one_appointment(world, "A2").patient.preferred_channel == "sms"
