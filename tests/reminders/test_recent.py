"""What began of late to a patient holds back what would follow too soon, whoever sends it, and nobody else's."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from clinics.models import Clinic
from clinics.scope import in_clinic
from messaging.delivery import Begun
from reminders import queue
from reminders.drain import plan_what_is_behind
from reminders.guard import APART, SPAN
from reminders.kinds import State
from reminders.models import RecentSends
from reminders.prepare import prepare
from reminders.recent import Recent, hold, write
from tests.locks import wait_until_somebody_waits
from tests.reminders.sending import SOON, book, now, open_at_all_hours, reminders
from tests.world import World, make_world

NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
in_database = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_world() -> World:
    return open_at_all_hours(make_world("clinica-prueba"))


def claim(world: World) -> list[queue.Claim]:
    plan_what_is_behind()
    return sorted(queue.claim(now()).get(world.clinic.pk, []), key=lambda one: one.reminder_id)


def prepare_now(world: World, claims: list[queue.Claim]) -> list[tuple[int, Begun]]:
    with in_clinic(world.clinic.pk):
        return prepare(Clinic.objects.get(pk=world.clinic.pk), claims, now())


def test_a_reminder_does_not_count_for_itself_and_counts_from_its_last_begin() -> None:
    recent = Recent()
    recent.note(1, "email", 7, NOON)
    recent.note(1, "email", 8, NOON + MINUTE)
    recent.note(1, "email", 7, NOON + 2 * MINUTE)
    assert recent.beside(1, "email", 7) == (NOON + MINUTE,)
    assert recent.beside(1, "email", 8) == (NOON + 2 * MINUTE,)
    assert recent.beside(1, "sms", 9) == recent.beside(2, "email", 9) == recent.beside(None, "email", 9) == ()


def test_it_keeps_as_many_as_the_guard_looks_at() -> None:
    recent = Recent()
    for number in range(9):
        recent.note(1, "email", number, NOON + number * MINUTE)
    assert recent.beside(1, "email", 8) == tuple(NOON + number * MINUTE for number in (5, 6, 7))


@in_database
def test_what_is_older_than_a_day_is_left_out_at_the_next_write(open_world: World) -> None:
    pair = (open_world.patient.pk, "email")
    for number, at in enumerate((NOON, NOON + SPAN)):
        with in_clinic(open_world.clinic.pk):
            held = hold(open_world.clinic, {pair})
            recent = Recent(held)
            recent.note(*pair, number, at)
            write(held, recent, at)
    with in_clinic(open_world.clinic.pk):
        assert RecentSends.objects.get().begun == [[1, (NOON + SPAN).isoformat()]]


@in_database
def test_of_two_in_one_batch_the_second_waits_its_distance(open_world: World) -> None:
    book(open_world)
    book(open_world)
    began = now()
    assert len(prepare_now(open_world, claim(open_world))) == 1
    first, second = reminders(open_world)
    assert (first.state, second.state) == (State.SENDING, State.PLANNED)
    assert timedelta(0) <= second.look_at - began - APART < MINUTE
    assert claim(open_world) == []


@in_database
def test_another_patient_at_the_same_address_is_not_held_back(open_world: World) -> None:
    book(open_world)
    with in_clinic(open_world.clinic.pk):
        child = open_world.another_patient(email=open_world.patient.email)
    book(open_world, patient=child)
    assert len(prepare_now(open_world, claim(open_world))) == 2


@in_database
def test_what_was_begun_in_an_earlier_transaction_counts(open_world: World) -> None:
    book(open_world)
    book(open_world)
    first, second = claim(open_world)
    assert len(prepare_now(open_world, [first])) == 1
    assert prepare_now(open_world, [second]) == []


@in_database
def test_of_two_workers_at_one_moment_the_second_sees_what_the_first_begins(open_world: World) -> None:
    book(open_world, now() + SOON)
    book(open_world, now() + SOON)
    first, second = claim(open_world)
    found: list[tuple[int, Begun]] = []

    def other_worker() -> None:
        found.extend(prepare_now(open_world, [second]))
        connection.close()

    other = threading.Thread(target=other_worker)
    with in_clinic(open_world.clinic.pk):
        began = prepare(Clinic.objects.get(pk=open_world.clinic.pk), [first], now())
        other.start()
        wait_until_somebody_waits()
    other.join(60)
    assert (len(began), found) == (1, [])
