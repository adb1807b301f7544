"""The reads across clinics: fair, never twice, and nothing but ids and times."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from clinics.scope import in_clinic
from reminders import queue
from reminders.drain import plan_what_is_behind
from reminders.kinds import State
from reminders.models import Reminder
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


def claimed(answer: dict[int, list[queue.Claim]]) -> int:
    return sum(map(len, answer.values()))


def test_a_big_clinic_does_not_keep_the_small_ones_waiting() -> None:
    big = clinic_with_due("grande", 300)
    small = [clinic_with_due(f"pequena-{number}", 2) for number in range(9)]
    first = queue.claim(now(), 0, [])
    assert {pk: len(first[pk]) for pk in first} == {
        big.clinic.pk: queue.CLAIM_EACH, **{one.clinic.pk: 2 for one in small}
    }  # fmt: skip
    assert set(queue.claim(now(), 0, [])) == {big.clinic.pk}


def test_clinics_in_turn_are_all_reached_when_one_claim_is_not_enough() -> None:
    full = queue.CLAIM_LIMIT // queue.CLAIM_EACH
    worlds = [clinic_with_due(f"clinica-{number}", queue.CLAIM_EACH) for number in range(full + 2)]
    first = queue.claim(now(), 0, [])
    assert claimed(first) == queue.CLAIM_LIMIT
    second = queue.claim(now(), max(first), [])
    assert set(first) | set(second) == {one.clinic.pk for one in worlds}
    assert set(first) & set(second) == set()


def test_busy_clinics_are_passed_over() -> None:
    first, second = clinic_with_due("una", 3), clinic_with_due("otra", 3)
    assert set(queue.claim(now(), 0, [first.clinic.pk])) == {second.clinic.pk}


def test_a_claim_takes_what_is_due_and_open_with_a_lease_and_a_new_epoch() -> None:
    world = clinic_with_due("una", 4)
    ids = [one.pk for one in reminders(world)]
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=ids[0]).update(look_at=now() + timedelta(hours=1))
        Reminder.objects.filter(pk=ids[1]).update(state=State.HANDED_OVER)
        Reminder.objects.filter(pk=ids[2]).update(state=State.HELD)
    [claims] = queue.claim(now(), 0, []).values()
    assert sorted(claim.reminder_id for claim in claims) == ids[2:]
    for one in reminders(world)[2:]:
        assert (one.state, one.epoch) == (State.CLAIMED, 1)
        assert one.lease_until is not None
        assert timedelta(seconds=50) < one.lease_until - now() < timedelta(seconds=70)
    assert queue.claim(now(), 0, []) == {}


def test_concurrent_claims_never_give_the_same_row() -> None:
    for number in range(3):
        clinic_with_due(f"clinica-{number}", 60)
    found: list[tuple[int, int]] = []
    barrier = threading.Barrier(4)

    def claimer() -> None:
        barrier.wait(10)
        while answer := queue.claim(now(), 0, []):
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
    queue.claim(now(), 0, [])
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
