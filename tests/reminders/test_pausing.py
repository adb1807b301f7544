"""A clinic is paused until a moment and goes on then, or when somebody says so."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from clinics.models import Role, SettingArea
from clinics.scope import in_clinic
from clinics.setting_log import Act, last_change
from reminders.models import Reminder
from reminders.pausing import MOST_DAYS, PauseRefused, Why, end_of, is_paused, pause, resume
from reminders.plan import bring_up_to_date
from tests.visitors import member
from tests.world import DAY, NOW, World

HOUR = timedelta(hours=1)
ACT = Act(None, NOW)


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        yield world


@pytest.mark.feature("T04")
def test_a_day_alone_means_its_first_moment_in_the_clinics_zone(inside: World) -> None:
    assert end_of(inside.clinic, date(2027, 1, 18), None) == datetime(2027, 1, 17, 23, tzinfo=UTC)
    assert end_of(inside.clinic, date(2027, 1, 18), time(14, 30)) == datetime(2027, 1, 18, 13, 30, tzinfo=UTC)


@pytest.mark.feature("T04")
def test_a_time_that_the_clocks_skip_is_refused_and_one_that_comes_twice_means_the_first(inside: World) -> None:
    with pytest.raises(PauseRefused) as refused:
        end_of(inside.clinic, date(2027, 3, 28), time(2, 30))
    assert refused.value.why is Why.NO_SUCH_TIME
    assert end_of(inside.clinic, date(2027, 10, 31), time(2, 30)) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_day_whose_midnight_the_clocks_skip_begins_when_it_begins(inside: World) -> None:
    inside.clinic.time_zone = "America/Santiago"
    assert end_of(inside.clinic, date(2027, 9, 5), None) == datetime(2027, 9, 5, 4, tzinfo=UTC)


@pytest.mark.feature("T04")
@pytest.mark.parametrize(
    "until, why",
    [
        (NOW, Why.PAST),
        (NOW - HOUR, Why.PAST),
        (NOW + MOST_DAYS * DAY + HOUR, Why.TOO_LONG),
    ],
)
def test_a_pause_that_is_over_or_too_long_is_refused(inside: World, until: datetime, why: Why) -> None:
    with pytest.raises(PauseRefused) as refused:
        pause(inside.clinic, until, ACT)
    assert refused.value.why is why
    assert last_change(SettingArea.PAUSE) is None


@pytest.mark.feature("T04")
def test_a_pause_keeps_who_made_it_and_the_plan_follows(inside: World) -> None:
    appointment = inside.appointment(NOW + 3 * DAY)
    bring_up_to_date(inside.clinic, [appointment.pk], NOW - 7 * DAY)
    by = member(inside, Role.ADMIN)
    assert pause(inside.clinic, NOW + 2 * DAY + HOUR, Act(by, NOW)) == 1
    change = last_change(SettingArea.PAUSE)
    assert change is not None and (change.by, change.at) == (by, NOW)
    bring_up_to_date(inside.clinic, [appointment.pk], NOW)
    assert Reminder.objects.get().due_at == NOW + 2 * DAY + HOUR


@pytest.mark.feature("T04")
def test_resuming_ends_the_pause_now_and_keeps_the_moment(inside: World) -> None:
    pause(inside.clinic, NOW + 3 * DAY, ACT)
    assert is_paused(inside.clinic, NOW + DAY)
    resume(inside.clinic, Act(None, NOW + DAY))
    assert inside.clinic.paused_until == NOW + DAY
    assert not is_paused(inside.clinic, NOW + DAY)


def test_a_pause_that_is_over_is_not_ended_again(inside: World) -> None:
    pause(inside.clinic, NOW + HOUR, ACT)
    assert resume(inside.clinic, Act(None, NOW + DAY)) == 0
    assert inside.clinic.paused_until == NOW + HOUR


def test_the_same_pause_twice_is_one_change(inside: World) -> None:
    inside.appointment(NOW + 3 * DAY, planned_revision=1)
    assert [pause(inside.clinic, NOW + DAY, ACT) for _ in range(2)] == [1, 0]
