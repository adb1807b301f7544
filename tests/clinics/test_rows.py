"""How many rows are read, inserted and changed at once: the same as one by one, only faster."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, transaction
from django.db.models import F

from appointments.models import Appointment
from clinics.models import ClosedDay
from clinics.rows import insert_rows, update_rows
from clinics.scope import in_clinic
from patients.models import Patient
from reminders.models import Reminder, Rule, Told
from tests.world import NOW, PATIENT, World, make_world


def patients(world: World, count: int, **fields: object) -> list[Patient]:
    """Rows that are not saved, each with a name of its own."""
    given = {**PATIENT, "created_at": NOW, **fields}
    return [Patient(clinic=world.clinic, **{**given, "last_name": f"Ñ'{number}"}) for number in range(count)]


def columns(row: Patient) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in Patient._meta.concrete_fields if field.name != "id"}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_rows_that_are_inserted_are_those_that_were_given(world: World, count: int) -> None:
    with in_clinic(world.clinic.pk):
        given = patients(world, count)
        for row in given[1:]:
            row.ref, row.archived = f"%s{row.last_name}", True
        insert_rows(Patient, given)
        found = Patient.objects.exclude(pk=world.patient.pk).order_by("pk")
        assert [columns(row) for row in found] == [columns(row) for row in given]


def test_json_and_what_is_nowhere_else_the_same_are_kept(world: World) -> None:
    with in_clinic(world.clinic.pk):
        visits = [world.appointment(), world.appointment()]
        told = [Told(clinic=world.clinic, appointment=one, facts={"start": str(one.pk)}, at=NOW) for one in visits]
        insert_rows(Told, told)
        found = Told.objects.order_by("appointment").values_list("appointment", "facts", "at")
        assert list(found) == [(one.pk, {"start": str(one.pk)}, NOW) for one in visits]


def test_a_text_that_is_too_long_is_refused_and_not_cut(world: World) -> None:
    with in_clinic(world.clinic.pk):
        for given in (patients(world, 2, first_name="x" * 121), patients(world, 1, first_name="x" * 121)):
            with pytest.raises(DataError), transaction.atomic():
                insert_rows(Patient, given)
        Patient.objects.filter(pk=world.patient.pk).update(first_name="Eva")
        world.patient.first_name = "x" * 121
        with pytest.raises(DataError), transaction.atomic():
            update_rows(Patient, [world.patient], ["first_name"])


def test_a_row_of_another_clinic_is_neither_inserted_nor_changed(world: World) -> None:
    other = make_world("otra-clinica")
    with in_clinic(world.clinic.pk):
        with pytest.raises(ProgrammingError), transaction.atomic():
            insert_rows(Patient, patients(other, 2))
        other.patient.first_name = "Eva"
        update_rows(Patient, [other.patient], ["first_name"])
    with in_clinic(other.clinic.pk):
        assert Patient.objects.get().first_name == "Lucía"


def test_a_constraint_holds_for_inserted_rows_too(world: World) -> None:
    with in_clinic(world.clinic.pk), pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(ClosedDay, [ClosedDay(clinic=world.clinic, day=NOW.date(), closed=True) for _ in range(2)])


def test_a_change_writes_what_is_the_same_in_all_rows_and_what_differs(world: World) -> None:
    with in_clinic(world.clinic.pk):
        visits = [world.appointment() for _ in range(3)]
        for number, one in enumerate(visits):
            one.status, one.start = "confirmed", one.start + number * timedelta(hours=1)
            one.end = one.start + timedelta(hours=1)
        update_rows(Appointment, visits[:2], ["status", "start", "end"])
        found = Appointment.objects.order_by("pk").values_list("status", "start")
        assert list(found) == [
            ("confirmed", visits[0].start), ("confirmed", visits[1].start), ("scheduled", visits[0].start),
        ]  # fmt: skip


def test_json_that_is_the_same_in_all_rows_is_written_as_it_is(world: World) -> None:
    with in_clinic(world.clinic.pk):
        world.rule.statuses, world.rule.types = [], [world.type.pk]
        update_rows(Rule, [world.rule], ["statuses", "types"])
        assert Rule.objects.values_list("statuses", "types").get() == ([], [world.type.pk])


def reminders(world: World, count: int) -> list[Reminder]:
    """Rows that stand, of one appointment."""
    visit = world.appointment()
    return [
        Reminder.objects.create(
            clinic=world.clinic, appointment=visit, trigger=f"h{number}", kind="reminder", channel="email",
            occurrence=1, planned_at=NOW, due_at=NOW, deadline=NOW, look_at=NOW,
        )
        for number in range(count)
    ]  # fmt: skip


def test_moments_and_numbers_that_differ_are_written_exactly_and_nothing_stays_nothing(world: World) -> None:
    madrid = ZoneInfo("Europe/Madrid")
    moments = [NOW.astimezone(madrid) + timedelta(microseconds=1), None, datetime(1850, 1, 1, 3, 4, 5, 678, madrid)]
    with in_clinic(world.clinic.pk):
        rows = reminders(world, len(moments))
        for epoch, (row, moment) in enumerate(zip(rows, moments, strict=True)):
            row.lease_until, row.epoch, row.due_at = moment, epoch, NOW + epoch * timedelta(days=1000)
        update_rows(Reminder, rows, ["lease_until", "epoch", "due_at"])
        found = Reminder.objects.order_by("pk").values_list("lease_until", "epoch", "due_at")
        assert list(found) == [(row.lease_until, row.epoch, row.due_at) for row in rows]


def test_a_moment_without_a_zone_is_written_as_django_would(world: World) -> None:
    with in_clinic(world.clinic.pk):
        rows = reminders(world, 2)
        rows[0].due_at = NOW.replace(tzinfo=None)
        with pytest.warns(RuntimeWarning, match="naive"):
            update_rows(Reminder, rows, ["due_at"])


def test_any_of_finds_what_in_finds(world: World) -> None:
    with in_clinic(world.clinic.pk):
        visits = [world.appointment(), world.appointment(patient=None), world.appointment()]
        wanted = [visits[0].pk, visits[1].pk, 10**9]
        for ids in (wanted, set(wanted), dict.fromkeys(wanted), tuple(wanted)):
            assert Appointment.objects.filter(pk__any_of=ids).count() == 2
        assert Appointment.objects.filter(patient__any_of=[world.patient.pk]).count() == 2
        assert Appointment.objects.filter(pk__any_of=[]).count() == 0
        assert Appointment.objects.filter(pk__any_of=wanted).update(planned_revision=F("revision")) == 2
