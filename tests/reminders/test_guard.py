"""Nobody is flooded: what goes by itself keeps its distance, and stops after a few a day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.guard import APART, MOST, SPAN, free_from

NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
minutes = st.integers(0, 3000).map(lambda amount: NOON + amount * MINUTE)


def goes(asked: list[datetime]) -> list[datetime]:
    """When each of these goes that would go by itself, in the order of their moments."""
    gone: list[datetime] = []
    for moment in sorted(asked):
        gone.append(free_from(gone, max([moment, *gone])))
    return gone


@pytest.mark.parametrize(
    ("recent", "free"),
    [
        ((), NOON),
        ((NOON - 10 * MINUTE,), NOON),
        ((NOON - 9 * MINUTE,), NOON + MINUTE),
        ((NOON - 9 * MINUTE, NOON - 25 * MINUTE), NOON + MINUTE),
        ((NOON - 20 * 60 * MINUTE, NOON - 60 * MINUTE, NOON - 30 * MINUTE), NOON + 4 * 60 * MINUTE),
        ((NOON - 24 * 60 * MINUTE, NOON - 60 * MINUTE, NOON - 30 * MINUTE), NOON),
        ((NOON + MINUTE / 60,), NOON + 10 * MINUTE + MINUTE / 60),  # begun by a worker who read the clock later
    ],
)
def test_it_waits_for_the_distance_and_for_the_day(recent: tuple[datetime, ...], free: datetime) -> None:
    assert free_from(recent, NOON) == free


@given(st.lists(minutes, max_size=12))
def test_never_two_close_together_nor_more_than_a_few_a_day(asked: list[datetime]) -> None:
    gone = goes(asked)
    assert all(later - earlier >= APART for earlier, later in zip(gone, gone[1:], strict=False))
    assert all(later - earlier >= SPAN for earlier, later in zip(gone, gone[MOST:], strict=False))


@given(st.lists(minutes, max_size=12), minutes)
def test_it_waits_no_longer_than_it_must(asked: list[datetime], moment: datetime) -> None:
    gone = [at for at in goes(asked) if at <= moment]
    free = free_from(gone, moment)
    sooner = free - MINUTE
    too_close = any(at > sooner - APART for at in gone)
    too_many = sum(at > sooner - SPAN for at in gone) >= MOST
    assert free == moment or too_close or too_many
