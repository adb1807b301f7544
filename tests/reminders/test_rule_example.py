"""The examples beside a rule: what it does, what late booking does to it, and where hours and days differ."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.channels import Channel
from reminders.kinds import LatePolicy, TimingKind
from reminders.rule_example import clock_change, late_examples
from reminders.timing import Hours, Timing

MADRID = Hours("Europe/Madrid", time(21), time(8), frozenset({6, 7}))
SAO_PAULO = Hours("America/Sao_Paulo")
#: A Wednesday; Madrid is an hour ahead.
NOW = datetime(2027, 1, 13, 9, tzinfo=UTC)
DAY_AHEAD = Timing(TimingKind.BEFORE_ELAPSED, 24 * 60)
NEXT, AT_ONCE, SKIP = LatePolicy.NEXT_ALLOWED, LatePolicy.SEND_NOW, LatePolicy.SKIP


@pytest.mark.feature(27, "B2")
def test_the_three_late_choices_differ_where_it_is_booked_in_quiet_hours() -> None:
    by_day, by_night = late_examples(DAY_AHEAD, MADRID, Channel.EMAIL, NOW)
    assert by_day.booked == datetime(2027, 1, 21, 10, tzinfo=UTC), "an hour after the moment of Friday 10:00"
    after_the_grace = by_day.booked + timedelta(minutes=3)
    assert by_day.goes == {NEXT: after_the_grace, AT_ONCE: after_the_grace, SKIP: None}
    assert by_night.goes == {NEXT: datetime(2027, 1, 22, 7, tzinfo=UTC), AT_ONCE: None, SKIP: None}


@pytest.mark.feature(27)
@settings(deadline=None, max_examples=60)
@given(
    st.one_of(
        st.builds(Timing, st.just(TimingKind.BEFORE_ELAPSED), st.integers(1, 60 * 24 * 365)),
        st.builds(Timing, st.just(TimingKind.DAYS_BEFORE_AT), st.integers(1, 365), st.times(), st.booleans()),
    ),
    st.builds(Hours, st.sampled_from(["Europe/Madrid", "America/Sao_Paulo"]), st.times(), st.times()),
)
def test_what_goes_late_goes_after_the_booking_and_before_the_visit(timing: Timing, hours: Hours) -> None:
    for late in late_examples(timing, hours, Channel.SMS, NOW):
        for goes in late.goes.values():
            assert goes is None or late.booked < goes and hours.allows(goes)
        assert late.goes[SKIP] is None and late.goes[AT_ONCE] in (None, late.goes[NEXT])


@pytest.mark.feature(11, 28)
def test_24_hours_before_and_the_day_before_differ_on_the_day_after_the_change() -> None:
    spring, autumn = clock_change(MADRID, NOW), clock_change(MADRID, datetime(2027, 5, 1, tzinfo=UTC))
    assert spring is not None and autumn is not None
    assert spring.start == datetime(2027, 3, 28, 8, tzinfo=UTC), "10:00 of the Sunday, in summer time already"
    assert spring.hours_before == datetime(2027, 3, 27, 8, tzinfo=UTC), "9:00 on the wall"
    assert spring.day_before == datetime(2027, 3, 27, 9, tzinfo=UTC), "10:00 on the wall"
    assert autumn.start == datetime(2027, 10, 31, 9, tzinfo=UTC)
    assert autumn.hours_before - autumn.day_before == timedelta(hours=1)


def test_where_the_clocks_stay_nothing_differs() -> None:
    assert clock_change(SAO_PAULO, NOW) is None
