"""A whole plan is made again by a walk: chunk by chunk, nearest first, while reminders go on being sent."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from appointments.models import Appointment
from clinics.models import Clinic
from clinics.scope import in_clinic
from clinics.setting_log import Act
from reminders import queue, replanning, walk
from reminders.drain import plan_what_is_behind
from reminders.models import PlanStamp, Reminder, Rule
from reminders.plan import bring_up_to_date
from reminders.replanning import change_clinic, plan_again
from reminders.rule_writing import described, write_rule
from reminders.taking import take
from reminders.timing import Timing
from reminders.walk import Progress, progress, step, walk_on
from tests.reminders.changes import booked
from tests.world import DAY, NOW, World, make_world

ACT = Act(None, NOW)


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        yield world


@pytest.fixture
def one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """All appointments of a clinic in their order, two a chunk."""
    monkeypatch.setattr(replanning, "PARTS", 1)
    monkeypatch.setattr(walk, "PARTS", 1)
    monkeypatch.setattr(walk, "CHUNK", 2)


def due(world: World) -> list[timedelta]:
    """How long before its start each reminder goes, nearest start first."""
    rows = Reminder.objects.select_related("appointment").order_by("appointment__start", "appointment")
    return [row.appointment.start - row.due_at for row in rows]


def two_days_before(world: World) -> None:
    Rule.objects.filter(pk=world.rule.pk).update(amount=48 * 60)
    plan_again(world.clinic, NOW)


def test_asking_touches_no_appointment_and_counts_those_to_come(inside: World) -> None:
    for days in (-1, 3, 4):
        booked(inside, days * DAY)
    before = list(Appointment.objects.order_by("pk").values())
    assert plan_again(inside.clinic, NOW) == 2
    assert list(Appointment.objects.order_by("pk").values()) == before
    assert progress() == Progress(0, 2)


def test_nobody_is_asked_for_where_nobody_is_to_come(inside: World) -> None:
    booked(inside, -DAY)
    assert plan_again(inside.clinic, NOW) == 0 and progress() is None


def test_it_goes_nearest_first_chunk_by_chunk_and_says_how_far(inside: World, one_part: None) -> None:
    for days in (9, 4, 7, 5, 5):
        booked(inside, days * DAY)
    two_days_before(inside)
    assert step(NOW)
    assert due(inside) == [2 * DAY, 2 * DAY, DAY, DAY, DAY] and progress() == Progress(2, 5)
    assert step(NOW)
    assert due(inside) == [2 * DAY] * 4 + [DAY] and progress() == Progress(4, 5)
    assert step(NOW)
    assert due(inside) == [2 * DAY] * 5 and progress() is None
    assert not step(NOW)


def test_a_second_change_begins_anew(inside: World, one_part: None) -> None:
    for days in (4, 5):
        booked(inside, days * DAY)
    two_days_before(inside)
    step(NOW)
    plan_again(inside.clinic, NOW)
    assert PlanStamp.objects.count() == 1 and progress() == Progress(0, 2)


def test_the_parts_together_are_the_whole_and_each_is_walked_on_its_own(inside: World) -> None:
    for days in range(1, 8):
        booked(inside, days * DAY + DAY)
    two_days_before(inside)
    assert progress() == Progress(0, 7)
    seen = []
    while step(NOW):
        seen.append(progress())
    assert len(seen) == replanning.PARTS and seen[-1] is None
    assert due(inside) == [2 * DAY] * 7


def test_who_is_booked_or_moved_across_the_walk_is_missed_by_nobody(
    inside: World, one_part: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "CHUNK", 1)
    early, late = booked(inside, 4 * DAY), booked(inside, 8 * DAY)
    two_days_before(inside)
    step(NOW)
    Appointment.objects.filter(pk=late.pk).update(start=NOW + 3 * DAY, end=NOW + 4 * DAY)
    Appointment.objects.filter(pk=early.pk).update(start=NOW + 9 * DAY, end=NOW + 10 * DAY)
    new = inside.appointment(NOW + 3.5 * DAY)
    while step(NOW):
        pass
    behind = Appointment.objects.exclude(planned_revision=F("revision")).values_list("pk", flat=True)
    assert set(behind) == {late.pk, new.pk}, "their own revision tells the plan of them"
    assert Reminder.objects.get(appointment=early, state="planned").due_at == NOW + 7 * DAY


def test_what_does_not_change_is_not_written(inside: World) -> None:
    booked(inside, 4 * DAY)
    plan_again(inside.clinic, NOW)
    before = _places()
    assert step(NOW)
    assert _places() == before


def _places() -> list[Any]:
    """Where each row lies: a row that is written moves."""
    tables = ("appointments_appointment", "reminders_reminder")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT id, ctid::text FROM {table}" for table in tables))
        return sorted(cursor.fetchall())


def test_what_cannot_be_planned_stays_behind_and_the_walk_ends(inside: World) -> None:
    good, bad = booked(inside, 4 * DAY), booked(inside, 5 * DAY, location=None)
    Clinic.objects.filter(pk=inside.clinic.pk).update(time_zone="Mars/Base")
    inside.location.time_zone = "Europe/Madrid"
    inside.location.save()
    two_days_before(inside)
    for _ in range(replanning.PARTS):
        step(NOW)
    assert progress() is None
    assert Appointment.objects.get(pk=bad.pk).planned_revision == 0
    assert Appointment.objects.get(pk=good.pk).planned_revision == 1


@pytest.mark.django_db(transaction=True)
class TestAmongOthers:
    """With others at the same rows."""

    @pytest.fixture
    def there(self, world: World, one_part: None) -> World:
        world.clinic.refresh_from_db()
        with in_clinic(world.clinic.pk):
            for days in (4, 5):
                booked(world, days * DAY)
            two_days_before(world)
        return world

    def test_who_is_held_by_somebody_is_passed_over_and_met_again(self, there: World) -> None:
        with in_clinic(there.clinic.pk):
            first = Appointment.objects.order_by("start").first()
            assert first is not None
        held, free = threading.Event(), threading.Event()
        holder = threading.Thread(target=_hold, args=(there.clinic.pk, first.pk, held, free))
        holder.start()
        assert held.wait(10)
        walk_on(time.monotonic() + 5)
        with in_clinic(there.clinic.pk):
            assert due(there) == [DAY, 2 * DAY] and progress() == Progress(2, 2)
        free.set()
        holder.join(10)
        walk_on(time.monotonic())
        with in_clinic(there.clinic.pk):
            assert due(there) == [2 * DAY, 2 * DAY] and progress() is None

    def test_a_chunk_that_another_worker_has_is_passed_over(self, there: World) -> None:
        answers: list[Any] = []
        with in_clinic(there.clinic.pk):
            PlanStamp.objects.select_for_update().get()
            other = threading.Thread(target=_step_elsewhere, args=(there.clinic.pk, answers))
            other.start()
            other.join(10)
        assert answers == [False], "and it did not wait"

    def test_a_chunk_that_breaks_off_is_walked_again(self, there: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("the power went")

        with monkeypatch.context() as patched:
            patched.setattr(walk, "_passed_over", broken)
            walk_on(time.monotonic())
        with in_clinic(there.clinic.pk):
            assert due(there) == [DAY, DAY] and progress() == Progress(0, 2)
        walk_on(time.monotonic())
        with in_clinic(there.clinic.pk):
            assert due(there) == [2 * DAY, 2 * DAY]

    def test_a_change_that_is_not_committed_yet_holds_no_sender_up(self, world: World) -> None:
        world.clinic.refresh_from_db()
        with in_clinic(world.clinic.pk):
            ids = [booked(world, days * DAY).pk for days in (4, 5)]
        locked: list[int] = []
        with in_clinic(world.clinic.pk):
            wanted = described(world.rule)
            longer = Timing(wanted.timing.kind, 72 * 60)
            write_rule(world.clinic, world.rule, type(wanted)(**{**vars(wanted), "timing": longer}), ACT)
            sender = threading.Thread(target=_lock_as_sender, args=(world.clinic.pk, ids, locked))
            sender.start()
            sender.join(10)
            assert locked == ids

    def test_one_clinic_with_many_behind_starves_no_other(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queue, "BATCH", 4)
        other = make_world("clinica-otra")
        for one, days in ((world, range(1, 9)), (other, range(1, 3))):
            with in_clinic(one.clinic.pk):
                for day in days:
                    one.appointment(NOW + day * DAY)
        taken = queue.behind()
        assert {pk: len(ids) for pk, ids in taken.items()} == {world.clinic.pk: 2, other.clinic.pk: 2}
        plan_what_is_behind()
        assert queue.behind() == {}


def _hold(clinic_id: int, appointment_id: int, held: threading.Event, free: threading.Event) -> None:
    try:
        with in_clinic(clinic_id):
            Appointment.objects.select_for_update().get(pk=appointment_id)
            held.set()
            free.wait(20)
    finally:
        connection.close()


def _step_elsewhere(clinic_id: int, answers: list[Any]) -> None:
    try:
        with in_clinic(clinic_id):
            answers.append(step(NOW))
    finally:
        connection.close()


def _lock_as_sender(clinic_id: int, ids: list[int], locked: list[int]) -> None:
    try:
        with in_clinic(clinic_id):
            locked.extend(take(Clinic.objects.get(pk=clinic_id), ids).appointments)
    finally:
        connection.close()


@pytest.mark.feature("N4")
def test_a_clinics_change_is_walked_by_the_next_drain_without_anybody_asking(inside: World) -> None:
    appointment = booked(inside, 4 * DAY)
    assert change_clinic(inside.clinic, {"closed_weekdays": [6]}, ACT).planned_again == 1
    while step(NOW):
        pass
    assert Reminder.objects.get(appointment=appointment).due_at == NOW + 2 * DAY
    assert bring_up_to_date(inside.clinic, [appointment.pk], NOW) == 0
