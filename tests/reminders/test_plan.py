"""The plan: whatever happens to an appointment, its reminders are those that should exist."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from appointments.models import Appointment
from clinics.scope import in_clinic
from messaging.channels import Channel
from reminders.kinds import Kind, LatePolicy, State
from reminders.models import Reminder, Rule
from reminders.timing import GRACE
from tests.reminders.planning import another_rule, book, change, edit_rule, plan, rows, states
from tests.world import DAY, NOW, World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.mark.feature("30")
def test_a_booking_has_its_reminder_from_the_start(world: World) -> None:
    appointment = book(world)
    assert plan(world, appointment) == 1
    [row] = rows(world)
    assert (row.state, row.trigger, row.channel, row.kind) == (State.PLANNED, "o1", "email", Kind.REMINDER)
    assert row.due_at == row.look_at == appointment.start - DAY
    assert row.deadline == row.due_at + 6 * HOUR
    assert row.planned_at == NOW


def test_every_active_rule_makes_a_row_of_its_own(world: World) -> None:
    another_rule(world)
    another_rule(world, active=False)
    plan(world, book(world))
    assert [row.due_at for row in rows(world)] == [NOW + DAY, NOW + 2 * DAY - 2 * HOUR]


def test_a_plan_that_runs_again_changes_nothing(world: World) -> None:
    appointment = book(world)
    plan(world, appointment)
    before = rows(world)
    assert plan(world, appointment, now=NOW + HOUR) == 0
    assert [one.__dict__.keys() for one in rows(world)] == [one.__dict__.keys() for one in before]
    assert [(one.pk, one.look_at, one.state, one.epoch) for one in rows(world)] == [
        (one.pk, one.look_at, one.state, one.epoch) for one in before
    ]


def by_save(world: World, appointment: Appointment, start: datetime) -> None:
    appointment.start, appointment.end = start, start + HOUR
    appointment.save(update_fields=["start", "end"])


def by_whole_save(world: World, appointment: Appointment, start: datetime) -> None:
    appointment.start, appointment.end = start, start + HOUR
    appointment.save()


def by_update(world: World, appointment: Appointment, start: datetime) -> None:
    Appointment.objects.filter(pk=appointment.pk).update(start=start, end=start + HOUR)


def by_raw_sql(world: World, appointment: Appointment, start: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE appointments_appointment SET start = %s, "end" = %s WHERE id = %s',
            [start, start + HOUR, appointment.pk],
        )


@pytest.mark.parametrize("move", [by_save, by_whole_save, by_update, by_raw_sql])
@pytest.mark.feature("30")
def test_a_moved_appointment_gets_a_new_reminder_whoever_moved_it(
    world: World, move: Callable[[World, Appointment, datetime], None]
) -> None:
    appointment = book(world)
    plan(world, appointment)
    with in_clinic(world.clinic.pk):
        move(world, appointment, NOW + 3 * DAY)
        appointment.refresh_from_db()
    assert (appointment.occurrence, appointment.planned_revision < appointment.revision) == (2, True)
    plan(world, appointment)
    assert states(world) == [("o1", State.SUPERSEDED), ("o2", State.PLANNED)]
    old, new = rows(world)
    assert new.due_at == NOW + 2 * DAY
    assert ["moved", False, "2"] in old.gates


def test_moved_away_and_back_within_the_grace_the_former_reminder_is_planned_again(world: World) -> None:
    appointment = book(world)
    for start in (NOW + 2 * DAY, NOW + 3 * DAY, NOW + 2 * DAY):
        change(world, appointment, start=start, end=start + HOUR)
        plan(world, appointment)
    assert states(world) == [("o1", State.PLANNED), ("o2", State.SUPERSEDED)]
    assert (rows(world)[0].due_at, rows(world)[0].gates, rows(world)[0].ended_at) == (NOW + DAY, [], None)


def test_a_stale_object_saved_whole_leaves_no_appointment_without_a_reminder(world: World) -> None:
    appointment = book(world)
    plan(world, appointment)
    with in_clinic(world.clinic.pk):
        stale = Appointment.objects.get(pk=appointment.pk)
    change(world, appointment, start=NOW + 3 * DAY, end=NOW + 3 * DAY + HOUR)
    plan(world, appointment)
    with in_clinic(world.clinic.pk):
        stale.save()
    plan(world, appointment)
    [first] = [one for one in rows(world) if one.state == State.PLANNED]
    assert first.due_at == NOW + DAY
    change(world, appointment, start=NOW + 4 * DAY, end=NOW + 4 * DAY + HOUR)
    plan(world, appointment)
    assert rows(world)[-1].state == State.PLANNED
    assert rows(world)[-1].due_at == NOW + 3 * DAY


@pytest.mark.parametrize("gone", [{"status": "cancelled"}, {"deleted": True}, {"status": "no_show"}])
@pytest.mark.feature("30")
def test_a_cancelled_or_deleted_appointment_ends_its_reminders_and_a_restored_one_brings_them_back(
    world: World, gone: dict[str, object]
) -> None:
    appointment = book(world)
    plan(world, appointment)
    change(world, appointment, **gone)
    plan(world, appointment, now=NOW + HOUR)
    [row] = rows(world)
    assert (row.state, row.ended_at) == (State.CANCELLED, NOW + HOUR)
    change(world, appointment, status="scheduled", deleted=False)
    plan(world, appointment, now=NOW + 2 * HOUR)
    [row] = rows(world)
    assert (row.state, row.ended_at, row.gates, row.look_at) == (State.PLANNED, None, [], NOW + DAY)


def test_an_appointment_restored_after_the_due_moment_stays_without(world: World) -> None:
    appointment = book(world)
    plan(world, appointment)
    change(world, appointment, status="cancelled")
    plan(world, appointment)
    change(world, appointment, status="scheduled")
    plan(world, appointment, now=NOW + DAY)
    assert states(world) == [("o1", State.CANCELLED)]


def test_a_rule_switched_off_and_on_again_keeps_one_row(world: World) -> None:
    appointment = book(world)
    plan(world, appointment)
    edit_rule(world, active=False)
    plan(world, appointment)
    assert states(world) == [("o1", State.CANCELLED)]
    edit_rule(world, active=True)
    plan(world, appointment)
    assert states(world) == [("o1", State.PLANNED)]


def test_an_edited_rule_moves_what_is_planned(world: World) -> None:
    appointment = book(world)
    plan(world, appointment)
    edit_rule(world, amount=120)
    plan(world, appointment)
    [row] = rows(world)
    assert row.due_at == row.look_at == appointment.start - 2 * HOUR
    assert row.deadline == appointment.start - HOUR - timedelta(minutes=15)


@pytest.mark.parametrize("policy", LatePolicy)
def test_a_rule_edited_to_a_moment_that_has_passed_is_late_like_a_late_booking(
    world: World, policy: LatePolicy
) -> None:
    appointment = book(world)
    plan(world, appointment, now=NOW - 2 * DAY)
    edit_rule(world, amount=72 * 60, late_policy=policy)
    plan(world, appointment)
    [row] = rows(world)
    assert (row.state, row.planned_at, row.look_at) == (State.PLANNED, NOW, NOW)
    assert row.due_at == (NOW - DAY if policy is LatePolicy.SKIP else NOW)  # looked at now, and then skipped


def test_a_day_that_is_closed_after_its_earlier_moment_passed_goes_to_the_next_open_one(world: World) -> None:
    appointment = book(world, NOW + 3 * DAY)  # Saturday; due on Friday
    plan(world, appointment)
    with in_clinic(world.clinic.pk):
        type(world.clinic).objects.filter(pk=world.clinic.pk).update(closed_weekdays=[4, 5])
        Appointment.objects.update(planned_revision=0)
    plan(world, appointment, now=NOW + 1.5 * DAY)  # Wednesday 10:00, where a closed Friday moves it, has passed
    [row] = rows(world)
    assert row.due_at == NOW + 3 * DAY - 2 * HOUR  # Saturday at 08:00
    assert row.state == State.PLANNED


@pytest.mark.parametrize(
    ("policy", "booked_before_start", "due_after_booking"),
    [
        (LatePolicy.SEND_NOW, 10 * HOUR, GRACE),
        (LatePolicy.NEXT_ALLOWED, 10 * HOUR, GRACE),
        (LatePolicy.NEXT_ALLOWED, 20 * HOUR, 10 * HOUR),
        (LatePolicy.SKIP, 10 * HOUR, None),
        (LatePolicy.SEND_NOW, 20 * HOUR, None),
    ],
)
def test_a_late_booking_follows_the_rules_policy(
    world: World, policy: LatePolicy, booked_before_start: timedelta, due_after_booking: timedelta | None
) -> None:
    edit_rule(world, late_policy=policy)
    start = NOW + 8 * HOUR + DAY  # 18:00
    booked = start - booked_before_start
    plan(world, book(world, start, booked_at=booked, start_set_at=booked), now=booked)
    [row] = rows(world)
    assert row.state == State.PLANNED
    if due_after_booking is None:
        assert row.look_at == booked  # looked at at once, and then skipped with its reason
    else:
        assert row.due_at == row.look_at == booked + due_after_booking


@pytest.mark.parametrize("in_two_plans", [False, True])
def test_of_several_late_steps_of_one_kind_only_the_nearest_goes(world: World, in_two_plans: bool) -> None:
    appointment = book(world, NOW + 5 * HOUR, booked_at=NOW, start_set_at=NOW)
    if in_two_plans:
        plan(world, appointment)
    another_rule(world, amount=8 * 60)
    another_rule(world, amount=48 * 60)
    another_rule(world, kind=Kind.CONFIRMATION, amount=48 * 60)
    another_rule(world, amount=60 * 2)  # still to come
    change(world, appointment, planned_revision=0)
    plan(world, appointment)
    found = {(row.kind, row.rule_id): row.state for row in rows(world)}
    first = world.rule.pk
    with in_clinic(world.clinic.pk):
        ids = list(Rule.objects.order_by("pk").values_list("pk", flat=True))
    assert ids[0] == first
    assert found == {
        (Kind.REMINDER, ids[0]): State.SUPERSEDED,
        (Kind.REMINDER, ids[1]): State.PLANNED,
        (Kind.REMINDER, ids[2]): State.SUPERSEDED,
        (Kind.CONFIRMATION, ids[3]): State.PLANNED,
        (Kind.REMINDER, ids[4]): State.PLANNED,
    }


def test_a_farther_step_made_after_a_nearer_one_has_gone_does_not_go(world: World) -> None:
    appointment = book(world)
    plan(world, appointment)
    with in_clinic(world.clinic.pk):
        Reminder.objects.update(state=State.HANDED_OVER)
    another_rule(world, amount=72 * 60)
    another_rule(world, amount=72 * 60, kind=Kind.CONFIRMATION)
    change(world, appointment, planned_revision=0)
    plan(world, appointment, now=NOW + DAY + HOUR)
    assert [(row.kind, row.state) for row in rows(world)] == [
        (Kind.REMINDER, State.HANDED_OVER),
        (Kind.REMINDER, State.SUPERSEDED),
        (Kind.CONFIRMATION, State.PLANNED),
    ]


def test_two_late_steps_of_the_same_moment_on_two_channels_both_go(world: World) -> None:
    another_rule(world, amount=24 * 60, channel=Channel.SMS)
    plan(world, book(world, NOW + 5 * HOUR, booked_at=NOW, start_set_at=NOW))
    assert states(world) == [("o1", State.PLANNED), ("o1", State.PLANNED)]


def test_a_rule_off_and_on_again_changes_nothing_for_a_reminder_without_an_allowed_moment(world: World) -> None:
    world.clinic.closed_weekdays = [4, 5, 6, 7]
    world.clinic.save()
    with in_clinic(world.clinic.pk):
        Rule.objects.filter(pk=world.rule.pk).update(amount=90)
    appointment = book(world, NOW + 4 * DAY, booked_at=NOW, start_set_at=NOW)
    plan(world, appointment, now=NOW + 3 * DAY)
    assert rows(world)[0].state == State.PLANNED  # it is skipped at its nominal moment
    for active in (False, True):
        edit_rule(world, active=active)
        plan(world, appointment, now=NOW + 3 * DAY)
    assert rows(world)[0].state == State.PLANNED


@pytest.mark.feature("34", "30")
def test_a_visit_without_an_appointment_has_no_place_in_the_plan(world: World) -> None:
    with in_clinic(world.clinic.pk), pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(
            clinic=world.clinic, appointment=None, trigger="o1", kind="reminder", channel="email", occurrence=1,
            planned_at=NOW, due_at=NOW, deadline=NOW, look_at=NOW,
        )  # fmt: skip
