"""One clock for all: the database's, plus an offset that only moves forward."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from clinics import clock
from tests.clinics.full_world import rows

pytestmark = pytest.mark.django_db
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def test_without_an_offset_it_is_real_time() -> None:
    assert clock.shift() == timedelta(0)
    assert abs(clock.now() - clock.real_now()) < SECOND
    assert clock.now().utcoffset() == timedelta(0)


def test_it_runs_ahead_by_its_offset_and_goes_on_running() -> None:
    clock.move_to(26 * HOUR)
    assert clock.shift() == 26 * HOUR
    assert timedelta(0) <= clock.now() - clock.real_now() - 26 * HOUR + SECOND < 2 * SECOND
    assert clock.now() < clock.now()


def test_it_moves_forward_only() -> None:
    clock.move_to(2 * HOUR)
    clock.move_to(2 * HOUR)
    clock.move_to(3 * HOUR)
    for back in (2 * HOUR, timedelta(0), -HOUR):
        with pytest.raises(ValueError, match="forward"):
            clock.move_to(back)
    assert clock.shift() == 3 * HOUR


def test_it_cannot_start_behind_real_time() -> None:
    with pytest.raises(ValueError, match="forward"):
        clock.move_to(-SECOND)
    assert clock.shift() == timedelta(0)


def test_the_machines_own_clock_is_never_asked() -> None:
    with time_machine.travel(datetime(2001, 1, 1, tzinfo=UTC), tick=False):
        assert clock.now().year > 2020
        assert clock.real_now().year > 2020


def test_there_is_one_offset_for_statements_inside_the_database_too() -> None:
    clock.move_to(5 * HOUR)
    [(shown,)] = rows(f"SELECT {clock.NOW_SQL}")
    assert abs(shown - clock.now()) < SECOND
    assert rows("SELECT count(*) FROM clinics_clock") == [(1,)]
