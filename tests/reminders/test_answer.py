"""Every rule, channel and route of an appointment is answered, and what is foretold is what the drain does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from appointments.models import Appointment, NoticeAnswer
from clinics.models import Clinic
from clinics.scope import in_clinic
from reminders.answer import Answer, Standing, answers
from reminders.kinds import Kind, Route, State, TimingKind
from reminders.models import Reminder
from tests.reminders.planning import another_rule, book, change, edit_rule, plan, rows
from tests.world import DAY, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.feature("N1", enters="the answers that every page shows")]
HOUR = timedelta(hours=1)


def answered(world: World, appointment: Appointment) -> list[Answer]:
    with in_clinic(world.clinic.pk):
        return answers(Clinic.objects.get(pk=world.clinic.pk), [appointment.pk], NOW)[appointment.pk]


def standings(world: World, appointment: Appointment) -> list[tuple[str, str]]:
    return [(one.standing.value, one.reminder.route) for one in answered(world, appointment)]


def test_answers_stand_in_the_order_of_their_moments_past_and_future(world: World) -> None:
    row = book(world)
    another_rule(world, amount=120)
    another_rule(world, amount=40 * 60)
    plan(world, row)
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(rule=world.rule).update(
            state=State.HANDED_OVER, handed_over_at=NOW - HOUR, ended_at=NOW - HOUR
        )
    found = answered(world, row)
    assert [one.standing for one in found] == [Standing.ENDED, Standing.TO_COME, Standing.TO_COME]
    assert [one.at for one in found] == sorted(one.at for one in found)


def test_a_rule_that_is_off_is_answered_as_if_it_were_planned_now(world: World) -> None:
    row = book(world)
    edit_rule(world, active=False)
    [one] = answered(world, row)
    assert one.standing is Standing.NOT_PLANNED and one.reminder.pk is None and rows(world) == []
    assert one.foresight is not None and one.now is not None
    assert [gate.code for gate in one.now.failed if gate.code != "due"] == ["rule_inactive"]
    assert one.foresight.mended_at == row.start - DAY


def test_a_reminder_that_was_taken_back_says_when_it_would_stand_again(world: World) -> None:
    row = book(world)
    plan(world, row)
    edit_rule(world, active=False)
    plan(world, row)
    [one] = answered(world, row)
    assert one.standing is Standing.ENDED and one.reminder.state == State.CANCELLED
    assert one.foresight is not None and one.foresight.mended_at == row.start - DAY
    edit_rule(world, active=True)
    plan(world, row)
    [again] = answered(world, row)
    assert again.goes_at == one.foresight.mended_at


def test_answers_are_ahead_of_a_plan_that_is_behind_and_write_nothing(world: World) -> None:
    row = book(world)
    assert standings(world, row) == [("to_come", Route.PRIMARY)], "no plan has seen it yet"
    plan(world, row)
    change(world, row, start=NOW + 4 * DAY, end=NOW + 4 * DAY + HOUR)
    assert sorted(standings(world, row)) == [("ended", Route.PRIMARY), ("to_come", Route.PRIMARY)]
    assert [one.state for one in rows(world)] == [State.PLANNED]


def test_a_fallback_stands_by_until_its_rule_cannot_reach_the_patient(world: World) -> None:
    row = book(world)
    edit_rule(world, channel="email", fallback_channel="sms")
    plan(world, row)
    assert sorted(standings(world, row)) == [("stands_by", Route.FALLBACK), ("to_come", Route.PRIMARY)]
    with in_clinic(world.clinic.pk):
        world.patient.email = ""
        world.patient.save()
    found = {one.reminder.route: one for one in answered(world, row)}
    assert found[Route.FALLBACK].standing is Standing.TO_COME, "it will open at the primary's moment"
    assert found[Route.PRIMARY].goes_at is None


def test_a_notice_is_answered_whether_it_was_asked_for_declined_or_neither(world: World) -> None:
    row = book(world)
    edit_rule(world, kind=Kind.BOOKING, timing=TimingKind.ON_EVENT, amount=0)
    assert standings(world, row) == [("not_asked", Route.PRIMARY)]
    with in_clinic(world.clinic.pk):
        NoticeAnswer.objects.create(
            clinic=world.clinic, appointment=row, revision=5, event="booking", notify=False, at=NOW
        )
    [one] = answered(world, row)
    assert one.standing is Standing.NOT_PLANNED and one.now is not None
    assert "notice_declined" in {gate.code for gate in one.now.failed}


def test_the_number_of_queries_does_not_grow_with_the_appointments(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    another_rule(world, amount=120, active=False)
    many = [book(world, NOW + (2 + number) * DAY) for number in range(6)]
    plan(world, *many[:4])
    with in_clinic(world.clinic.pk):
        clinic = Clinic.objects.get(pk=world.clinic.pk)
        with CaptureQueriesContext(connection) as few:
            answers(clinic, [many[0].pk], NOW)
        with django_assert_num_queries(len(few)):
            answers(clinic, [one.pk for one in many], NOW)
