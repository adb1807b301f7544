"""Steps of one appointment that are due together, as nothing could go before: the one nearest the start goes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from appointments.models import Appointment
from clinics.scope import in_clinic
from reminders.kinds import State
from reminders.models import Reminder, Rule
from reminders.outlook import foreseen
from reminders.prepare import prepare
from reminders.queue import Claim
from tests.reminders.planning import another_rule, plan
from tests.world import NOW, World

HOUR = timedelta(hours=1)
#: The afternoon on which everything goes on.
BACK = NOW + 6 * HOUR
#: Its steps 24 and 20 hours before were due five hours and one hour earlier.
START = BACK + 19 * HOUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def nearer(world: World) -> Rule:
    return another_rule(world, amount=20 * 60)


@pytest.fixture
def visit(world: World, nearer: Rule) -> Iterator[Appointment]:
    with in_clinic(world.clinic.pk):
        made = world.appointment(START)
    plan(world, made, now=NOW)
    world.clinic.refresh_from_db()
    yield made


def drain(world: World, moment: datetime, *only: Rule) -> dict[int | None, str]:
    """Decides what is due, the farther steps first as they have waited longest; rule id → state."""
    with in_clinic(world.clinic.pk):
        due = Reminder.objects.filter(state=State.PLANNED, look_at__lte=moment).order_by("look_at")
        for one in [row for row in due if not only or row.rule_id in {rule.pk for rule in only}]:
            Reminder.objects.filter(pk=one.pk).update(state=State.CLAIMED, epoch=one.epoch + 1)
            prepare(world.clinic, [Claim(one.pk, one.epoch + 1)], moment)
        return dict(Reminder.objects.values_list("rule_id", "state"))


@pytest.mark.feature("41")
def test_of_two_steps_that_an_outage_let_become_due_the_nearer_goes_alone(
    world: World, visit: Appointment, nearer: Rule
) -> None:
    assert drain(world, BACK) == {world.rule.pk: State.SUPERSEDED, nearer.pk: State.SENDING}
    with in_clinic(world.clinic.pk):
        gates = dict((code, passed) for code, passed, _ in Reminder.objects.get(rule=world.rule).gates)
    assert gates["nearer_step"] is False


def test_a_step_whose_nearer_one_is_still_to_come_goes(world: World, visit: Appointment, nearer: Rule) -> None:
    assert drain(world, BACK - 4 * HOUR) == {world.rule.pk: State.SENDING, nearer.pk: State.PLANNED}


def test_a_step_that_comes_back_after_the_nearer_one_went_does_not_go(
    world: World, visit: Appointment, nearer: Rule
) -> None:
    drain(world, BACK, nearer)
    assert drain(world, BACK) == {world.rule.pk: State.SUPERSEDED, nearer.pk: State.SENDING}


def test_a_nearer_step_that_went_before_this_one_was_due_does_not_stand_for_it(
    world: World, visit: Appointment, nearer: Rule
) -> None:
    drain(world, BACK, nearer)
    with in_clinic(world.clinic.pk):  # as where a closed day had brought it forward
        Reminder.objects.filter(rule=nearer).update(decided_at=BACK - 6 * HOUR)
    assert drain(world, BACK + HOUR / 2) == {world.rule.pk: State.SENDING, nearer.pk: State.SENDING}


def test_a_nearer_step_that_does_not_go_stands_in_nobodys_way(world: World, visit: Appointment, nearer: Rule) -> None:
    with in_clinic(world.clinic.pk):
        nearer.channel = "sms"  # the patient has no phone
        nearer.save()
        Reminder.objects.filter(rule=nearer).update(channel="sms")
    assert drain(world, BACK) == {world.rule.pk: State.SENDING, nearer.pk: State.SKIPPED}


def test_a_step_that_is_over_its_deadline_is_expired_and_not_superseded(
    world: World, visit: Appointment, nearer: Rule
) -> None:
    assert drain(world, BACK + 2 * HOUR) == {world.rule.pk: State.EXPIRED, nearer.pk: State.SENDING}


def test_the_forecast_names_the_nearer_step_where_a_pause_holds_both(
    world: World, visit: Appointment, nearer: Rule
) -> None:
    with in_clinic(world.clinic.pk):
        world.clinic.paused_until = BACK
        world.clinic.save()
        before = BACK - 5.5 * HOUR
        found = {one.rule.pk: one.foresight for one in foreseen(world.clinic, [visit.pk], before) if one.rule}
    assert found[nearer.pk].goes_at == BACK
    assert found[world.rule.pk].goes_at is None
    assert "nearer_step" in {gate.code for gate in found[world.rule.pk].decision.failed}


def test_a_clinic_with_one_step_asks_nothing_more(world: World) -> None:
    with in_clinic(world.clinic.pk):
        made = world.appointment(START)
    plan(world, made, now=NOW)
    world.clinic.refresh_from_db()
    assert drain(world, BACK) == {world.rule.pk: State.SENDING}
