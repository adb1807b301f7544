"""The breaker as the database keeps it goes as the state machine that is told in plain Python, whatever happens."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.scope import in_clinic
from messaging.models import SenderState
from tests.messaging.breaker_model import HALF_OPEN, Breaker
from tests.world import World

pytestmark = pytest.mark.django_db
BEGIN = datetime(2027, 1, 13, 9, 0, tzinfo=UTC)
LEASE = 60.0
SAYS = st.sampled_from(["", "well", "well", "fault", "fault", "fault", "at_once", "slower", "counted"])
#: Seconds until the next end; often none, now and then longer than a minute or a rest.
PAUSE = st.sampled_from([0.0, 0.0, 0.5, 3.0, 31.0, 60.0, 61.0, 130.0, 1800.0])
STEPS = st.lists(st.tuples(PAUSE, SAYS, st.sampled_from([1.0, 30.0]), st.booleans()), max_size=60)


class Kept:
    """The row in the database."""

    def __init__(self, world: World) -> None:
        self.world = world
        SenderState.objects.all().delete()

    def row(self) -> SenderState | None:
        found: SenderState | None = SenderState.objects.first()
        return found

    def end(self, attempt: int, says: str, now: float, first: float, most: float) -> None:
        said = {"says": says, "seconds": first, "most": most, "failure": "unreachable", "code": "", "detail": ""}
        clinic, sender = self.world.clinic.pk, self.world.sender.pk
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT messaging_note(%s, %s, %s, %s::jsonb, %s)", [clinic, sender, attempt, json.dumps(said), at(now)]
            )

    def take_probe(self, attempt: int, now: float) -> None:
        SenderState.objects.update(probe=attempt, open_until=at(now + LEASE))


def at(now: float) -> datetime:
    return BEGIN + timedelta(seconds=now)


def seconds(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - BEGIN).total_seconds()


def seen(row: SenderState | None) -> tuple[Any, ...]:
    if row is None:
        return None, None, None, 0, 0, False, False
    return (
        seconds(row.open_until), seconds(row.since), row.probe, row.opens, row.failures, row.mended_at is not None,
        row.alert_at is not None,
    )  # fmt: skip


@pytest.mark.feature("B14")
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_it_goes_as_the_state_machine_says(world: World, steps: list[tuple[float, str, float, bool]]) -> None:
    with in_clinic(world.clinic.pk):
        kept, model, now, attempt = Kept(world), Breaker(), 0.0, 0
        for pause, says, times, with_probe in steps:
            now, attempt = now + pause, attempt + 1
            if model.state(now) == HALF_OPEN and with_probe:
                model.take_probe(attempt, now, LEASE)
                kept.take_probe(attempt, now)
            model.end(attempt, says, now, 60 * times, 1800)
            kept.end(attempt, says, now, 60 * times, 1800)
            assert seen(kept.row()) == (
                model.rest_ends, model.since, model.probe, model.rests, model.in_a_row, model.mended, model.alert
            )  # fmt: skip


def test_a_switched_off_breaker_never_opens(world: World) -> None:
    with in_clinic(world.clinic.pk):
        kept = Kept(world)
        for number in range(30):
            kept.end(number, "at_once", 0.0, 0.0, 0.0)
        row = kept.row()
        assert row is not None and row.open_until is None


def test_the_pace_is_halved_once_in_a_while_and_comes_back(world: World) -> None:
    with in_clinic(world.clinic.pk):
        kept = Kept(world)
        slowed = []
        for number, (now, says) in enumerate([(0, "slower"), (1, "slower"), (6, "slower"), (7, "well"), (8, "well")]):
            kept.end(number, says, float(now), 60.0, 1800.0)
            row = kept.row()
            assert row is not None
            slowed.append(round(row.slowed, 3))
    assert slowed == [0.5, 0.5, 0.25, 0.3, 0.35]
