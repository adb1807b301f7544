"""Rules of time: tables with the days on which clocks change, and comparison with an independent oracle."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.channels import Channel
from reminders import timing
from reminders.kinds import LatePolicy, TimingKind
from reminders.timing import GRACE, Hours, Known, Timing
from tests.reminders import oracle
from tests.reminders.oracle import DAY, MINUTE, ZONES

MADRID = "Europe/Madrid"
ALWAYS = Hours(MADRID, time(0), time(0))
ELAPSED, SAME_WALL, AT_WALL = TimingKind.BEFORE_ELAPSED, TimingKind.DAYS_BEFORE_SAME_TIME, TimingKind.DAYS_BEFORE_AT


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Madrid goes from +1 to +2 on 2027-03-28 at 01:00 UTC (02:00 → 03:00), back on 2027-10-31 at 01:00 UTC (03:00 → 02:00).
@pytest.mark.parametrize(
    ("start", "rule", "expected"),
    [
        ("2027-01-15 09:00", Timing(ELAPSED, 24 * 60), "2027-01-14 09:00"),
        ("2027-03-28 08:00", Timing(ELAPSED, 24 * 60), "2027-03-27 08:00"),  # elapsed: 09:00 on the wall, not 10:00
        ("2027-03-28 08:00", Timing(SAME_WALL, 1), "2027-03-27 09:00"),  # 10:00 on the wall on both days
        ("2027-10-31 09:00", Timing(ELAPSED, 24 * 60), "2027-10-30 09:00"),  # 11:00 on the wall
        ("2027-10-31 09:00", Timing(SAME_WALL, 1), "2027-10-30 08:00"),  # 10:00 on both days
        ("2027-03-29 00:30", Timing(SAME_WALL, 1), "2027-03-28 01:30"),  # 02:30 does not exist: 03:30
        ("2027-03-29 10:00", Timing(AT_WALL, 1, time(2, 30)), "2027-03-28 01:30"),
        ("2027-11-01 01:30", Timing(SAME_WALL, 1), "2027-10-31 00:30"),  # 02:30 comes twice: the first
        ("2027-11-01 10:00", Timing(AT_WALL, 1, time(2, 30)), "2027-10-31 00:30"),
        ("2027-10-31 00:30", Timing(SAME_WALL, 1), "2027-10-30 00:30"),  # a start in the first 02:30
        ("2027-10-31 01:30", Timing(SAME_WALL, 1), "2027-10-30 00:30"),  # and in the second
        ("2027-10-31 01:30", Timing(ELAPSED, 60), "2027-10-31 00:30"),
        ("2027-01-15 23:30", Timing(AT_WALL, 1, time(18)), "2027-01-15 17:00"),  # the 16th on the wall already
    ],
)
def test_a_rule_names_its_moment_also_on_the_days_when_clocks_change(start: str, rule: Timing, expected: str) -> None:
    assert timing.nominal_due(utc(start), rule, ALWAYS) == utc(expected)


@pytest.mark.parametrize(
    ("closed", "holidays", "count", "expected"),
    [
        ({6, 7}, set(), 1, "2027-01-15"),
        ({6, 7}, set(), 2, "2027-01-14"),
        ({6, 7}, {date(2027, 1, 15)}, 1, "2027-01-14"),
        ({6, 7}, {date(2027, 1, 18)}, 1, "2027-01-15"),  # the day of the appointment itself does not count
        (set(), set(), 1, "2027-01-17"),
    ],
)
def test_working_days_pass_over_closed_days_and_holidays(
    closed: set[int], holidays: set[date], count: int, expected: str
) -> None:
    hours = Hours(MADRID, time(21), time(8), frozenset(closed), frozenset(holidays))
    rule = Timing(AT_WALL, count, time(10), working_days=True)
    monday = utc("2027-01-18 09:00")
    assert timing.nominal_due(monday, rule, hours) == utc(f"{expected} 09:00")


@pytest.mark.parametrize(
    ("moment", "closed", "expected"),
    [
        ("2027-01-15 12:00", set(), "2027-01-15 12:00"),
        ("2027-01-15 07:00", set(), "2027-01-15 07:00"),  # 08:00 on the wall: the quiet hours are over
        ("2027-01-15 06:59", set(), "2027-01-14 19:30"),
        ("2027-01-15 20:00", set(), "2027-01-15 19:30"),  # 21:00: they begin
        ("2027-01-17 12:00", {7}, "2027-01-16 12:00"),
        ("2027-01-17 12:00", {6, 7}, "2027-01-15 12:00"),
        ("2027-01-18 05:00", {6, 7}, "2027-01-15 19:30"),  # Monday before eight: Sunday evening, so Friday evening
        ("2027-03-28 05:00", set(), "2027-03-27 19:30"),  # over the lost hour
        ("2027-10-31 05:00", set(), "2027-10-30 18:30"),  # over the hour that comes twice
        ("2027-03-29 11:00", {1}, "2027-03-28 11:00"),
        ("2027-03-28 11:00", {7}, "2027-03-27 12:00"),  # the same wall time
    ],
)
def test_a_moment_that_is_not_allowed_moves_earlier(moment: str, closed: set[int], expected: str) -> None:
    hours = Hours(MADRID, closed_weekdays=frozenset(closed))
    assert timing.earlier_allowed(utc(moment), hours) == utc(expected)


@pytest.mark.parametrize(
    ("moment", "closed", "expected"),
    [
        ("2027-01-15 12:00", set(), "2027-01-15 12:00"),
        ("2027-01-15 20:00", set(), "2027-01-16 07:00"),
        ("2027-01-15 20:00", {6, 7}, "2027-01-18 07:00"),
        ("2027-03-27 20:00", set(), "2027-03-28 06:00"),
        ("2027-10-30 20:00", set(), "2027-10-31 07:00"),
    ],
)
def test_the_first_allowed_moment_is_when_the_quiet_hours_end_on_an_open_day(
    moment: str, closed: set[int], expected: str
) -> None:
    assert timing.first_allowed(utc(moment), Hours(MADRID, closed_weekdays=frozenset(closed))) == utc(expected)


def test_a_clinic_closed_on_every_day_has_no_allowed_moment() -> None:
    assert timing.first_allowed(utc("2027-01-15 12:00"), Hours(MADRID, closed_weekdays=frozenset(range(1, 8)))) is None


@pytest.mark.parametrize(
    ("lead_minutes", "channel", "before_start", "after_due"),
    [
        (48 * 60, Channel.EMAIL, 60, 6 * 60),
        (48 * 60, Channel.SMS, 30, 6 * 60),
        (12 * 60, Channel.EMAIL, 60, 6 * 60),
        (12 * 60 - 1, Channel.EMAIL, 60, 45),
        (60, Channel.EMAIL, 30, 45),  # half the lead
        (40, Channel.VOICE, 20, 45),
    ],
)
def test_the_deadline_is_the_sooner_of_margin_and_longest_lateness(
    lead_minutes: int, channel: Channel, before_start: int, after_due: int
) -> None:
    start, lead = utc("2027-01-15 12:00"), lead_minutes * MINUTE
    on_time = start - lead
    assert timing.deadline(start, on_time, lead, channel) == min(
        start - before_start * MINUTE, on_time + after_due * MINUTE
    )
    assert timing.deadline(start, start - MINUTE, lead, channel) == start - before_start * MINUTE


START = utc("2027-01-15 12:00")
DAY_BEFORE = Timing(ELAPSED, 24 * 60)


def seen(first_seen: datetime, policy: LatePolicy = LatePolicy.NEXT_ALLOWED, **more: Any) -> Known:
    return Known(first_seen, first_seen + GRACE, policy, **more)


@pytest.mark.parametrize(
    ("first_seen", "policy", "due"),
    [
        ("2027-01-14 11:00", LatePolicy.SKIP, "2027-01-14 12:00"),  # in time: the policy is not asked
        ("2027-01-14 11:59", LatePolicy.SKIP, "2027-01-14 12:02"),  # in time, but the grace is not over
        ("2027-01-14 14:00", LatePolicy.SKIP, None),
        ("2027-01-14 14:00", LatePolicy.SEND_NOW, "2027-01-14 14:03"),
        ("2027-01-14 14:00", LatePolicy.NEXT_ALLOWED, "2027-01-14 14:03"),
        ("2027-01-14 21:00", LatePolicy.SEND_NOW, None),  # at once is in quiet hours
        ("2027-01-14 21:00", LatePolicy.NEXT_ALLOWED, "2027-01-15 07:00"),
        ("2027-01-14 19:58", LatePolicy.SEND_NOW, None),  # after the grace they have begun
        ("2027-01-15 10:58", LatePolicy.NEXT_ALLOWED, None),  # after the grace the margin has
        ("2027-01-15 10:55", LatePolicy.NEXT_ALLOWED, "2027-01-15 10:58"),
    ],
)
def test_a_late_booking_follows_the_rules_policy(first_seen: str, policy: LatePolicy, due: str | None) -> None:
    found = timing.schedule(START, DAY_BEFORE, Hours(MADRID), Channel.EMAIL, seen(utc(first_seen), policy))
    assert found.due == (utc(due) if due else None)


def test_the_deadline_counts_from_the_effective_due_moment() -> None:
    rule, hours = Timing(ELAPSED, 8 * 60), Hours(MADRID)  # 05:00 on the wall: the evening before
    found = timing.schedule(START, rule, hours, Channel.EMAIL, seen(utc("2027-01-10 12:00")))
    assert (found.due, found.deadline) == (utc("2027-01-14 19:30"), utc("2027-01-14 20:15"))
    late = timing.schedule(START, rule, hours, Channel.EMAIL, seen(utc("2027-01-15 09:00")))
    assert (late.due, late.deadline) == (utc("2027-01-15 09:03"), utc("2027-01-15 09:48"))


def test_after_a_pause_it_goes_at_the_next_allowed_moment_and_its_deadline_moves_along() -> None:
    known = seen(utc("2027-01-10 12:00"), paused_until=utc("2027-01-14 20:30"))
    found = timing.schedule(START, DAY_BEFORE, Hours(MADRID), Channel.EMAIL, known)
    assert (found.due, found.deadline) == (utc("2027-01-15 07:00"), utc("2027-01-15 11:00"))


def test_a_pause_beyond_the_deadline_leaves_the_moment_and_the_deadline_as_they_were() -> None:
    known = seen(utc("2027-01-10 12:00"), paused_until=utc("2027-01-20 00:00"))
    found = timing.schedule(START, DAY_BEFORE, Hours(MADRID), Channel.EMAIL, known)
    assert (found.due, found.deadline) == (utc("2027-01-14 12:00"), utc("2027-01-14 18:00"))


# Against the oracle

walls = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
clinic_hours = st.builds(
    Hours,
    zone=st.sampled_from(ZONES),
    quiet_from=st.sampled_from([time(21), time(22, 30), time(0), time(13)]) | walls,
    quiet_until=st.sampled_from([time(8), time(7, 15), time(0), time(16)]) | walls,
    closed_weekdays=st.sets(st.integers(1, 7), max_size=3).map(frozenset),
)
rules = (
    st.builds(Timing, st.just(ELAPSED), st.sampled_from([1, 30, 120, 1440, 2880]) | st.integers(1, 6000))
    | st.builds(Timing, st.just(SAME_WALL), st.integers(1, 4), st.none(), st.booleans())
    | st.builds(Timing, st.just(AT_WALL), st.integers(1, 4), walls, st.booleans())
)
#: Minutes from a change of the clocks: mostly the hours around it, sometimes days.
distances = (st.integers(-150, 150) | st.integers(-6000, 6000)).map(lambda minutes: minutes * MINUTE)


@st.composite
def hours_and_moments(draw: st.DrawFn) -> tuple[Hours, datetime]:
    """Hours of a clinic (half an hour of the day open at least), and a moment near a change of its clocks."""
    hours = draw(clinic_hours.filter(lambda one: not _nearly_shut(one)))
    return hours, draw(st.sampled_from(oracle.changes(hours.zone))) + draw(distances)


def _nearly_shut(hours: Hours) -> bool:
    open_minutes = (
        (hours.quiet_from.hour - hours.quiet_until.hour) * 60 + hours.quiet_from.minute - hours.quiet_until.minute
    )
    return 0 < open_minutes % 1440 < 4 * 60


@settings(max_examples=150, deadline=None)
@given(hours_and_moments(), rules)
def test_the_nominal_moment_is_the_oracles(given_hours: tuple[Hours, datetime], rule: Timing) -> None:
    hours, start = given_hours
    assert timing.nominal_due(start, rule, hours) == oracle.nominal(start, rule, hours)


@settings(max_examples=120, deadline=None)
@given(hours_and_moments())
def test_the_first_allowed_moment_is_the_oracles(given_hours: tuple[Hours, datetime]) -> None:
    hours, moment = given_hours
    assert timing.first_allowed(moment, hours) == oracle.first_allowed(moment, hours)


@settings(max_examples=150, deadline=None)
@given(hours_and_moments())
def test_the_earlier_allowed_moment_is_the_oracles(given_hours: tuple[Hours, datetime]) -> None:
    hours, moment = given_hours
    assert timing.earlier_allowed(moment, hours) == oracle.earlier(moment, hours)


@settings(max_examples=150, deadline=None)
@given(
    hours_and_moments(),
    rules,
    st.sampled_from(Channel),
    st.sampled_from(LatePolicy),
    st.integers(-300, 9000),
    st.none() | st.integers(-6000, 1000),
)
def test_the_schedule_is_the_oracles(
    given_hours: tuple[Hours, datetime], rule: Timing, channel: Channel, policy: LatePolicy, ago: int, pause: int | None
) -> None:
    hours, start = given_hours
    paused = None if pause is None else start + pause * MINUTE
    known = Known(start - ago * MINUTE, start - ago * MINUTE + GRACE, policy, paused)
    found = timing.schedule(start, rule, hours, channel, known)
    named = oracle.nominal(start, rule, hours)
    expected = oracle.due(start, rule, hours, channel, known)
    assert found.due == expected
    assert (found.nominal, found.late) == (named, named < known.first_seen)
    if expected is not None:
        assert found.deadline == oracle.deadline(start, expected, start - named, channel)


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_no_instant_is_wrong_around_any_change_of_the_clocks(zone: str) -> None:
    kinds = [
        Timing(ELAPSED, 120), Timing(ELAPSED, 1440), Timing(SAME_WALL, 1), Timing(SAME_WALL, 2),
        Timing(AT_WALL, 1, time(2, 30)), Timing(AT_WALL, 1, time(0, 15)), Timing(AT_WALL, 2, time(10), True),
    ]  # fmt: skip
    hours = Hours(zone, closed_weekdays=frozenset({6, 7}))
    minutes = [day * 1440 + part for day, part in product((0, 1, 2), range(-90, 91, 30))]
    for change, minute, rule in product(oracle.changes(zone), minutes, kinds):
        start = change + minute * MINUTE
        assert timing.nominal_due(start, rule, hours) == oracle.nominal(start, rule, hours), (start, rule)
        known = seen(start - 9 * DAY)
        found = timing.schedule(start, rule, hours, Channel.EMAIL, known)
        assert found.due == oracle.due(start, rule, hours, Channel.EMAIL, known), (start, rule)


@settings(max_examples=120, deadline=None)
@given(hours_and_moments())
def test_what_may_leave_may_leave_until_it_closes_and_not_at_that_moment(given_hours: tuple[Hours, datetime]) -> None:
    hours, moment = given_hours
    if not oracle.is_allowed(moment, hours):
        return
    end = timing.closes_at(moment, hours)
    assert moment < end <= moment + timedelta(days=1)
    minutes = range(int((end - moment) / timedelta(minutes=1)))
    assert all(oracle.is_allowed(moment + timedelta(minutes=minute), hours) for minute in minutes)
    assert end == moment + timedelta(days=1) or not oracle.is_allowed(end, hours)
