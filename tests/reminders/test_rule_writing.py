"""Rules have one writer: a change reaches appointments already booked, and who made it is kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time

import pytest

from appointments.models import Appointment
from clinics.models import SettingArea
from clinics.scope import in_clinic
from clinics.setting_log import Act, last_change
from reminders.kinds import Kind, LatePolicy, TimingKind
from reminders.models import PlanStamp, Reminder, Rule
from reminders.plan import bring_up_to_date
from reminders.replanning import change_clinic
from reminders.rule_writing import NewRule, RuleRefused, switch_rule, write_rule
from reminders.timing import Timing
from reminders.walk import step
from tests.world import DAY, NOW, World

ACT = Act(None, NOW)
TWO_HOURS = NewRule(
    Kind.REMINDER, Timing(TimingKind.BEFORE_ELAPSED, 120), "email", ("scheduled",), LatePolicy.NEXT_ALLOWED, True
)


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        yield world


def booked(world: World, days: int) -> Appointment:
    appointment = world.appointment(NOW + days * DAY)
    bring_up_to_date(world.clinic, [appointment.pk], NOW - 7 * DAY)
    return appointment


def planned(world: World, *appointments: Appointment) -> list[tuple[int, str]]:
    while step(NOW):
        pass
    rows = Reminder.objects.filter(appointment__in=appointments).order_by("due_at", "pk")
    return [(row.rule_id, row.state) for row in rows]


@pytest.mark.feature(9, 14)
def test_a_new_rule_reaches_appointments_already_booked_and_not_those_of_the_past(inside: World) -> None:
    soon, past = booked(inside, 2), booked(inside, -1)
    written = write_rule(inside.clinic, None, TWO_HOURS, ACT)
    assert written.planned_again == 1
    assert planned(inside, soon) == [(inside.rule.pk, "planned"), (written.rule.pk, "planned")]
    assert Appointment.objects.get(pk=past.pk).planned_revision > 0
    assert Appointment.objects.get(pk=soon.pk).revision == soon.revision, "nobody changed the appointment"


@pytest.mark.feature(10)
def test_a_rule_that_is_switched_off_plans_nothing_and_keeps_since_when(inside: World) -> None:
    soon = booked(inside, 2)
    switch_rule(inside.clinic, inside.rule, False, ACT)
    assert planned(inside, soon) == [(inside.rule.pk, "cancelled")]
    kept = last_change(SettingArea.RULE, inside.rule.pk)
    assert kept is not None and kept.details == {"active": [True, False]} and kept.at == NOW


def test_nothing_different_is_nothing_written(inside: World) -> None:
    booked(inside, 2)
    same = switch_rule(inside.clinic, inside.rule, True, ACT)
    assert same.planned_again == 0 and last_change(SettingArea.RULE, inside.rule.pk) is None


@pytest.mark.feature(11)
def test_what_contradicts_itself_changes_nothing(inside: World) -> None:
    booked(inside, 2)
    for wrong in (
        replace(TWO_HOURS, timing=Timing(TimingKind.BEFORE_ELAPSED, 0)),
        replace(TWO_HOURS, timing=Timing(TimingKind.DAYS_BEFORE_AT, 1)),
        replace(TWO_HOURS, statuses=()),
    ):
        with pytest.raises(RuleRefused):
            write_rule(inside.clinic, None, wrong, ACT)
    assert Rule.objects.count() == 1 and not PlanStamp.objects.exists()


def test_two_rules_that_say_the_same_are_refused_while_both_are_on(inside: World) -> None:
    twin = replace(TWO_HOURS, timing=Timing(TimingKind.BEFORE_ELAPSED, 24 * 60))
    with pytest.raises(RuleRefused, match="reminded twice"):
        write_rule(inside.clinic, None, twin, ACT)
    off = write_rule(inside.clinic, None, replace(twin, active=False), ACT).rule
    with pytest.raises(RuleRefused):
        switch_rule(inside.clinic, off, True, ACT)


def test_a_time_of_day_stays_only_with_a_rule_that_has_one(inside: World) -> None:
    odd = replace(TWO_HOURS, timing=Timing(TimingKind.BEFORE_ELAPSED, 120, time(10), True))
    rule = write_rule(inside.clinic, None, odd, ACT).rule
    assert (rule.at_time, rule.working_days) == (None, False)


@pytest.mark.feature(14)
def test_other_quiet_hours_move_what_is_planned(inside: World) -> None:
    soon = booked(inside, 2)
    before = Reminder.objects.get().due_at
    changed = change_clinic(inside.clinic, {"quiet_from": time(9), "quiet_until": time(8)}, ACT)
    assert changed.planned_again == 1 and changed.changed == {"quiet_from"}
    planned(inside, soon)
    assert Reminder.objects.get().due_at != before


def test_a_new_name_plans_nothing_again(inside: World) -> None:
    booked(inside, 2)
    assert change_clinic(inside.clinic, {"name": "Sol"}, ACT).planned_again == 0
