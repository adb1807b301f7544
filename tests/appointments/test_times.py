"""Dates and times as the four languages write them become moments, or are refused where they could only be guessed."""

from datetime import UTC, datetime

import pytest

from appointments.importing.cells import BadCell
from appointments.importing.dates import DAY_FIRST, order_of
from appointments.importing.times import parse_time, to_moment


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-25 10:30", "2027-03-25T10:30", "2027-03-25t10:30:00.000", "2027/3/25 10:30", "25/03/2027 10:30",
        "25.03.2027 10:30", "25-03-2027 10:30", "25.3.2027 10.30", "25/03/2027, 10h30", "25/03/2027  10H30",
        "25/03/2027 10:30 h", "25/03/2027 10:30hs", "25/03/2027 10:30 AM", "25/03/2027 10:30:00 a. m.",
    ],
)  # fmt: skip
def test_dates_and_times_of_the_four_languages(text: str) -> None:
    assert parse_time(text) == datetime(2027, 3, 25, 10, 30)  # noqa: DTZ001 - a wall time


@pytest.mark.parametrize(
    ("text", "hour"), [("9h", 9), ("9:00", 9), ("3:00 PM", 15), ("12:00 pm", 12), ("12:00 a.m.", 0), ("00:00", 0)]
)
def test_hours_of_both_clocks(text: str, hour: int) -> None:
    assert parse_time(f"25/03/2027 {text}").hour == hour


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-20 15:30", datetime(2027, 1, 20, 14, 30, tzinfo=UTC)),
        ("2027-01-20T15:30:00", datetime(2027, 1, 20, 14, 30, tzinfo=UTC)),
        ("2027-07-20 15:30", datetime(2027, 7, 20, 13, 30, tzinfo=UTC)),
        ("2027-01-20 15:30+00:00", datetime(2027, 1, 20, 15, 30, tzinfo=UTC)),
        ("2027-01-20T15:30Z", datetime(2027, 1, 20, 15, 30, tzinfo=UTC)),
        ("2027-01-20T15:30-0300", datetime(2027, 1, 20, 18, 30, tzinfo=UTC)),
        # 31 October 2027, 02:30, occurs twice in Madrid: the first, still in summer time
        ("2027-10-31 02:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_times_are_wall_times_of_the_place_unless_they_say_otherwise(text: str, moment: datetime) -> None:
    assert to_moment(parse_time(text), "Europe/Madrid") == moment


def test_a_wall_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(BadCell, match="the clocks of Europe/Madrid skip it"):
        to_moment(parse_time("2027-03-28 02:30"), "Europe/Madrid")
    there = to_moment(parse_time("2027-03-28 02:30"), "America/Sao_Paulo")
    assert there == datetime(2027, 3, 28, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2027-01-20", "is not a date and time such as"),
        ("tomorrow 10:30", "is not a date and time such as"),
        ("25/03-2027 10:30", "is not a date and time such as"),
        ("25/03/2027 10", "is not a date and time such as"),
        ("25/03/27 10:30", "has a year of two digits"),
        ("2027-02-30 10:00", "that exists"),
        ("31/04/2027 10:00", "that exists"),
        ("25/13/2027 10:00", "that exists"),
        ("2027-01-20 25:00", "that exists"),
        ("2027-01-20 13:00 pm", "that exists"),
        ("2027-01-20 15:30+99:99", "that exists"),
        ("0027-01-20 10:00", "lies outside the years"),
        ("3/25/2027 10:00", "puts the month first, or has a month 25"),
    ],
)
def test_what_is_no_moment_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadCell, match=reason):
        parse_time(text)


def test_where_the_day_comes_first_a_file_of_month_first_dates_is_not_misread() -> None:
    order = order_of(["3/25/2027 10:00", "3/4/2027 10:00"], "ES")
    with pytest.raises(BadCell, match="could be read day first or month first"):
        parse_time("3/4/2027 10:00", order)
    with pytest.raises(BadCell, match="puts the month first"):
        parse_time("3/25/2027 10:00", order)
    assert parse_time("4/4/2027 10:00", order).day == 4


def test_one_slip_among_day_first_dates_costs_its_own_row_alone() -> None:
    assert order_of(["25/03/2027 10:00", "3/25/2027 10:00", "3/4/2027 10:00"], "IT") == DAY_FIRST
    assert parse_time("3/4/2027 10:00").month == 4


def test_where_the_month_comes_first_it_is_read_so_if_the_file_agrees() -> None:
    order = order_of(["3/25/2027 10:00", "3/4/2027 10:00"], "US")
    assert parse_time("3/4/2027 10:00", order).day == 4
    with pytest.raises(BadCell, match="puts the day first, unlike"):
        parse_time("25/3/2027 10:00", order)
    assert order_of(["25/3/2027 10:00"], "US") == DAY_FIRST
    for cells in (["3/4/2027 10:00"], ["3/25/2027 10:00", "25/3/2027 10:00"]):
        undecided = order_of(cells, "US")
        assert parse_time("3/25/2027 10:00", undecided) == parse_time("25/3/2027 10:00", undecided)
        with pytest.raises(BadCell, match="could be read day first or month first"):
            parse_time("3/4/2027 10:00", undecided)
