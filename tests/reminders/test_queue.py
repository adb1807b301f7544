"""The reads across clinics: fair, never twice, and nothing but ids and times."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from clinics.scope import in_clinic
from reminders import queue
from reminders.drain import plan_what_is_behind
from reminders.kinds import State
from reminders.models import ClinicLoad, Reminder
from reminders.settle import give_back
from reminders.shares import SLOTS
from tests.reminders.sending import book, change_reminders, leases_run_out, now, open_at_all_hours, reminders
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


def clinic_with_due(slug: str, count: int) -> World:
    """A clinic with that many reminders due, made without the plan."""
    world = open_at_all_hours(make_world(slug))
    with in_clinic(world.clinic.pk):
        appointment = world.appointment(now() + timedelta(hours=23))
        Reminder.objects.bulk_create(
            Reminder(
                clinic=world.clinic, appointment=appointment, rule=world.rule, trigger=f"t{number}", kind="reminder",
                channel="email", occurrence=1, planned_at=now(), due_at=now(), deadline=now() + timedelta(hours=1),
                look_at=now() - timedelta(minutes=1),
            )
            for number in range(count)
        )  # fmt: skip
    return world


def served_at_once(clinic_ids: list[int]) -> None:
    """They were all served last at this moment."""
    moment = now()
    for clinic_id in clinic_ids:
        with in_clinic(clinic_id):
            ClinicLoad.objects.update(last_served=moment)


def neglected(clinic_id: int) -> None:
    """It has not been served for a minute."""
    with in_clinic(clinic_id):
        ClinicLoad.objects.update(last_served=now() - timedelta(minutes=1))


def claimed(answer: dict[int, list[queue.Claim]]) -> int:
    return sum(map(len, answer.values()))


def test_a_big_clinic_does_not_keep_the_small_ones_waiting() -> None:
    big = clinic_with_due("grande", 300)
    small = [clinic_with_due(f"pequena-{number}", 2) for number in range(9)]
    first = queue.claim(now())
    assert {pk: len(first[pk]) for pk in first} == {
        big.clinic.pk: queue.CLAIM_EACH, **{one.clinic.pk: 2 for one in small}
    }  # fmt: skip
    assert set(queue.claim(now())) == {big.clinic.pk}


def test_the_clinics_served_least_recently_come_first() -> None:
    worlds = [clinic_with_due(f"clinica-{number}", 2 * queue.CLAIM_EACH) for number in range(5)]
    turns = [set(queue.claim(now(), clinics=2)) for _ in range(5)]
    assert set().union(*turns[:3]) == {one.clinic.pk for one in worlds}
    assert [len(turn) for turn in turns] == [2, 2, 2, 2, 2]
    assert queue.claim(now()) == {}


def test_one_clinic_with_thousands_due_keeps_no_small_one_waiting() -> None:
    big = clinic_with_due("grande", 5000)
    small = {clinic_with_due(f"pequena-{number}", 10).clinic.pk for number in range(50)}
    rounds = [queue.claim(now()) for _ in range(51 // queue.CLAIM_CLINICS + 1)]
    assert small | {big.clinic.pk} == set().union(*rounds)
    assert {pk: len(claims) for one in rounds for pk, claims in one.items() if pk in small} == dict.fromkeys(small, 10)


def test_no_more_than_two_lanes_of_a_clinic_are_in_workers_hands() -> None:
    world = clinic_with_due("grande", 100)
    first, second = queue.claim(now())[world.clinic.pk], queue.claim(now())[world.clinic.pk]
    assert len(first) == len(second) == queue.CLAIM_EACH
    assert queue.claim(now()) == {}
    with in_clinic(world.clinic.pk):
        give_back(first[:1])
    assert queue.claim(now()) == {}, "there is no room for a whole lane"
    with in_clinic(world.clinic.pk):
        give_back(first[1:])
    assert claimed(queue.claim(now())) == queue.CLAIM_EACH


def test_the_own_share_comes_first_and_another_one_is_not_forgotten_for_it() -> None:
    worlds = sorted((clinic_with_due(f"clinica-{number}", 60) for number in range(4)), key=lambda one: one.clinic.pk)
    own = [one.clinic.pk % SLOTS for one in worlds[2:]]
    served_at_once([one.clinic.pk for one in worlds])
    assert set(queue.claim(now(), clinics=2, own=own)) == {one.clinic.pk for one in worlds[2:]}
    assert set(queue.claim(now(), clinics=3, own=own)) > {one.clinic.pk for one in worlds[2:]}, "it has room: it steals"
    served_at_once([one.clinic.pk for one in worlds[2:]])
    neglected(worlds[1].clinic.pk)
    assert set(queue.claim(now(), clinics=1, own=own)) == {worlds[1].clinic.pk}


def test_busy_clinics_are_passed_over() -> None:
    first, second = clinic_with_due("una", 3), clinic_with_due("otra", 3)
    assert set(queue.claim(now(), [first.clinic.pk])) == {second.clinic.pk}


def test_a_claim_takes_what_is_due_and_open_with_a_lease_and_a_new_epoch() -> None:
    world = clinic_with_due("una", 4)
    ids = [one.pk for one in reminders(world)]
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=ids[0]).update(look_at=now() + timedelta(hours=1))
        Reminder.objects.filter(pk=ids[1]).update(state=State.HANDED_OVER)
        Reminder.objects.filter(pk=ids[2]).update(state=State.HELD)
    [claims] = queue.claim(now()).values()
    assert sorted(claim.reminder_id for claim in claims) == ids[2:]
    for one in reminders(world)[2:]:
        assert (one.state, one.epoch) == (State.CLAIMED, 1)
        assert one.lease_until is not None
        assert timedelta(seconds=50) < one.lease_until - now() < timedelta(seconds=70)
    assert queue.claim(now()) == {}


def test_concurrent_claims_never_give_the_same_row(settings: Any) -> None:
    settings.IN_FLIGHT_EACH = 100
    for number in range(3):
        clinic_with_due(f"clinica-{number}", 60)
    found: list[tuple[int, int]] = []
    barrier = threading.Barrier(4)

    def claimer() -> None:
        barrier.wait(10)
        until = time.monotonic() + 30
        while len(found) < 180 and time.monotonic() < until:  # a clinic that somebody else is claiming is passed over
            answer = queue.claim(now())
            found.extend((one.reminder_id, one.epoch) for claims in answer.values() for one in claims)
        connection.close()

    threads = [threading.Thread(target=claimer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == len({pk for pk, _ in found}) == 180
    assert {epoch for _, epoch in found} == {1}


def test_only_leases_that_ran_out_are_lost() -> None:
    world = clinic_with_due("una", 2)
    queue.claim(now())
    assert queue.lost() == {}
    leases_run_out(world)
    assert {pk: len(ids) for pk, ids in queue.lost().items()} == {world.clinic.pk: 2}
    change_reminders(world, state=State.HANDED_OVER)
    assert queue.lost() == {}


def test_what_the_plan_has_not_seen_is_behind_until_it_has(world: World) -> None:
    appointment = book(world)
    assert queue.behind() == {world.clinic.pk: [appointment.pk]}
    plan_what_is_behind()
    assert queue.behind() == {}


def test_the_next_moment_is_the_earliest_of_all_clinics_and_says_whether_anything_is_under_way() -> None:
    assert queue.next_moment() == (None, False)
    first, second = clinic_with_due("una", 1), clinic_with_due("otra", 1)
    soon, later = now() + timedelta(hours=1), now() + timedelta(hours=2)
    change_reminders(first, look_at=later)
    change_reminders(second, look_at=soon)
    assert queue.next_moment() == (soon, False)
    change_reminders(second, state=State.SENDING)
    assert queue.next_moment() == (later, True)
