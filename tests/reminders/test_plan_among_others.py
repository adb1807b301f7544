"""The plan beside others: the patient's channel, a broken row, concurrent plans, and the trigger that calls it."""

import threading

import pytest
from django.db import connection

from appointments.models import Appointment
from clinics.models import Location
from clinics.scope import in_clinic
from messaging.channels import Channel
from patients.models import Patient
from reminders import queue
from reminders.drain import plan_what_is_behind
from reminders.kinds import Kind, State
from reminders.material import Grounds, Material
from reminders.models import Reminder, Rule, Template, TemplateVersion
from tests.reminders.planning import book, change, edit_rule, plan, rows, states
from tests.world import DAY, NOW, World, make_world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("preferred", ["sms", "none", ""])
def test_a_rule_without_a_channel_follows_the_patient(world: World, preferred: str) -> None:
    appointment = book(world)
    edit_rule(world, channel="")
    with in_clinic(world.clinic.pk):
        Patient.objects.update(preferred_channel=preferred)
    plan(world, appointment)
    [row] = rows(world)
    assert row.channel == {"sms": "sms"}.get(preferred, "email")
    with in_clinic(world.clinic.pk):
        Patient.objects.update(preferred_channel="voice")
    plan(world, appointment)
    assert rows(world)[0].channel == "voice"


def break_the_words(world: World, patient: Patient) -> None:
    """A wording in a language that nobody can write a date in: words for this patient's appointments raise."""
    with in_clinic(world.clinic.pk):
        template = Template.objects.create(
            clinic=world.clinic, kind=Kind.REMINDER, channel=Channel.EMAIL, language="xx-broken", version=1
        )
        TemplateVersion.objects.create(
            clinic=world.clinic, template=template, version=1, subject="?", body="[APPOINTMENT]", written_at=NOW
        )
        Patient.objects.filter(pk=patient.pk).update(language="xx-broken")


@pytest.mark.django_db(transaction=True)
def test_an_appointment_that_cannot_be_planned_stops_no_other(world: World) -> None:
    other_clinic = make_world("otra-clinica")
    with in_clinic(world.clinic.pk):
        nowhere = Location.objects.create(clinic=world.clinic, name="Lejos", time_zone="Mars/Olympus")
        world.appointment(location=nowhere)
        world.appointment()
    with in_clinic(other_clinic.clinic.pk):
        other_clinic.appointment()
    plan_what_is_behind()
    assert len(rows(world)) == 1
    assert len(rows(other_clinic)) == 1
    assert sum(map(len, queue.behind().values())) == 1  # still behind: it is met again once the zone is mended


def test_what_is_to_come_is_planned_without_reading_what_only_a_decision_needs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appointment = book(world)
    asked: list[Grounds] = []
    whole = Grounds.whole

    def noted(grounds: Grounds) -> Material:
        asked.append(grounds)
        return whole(grounds)

    monkeypatch.setattr(Grounds, "whole", noted)
    assert plan(world, appointment) == 1
    edit_rule(world, amount=12 * 60)
    assert plan(world, appointment) == 1 and asked == []
    change(world, appointment, start=NOW + 5 * DAY, end=NOW + 6 * DAY)
    plan(world, appointment)
    assert len(asked) == 1 and states(world) == [("o1", State.SUPERSEDED), ("o2", State.PLANNED)], "its gates end it"


def test_words_that_nobody_can_write_hold_up_no_plan_but_what_is_due_at_once(world: World) -> None:
    with in_clinic(world.clinic.pk):
        broken = world.another_patient()
        waits = world.appointment(patient=broken)
    break_the_words(world, broken)
    assert plan(world, waits) == 1
    [row] = rows(world)
    assert (row.state, row.look_at) == (State.PLANNED, waits.start - DAY)
    with in_clinic(world.clinic.pk):
        Rule.objects.update(active=False)
    assert plan(world, waits) == 0 and rows(world)[0].state == State.PLANNED, "its end would need its gates"
    with in_clinic(world.clinic.pk):
        Patient.objects.update(language="")
    assert plan(world, waits) == 1 and rows(world)[0].state == State.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_a_clinic_that_cannot_be_planned_stops_no_other(world: World) -> None:
    other_clinic = make_world("otra-clinica")
    for one in (world, other_clinic):
        book(one)
    type(world.clinic).objects.filter(pk=world.clinic.pk).update(time_zone="Mars/Olympus")
    plan_what_is_behind()
    assert (len(rows(world)), len(rows(other_clinic))) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_concurrent_plans_of_one_appointment_make_no_duplicate(world: World) -> None:
    appointments = [book(world, NOW + number * DAY) for number in range(2, 6)]
    barrier, errors = threading.Barrier(4), list[BaseException]()

    def planner() -> None:
        try:
            barrier.wait(5)
            plan(world, *appointments)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=planner) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert errors == []
    assert states(world) == [("o1", State.PLANNED)] * 4
    assert queue.behind() == {}


@pytest.mark.django_db(transaction=True)
def test_an_appointment_that_somebody_is_changing_is_passed_over_and_met_again(world: World) -> None:
    appointment = book(world)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with in_clinic(world.clinic.pk):
            Appointment.objects.filter(pk=appointment.pk).update(access_code="7")
            locked.set()
            done.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(5)
    assert plan(world, appointment) == 0
    done.set()
    holder.join(10)
    assert sum(map(len, queue.behind().values())) == 1
    assert plan(world, appointment) == 1


# The trigger

CHANGES = {
    "patient_id": None, "practitioner_id": None, "location_id": None, "type_id": None, "status": "confirmed",
    "deleted": True, "meeting_link": "https://meet.example", "access_code": "7", "ref": "r1",
    "end": NOW + 3 * DAY, "start": NOW + DAY, "booked_at": NOW, "start_set_at": NOW, "occurrence": 5,
    "occurrence_counter": 5, "former_start": NOW, "former_occurrence": 5,
}  # fmt: skip


def test_the_table_of_changes_names_every_column_but_the_plans_own() -> None:
    columns = {field.attname for field in Appointment._meta.concrete_fields}
    assert columns - set(CHANGES) == {"id", "clinic_id", "revision", "planned_revision"}


@pytest.mark.parametrize("column", CHANGES)
def test_any_column_raises_the_revision(world: World, column: str) -> None:
    appointment = book(world)
    plan(world, appointment)
    change(world, appointment, **{column: CHANGES[column]})
    with in_clinic(world.clinic.pk):
        appointment.refresh_from_db()
    assert (appointment.revision, appointment.planned_revision) == (2, 1)


def test_the_plans_own_column_raises_nothing(world: World) -> None:
    appointment = book(world)
    for planned in (1, 0):
        change(world, appointment, planned_revision=planned)
    with in_clinic(world.clinic.pk):
        appointment.refresh_from_db()
    assert (appointment.revision, appointment.occurrence, appointment.planned_revision) == (1, 1, 0)


def test_a_change_to_the_same_values_raises_nothing(world: World) -> None:
    appointment = book(world)
    change(world, appointment, status="scheduled", start=appointment.start)
    with in_clinic(world.clinic.pk):
        appointment.refresh_from_db()
    assert (appointment.revision, appointment.occurrence) == (1, 1)


def test_only_a_new_start_raises_the_occurrence_and_restarts_the_grace(world: World) -> None:
    appointment = book(world)
    change(world, appointment, status="confirmed")
    change(world, appointment, start=NOW + DAY)
    with in_clinic(world.clinic.pk):
        appointment.refresh_from_db()
    assert (appointment.revision, appointment.occurrence, appointment.occurrence_counter) == (3, 2, 2)
    assert appointment.start_set_at != NOW - 7 * DAY  # the database's clock


def test_what_the_writer_has_set_is_kept(world: World) -> None:
    appointment = book(world)
    change(world, appointment, start=NOW + DAY, revision=7, occurrence=4, occurrence_counter=4, start_set_at=NOW)
    with in_clinic(world.clinic.pk):
        appointment.refresh_from_db()
    assert (appointment.revision, appointment.occurrence, appointment.start_set_at) == (7, 4, NOW)


def test_numbers_never_fall(world: World) -> None:
    appointment = book(world)
    change(world, appointment, start=NOW + DAY)
    change(world, appointment, status="confirmed", revision=1, occurrence_counter=1)
    with in_clinic(world.clinic.pk):
        appointment.refresh_from_db()
    assert (appointment.revision, appointment.occurrence_counter) == (3, 2)


@pytest.mark.feature("30")
def test_a_copy_made_in_the_shell_is_planned_like_any_new_appointment(world: World) -> None:
    appointment = book(world)
    change(world, appointment, status="confirmed")
    plan(world, appointment)
    with in_clinic(world.clinic.pk):
        copy = Appointment.objects.get(pk=appointment.pk)
        assert copy.planned_revision == copy.revision == 2
        copy.pk, copy.start, copy.end = None, NOW + 3 * DAY, NOW + 4 * DAY
        copy.save()
    assert queue.behind() == {world.clinic.pk: [copy.pk]}
    plan_what_is_behind()
    with in_clinic(world.clinic.pk):
        assert Reminder.objects.get(appointment=copy).due_at == NOW + 2 * DAY


@pytest.mark.parametrize(("revision", "planned"), [(0, 0), (3, 3), (1, 7)])
def test_a_row_of_raw_sql_is_behind_whatever_it_says_of_itself(world: World, revision: int, planned: int) -> None:
    with in_clinic(world.clinic.pk):
        made = world.appointment(revision=revision, planned_revision=planned)
        made.refresh_from_db()
    assert (made.revision, made.planned_revision) == (max(revision, 1), 0)
