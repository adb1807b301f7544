"""The effect of a change is what the forecast says before it and after it; asking leaves no trace and holds no lock."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from appointments.models import Appointment
from clinics.models import Clinic, ClosedDay, SettingEvent
from clinics.scope import in_clinic
from reminders.effect import effect_of
from reminders.models import PlanStamp, Reminder, Rule
from reminders.outlook import foreseen
from reminders.pausing import pause
from reminders.rule_writing import RuleRefused
from tests.reminders.changes import ACT, HOUR, agenda, booked, changes, timed
from tests.world import DAY, NOW, World


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        yield world


def _forecast(world: World) -> dict[Any, tuple[Any, str]]:
    """Every reminder that will go: which, and when over which channel."""
    ids = list(Appointment.objects.filter(start__gt=NOW, deleted=False).values_list("pk", flat=True))
    return {
        (row.appointment_id, row.rule_id, row.trigger, row.route, row.round): (one.foresight.goes_at, row.channel)
        for one in foreseen(world.clinic, ids, NOW)
        if one.foresight.goes_at
        for row in [one.reminder]
    }


@pytest.mark.feature("N4")
@pytest.mark.parametrize("number", range(12))
@pytest.mark.parametrize("seed", range(4))
def test_before_and_after_are_what_the_forecast_says_before_and_after_the_change(
    inside: World, seed: int, number: int
) -> None:
    dice = random.Random(seed)
    agenda(inside, dice)
    if seed % 2:  # a pause runs already
        pause(inside.clinic, NOW + 30 * HOUR, ACT)
    change = changes(inside, dice)[number]
    before = _forecast(inside)
    found = effect_of(inside.clinic, change, NOW)
    assert _forecast(inside) == before
    change()
    after = _forecast(inside)
    rows = [*found.adds.rows, *found.moves.rows, *found.removes.rows, *found.expires.rows]
    assert Counter((row.appointment_id, row.before, row.after) for row in rows) == Counter(
        (
            (step[0], before.get(step, (None, ""))[0], after.get(step, (None, ""))[0])
            for step in before | after
            if before.get(step) != after.get(step)
        ),
    )
    assert found.untouched == sum(before.get(step) == after.get(step) for step in before | after)
    assert found.adds.count == len(after.keys() - before.keys())
    assert found.stops == len(before.keys() - after.keys())


def _rows_of(inside: World) -> list[Any]:
    models = (Rule, Reminder, SettingEvent, ClosedDay, PlanStamp, Appointment)
    found: list[Any] = [list(model.objects.order_by("pk").values()) for model in models]
    clinic = type(inside.clinic).objects.filter(pk=inside.clinic.pk).values()
    return [*found, list(clinic), {**inside.clinic.__dict__, "_state": None}]


@pytest.mark.feature("N4")
def test_asking_leaves_no_trace(inside: World) -> None:
    booked(inside, 3 * DAY)
    before = _rows_of(inside)
    for change in changes(inside, random.Random(0)):
        effect_of(inside.clinic, change, NOW)
    assert _rows_of(inside) == before


@pytest.mark.feature("N4")
@pytest.mark.django_db(transaction=True)
def test_asking_holds_no_lock_while_the_page_is_made(world: World) -> None:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        booked(world, 3 * DAY)
    with in_clinic(world.clinic.pk):
        for change in changes(world, random.Random(0)):
            effect_of(world.clinic, change, NOW)
        with ThreadPoolExecutor(1) as elsewhere:  # raises where a lock is held
            elsewhere.submit(_lock_everything, world.clinic.pk).result(timeout=20)


def _lock_everything(clinic_id: int) -> None:
    try:
        with in_clinic(clinic_id):
            for model in (Clinic, Rule, Appointment, Reminder):
                list(model.objects.select_for_update(nowait=True))
    finally:
        connection.close()


def test_what_the_change_refuses_is_refused_and_leaves_no_trace(inside: World) -> None:
    before = _rows_of(inside)
    with pytest.raises(RuleRefused):
        effect_of(inside.clinic, timed(inside, 0), NOW)
    assert _rows_of(inside) == before
