"""A clinic's own closed days have one writer, which refuses what cannot be meant and keeps who said what."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from clinics.closed_days import MOST_DAYS, Closing, ClosingRefused, Why, close_days, open_day, take_back
from clinics.holidays import closed_days, own_days
from clinics.models import ClosedDay, Location, SettingArea
from clinics.scope import in_clinic
from clinics.setting_log import Act, last_change
from tests.world import NOW, World

ACT = Act(None, NOW)  # 13 January 2027
MONDAY = date(2027, 2, 1)
EPIPHANY = date(2028, 1, 6)
DAY = timedelta(days=1)


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    world.clinic.public_holidays = True
    world.clinic.save()
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        yield world


def closing(first: date = MONDAY, last: date | None = None, **fields: object) -> Closing:
    given: dict[str, object] = {"name": "Obras", "location": None, **fields}
    return Closing(first, last or first, **given)  # type: ignore[arg-type]


def rows() -> list[tuple[int | None, date, bool]]:
    return list(ClosedDay.objects.order_by("day", "location_id").values_list("location_id", "day", "closed"))


def closed(world: World, day: date, place: Location | None = None) -> bool:
    return bool(closed_days(world.clinic, place, own_days(), day, day))


def test_a_range_closes_every_day_of_it_and_who_did_it_is_kept(inside: World) -> None:
    assert close_days(inside.clinic, closing(last=MONDAY + 2 * DAY), ACT) == 3
    assert [day for _, day, _ in rows()] == [MONDAY, MONDAY + DAY, MONDAY + 2 * DAY]
    event = last_change(SettingArea.HOLIDAYS)
    assert event is not None and event.details["closed"] == [None, "2027-02-01/2027-02-03"]


def test_a_day_of_one_place_does_not_touch_another(inside: World) -> None:
    other = Location.objects.create(clinic=inside.clinic, name="Norte")
    close_days(inside.clinic, closing(location=other), ACT)
    assert closed(inside, MONDAY, other)
    assert not closed(inside, MONDAY, inside.location) and not closed(inside, MONDAY)


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (NOW.date() - DAY, None, Why.PAST),
        (NOW.date() - DAY, NOW.date() + DAY, Why.PAST),
        (MONDAY, MONDAY - DAY, Why.BACKWARDS),
        (MONDAY, MONDAY + MOST_DAYS * DAY, Why.TOO_LONG),
        (EPIPHANY, None, Why.STANDS),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    inside: World, first: date, last: date | None, why: Why
) -> None:
    with pytest.raises(ClosingRefused) as refused:
        close_days(inside.clinic, closing(first, last), ACT)
    assert refused.value.why is why and rows() == []


def test_today_is_the_clinics_own_day(inside: World) -> None:
    late = Act(None, datetime(2027, 1, 13, 23, 30, tzinfo=UTC))  # the 14th in Madrid
    with pytest.raises(ClosingRefused):
        close_days(inside.clinic, closing(date(2027, 1, 13)), late)
    assert close_days(inside.clinic, closing(date(2027, 1, 14)), late) == 1


def test_as_many_days_as_allowed_are_closed(inside: World) -> None:
    assert close_days(inside.clinic, closing(last=MONDAY + (MOST_DAYS - 1) * DAY), ACT) == MOST_DAYS


def test_the_same_again_is_refused_and_a_longer_range_adds_what_is_missing(inside: World) -> None:
    close_days(inside.clinic, closing(), ACT)
    for again in (closing(), closing(location=inside.location)):
        with pytest.raises(ClosingRefused) as refused:
            close_days(inside.clinic, again, ACT)
        assert refused.value.why is Why.STANDS
    assert close_days(inside.clinic, closing(MONDAY - DAY, MONDAY + DAY, name="Feria"), ACT) == 2
    assert ClosedDay.objects.get(day=MONDAY).name == "Obras"


def test_a_range_closes_the_holidays_in_it_by_name(inside: World) -> None:
    assert close_days(inside.clinic, closing(EPIPHANY - DAY, EPIPHANY + DAY), ACT) == 3
    inside.clinic.public_holidays = False
    assert closed(inside, EPIPHANY)


@pytest.mark.feature("B6")
def test_a_holiday_on_which_the_clinic_works_is_open_until_that_is_taken_back(inside: World) -> None:
    assert closed(inside, EPIPHANY)
    assert open_day(inside.clinic, EPIPHANY, None, ACT) is True
    assert open_day(inside.clinic, EPIPHANY, None, ACT) is False
    assert not closed(inside, EPIPHANY)
    assert take_back(inside.clinic, [ClosedDay.objects.get().pk], ACT) == 1
    assert closed(inside, EPIPHANY)


def test_a_holiday_may_be_worked_at_one_place(inside: World) -> None:
    open_day(inside.clinic, EPIPHANY, inside.location, ACT)
    assert not closed(inside, EPIPHANY, inside.location) and closed(inside, EPIPHANY)


def test_an_opened_holiday_may_be_closed_and_a_closed_day_opened(inside: World) -> None:
    open_day(inside.clinic, EPIPHANY, None, ACT)
    close_days(inside.clinic, closing(EPIPHANY), ACT)
    assert rows() == [(None, EPIPHANY, True)]
    open_day(inside.clinic, EPIPHANY, None, ACT)
    assert rows() == [(None, EPIPHANY, False)]


def test_rows_that_are_not_there_are_taken_back_neither_alone_nor_among_others(inside: World) -> None:
    close_days(inside.clinic, closing(), ACT)
    present = ClosedDay.objects.get().pk
    for ids in ([], [present + 1], [present, present + 1]):
        with pytest.raises(LookupError):
            take_back(inside.clinic, ids, ACT)
    assert rows() == [(None, MONDAY, True)]
