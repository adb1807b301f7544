"""Which rules contradict themselves, and what is proposed instead."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from messaging.channels import Channel
from reminders.kinds import TimingKind
from reminders.rule_check import any_open, wrong_with
from reminders.rule_example import examples
from reminders.timing import Hours, Timing

MADRID = Hours("Europe/Madrid", time(21), time(8), frozenset({6, 7}))
ELAPSED, SAME_TIME, AT = TimingKind.BEFORE_ELAPSED, TimingKind.DAYS_BEFORE_SAME_TIME, TimingKind.DAYS_BEFORE_AT
DAY = Timing(ELAPSED, 24 * 60)
#: A Wednesday.
NOW = datetime(2027, 1, 13, 9, tzinfo=UTC)


def wrong(timing: Timing, hours: Hours = MADRID) -> list[tuple[str, str]]:
    return [(one.field, one.words) for one in wrong_with(timing, hours, Channel.EMAIL)]


@pytest.mark.feature(11)
@pytest.mark.parametrize(
    "timing", [DAY, Timing(ELAPSED, 120), Timing(SAME_TIME, 3), Timing(AT, 1, time(10)), Timing(AT, 2, time(23), True)]
)
def test_a_rule_that_makes_sense_is_let_through(timing: Timing) -> None:
    assert wrong(timing) == []


@pytest.mark.feature(11)
@pytest.mark.parametrize(
    ("timing", "field", "words"),
    [
        (Timing(ELAPSED, 0), "amount", "Try 24 hours"),
        (Timing(SAME_TIME, 0), "amount", "Try 1 day"),
        (Timing(ELAPSED, -60), "amount", "not after it. Try 24 hours"),
        (Timing(AT, -1, time(10)), "amount", "not after it"),
        (Timing(AT, 400, time(10)), "amount", "more than a year"),
        (Timing(AT, 1), "at_time", "Try 10:00"),
    ],
)
def test_a_contradiction_is_named_at_its_field_with_a_proposal(timing: Timing, field: str, words: str) -> None:
    assert [(where, words in said) for where, said in wrong(timing)] == [(field, True)]


@pytest.mark.feature(11)
def test_quiet_hours_that_leave_no_moment_are_named() -> None:
    narrow = replace(MADRID, quiet_from=time(6, 10), quiet_until=time(6))
    [(field, words)] = wrong(Timing(ELAPSED, 30), narrow)
    assert field == "amount" and "at least half an hour" in words


def test_a_clinic_that_is_never_open_is_told_where_to_change_that() -> None:
    closed = replace(MADRID, closed_weekdays=frozenset(range(1, 8)))
    assert not any_open(closed)
    assert "open under “Clinic” first" in wrong(DAY, closed)[0][1]


@pytest.mark.feature(11, 14)
def test_the_example_says_what_the_plan_would_do() -> None:
    friday, monday = examples(DAY, MADRID, Channel.EMAIL, NOW)
    assert friday.start == datetime(2027, 1, 22, 9, tzinfo=UTC) and friday.due == datetime(2027, 1, 21, 9, tzinfo=UTC)
    assert monday.start == datetime(2027, 1, 25, 8, tzinfo=UTC), "the Monday at 9 in Madrid"
    assert monday.shifted and monday.due == datetime(2027, 1, 22, 8, tzinfo=UTC), "Sunday is closed, and Saturday"
