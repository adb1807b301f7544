"""Closed days reach the plan: reminders go on the open day before, at the same wall time, and follow every change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment
from clinics.closed_days import Closing
from clinics.models import ClosedDay, Location
from clinics.scope import in_clinic
from clinics.setting_log import Act
from messaging.channels import Channel
from reminders.kinds import TimingKind
from reminders.material import gather
from reminders.models import Reminder, Rule
from reminders.plan import bring_up_to_date
from reminders.replanning import Holidays, change_holidays, close_days, open_day, take_back
from reminders.rule_example import examples
from reminders.rule_writing import hours_around, timing_of
from reminders.walk import step
from tests.world import NOW, World

MADRID = ZoneInfo("Europe/Madrid")
ACT = Act(None, NOW)
DAY = timedelta(days=1)
#: Spain's national day, a Tuesday.
HOLIDAY = date(2027, 10, 12)


def at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), MADRID).astimezone(UTC)


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    """A clinic in Madrid that keeps the holidays there."""
    world.clinic.public_holidays, world.clinic.region = True, "MD"
    world.clinic.save()
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        yield world


def booked(world: World, start: datetime, **fields: object) -> Appointment:
    appointment = world.appointment(start, **fields)
    bring_up_to_date(world.clinic, [appointment.pk], NOW)
    return appointment


def due(world: World, appointment: Appointment) -> datetime:
    """When its reminder goes, once the plan has caught up."""
    while step(NOW):
        pass
    moment: datetime = Reminder.objects.get(appointment=appointment, state="planned").due_at
    return moment


@pytest.mark.feature("B6", 11)
def test_a_reminder_due_on_a_national_holiday_goes_the_open_day_before_at_the_same_wall_time(inside: World) -> None:
    assert due(inside, booked(inside, at(HOLIDAY + DAY))) == at(HOLIDAY - DAY)


def test_across_the_change_of_the_clocks_it_is_the_same_wall_time(inside: World) -> None:
    sunday = date(2027, 3, 28)  # the clocks go forward; Thursday and Friday before it are holy
    inside.clinic.closed_weekdays = [6, 7]
    inside.clinic.save()
    assert due(inside, booked(inside, at(sunday + DAY))) == at(date(2027, 3, 24))


def test_a_holiday_of_another_region_is_an_ordinary_day(inside: World) -> None:
    catalan = date(2027, 6, 24)
    assert due(inside, booked(inside, at(catalan + DAY))) == at(catalan)
    change = change_holidays(inside.clinic, Holidays("CT", True, {}), ACT)
    assert change.changed == {"region"} and change.planned_again == 1
    assert due(inside, Appointment.objects.get()) == at(catalan - DAY)


def test_a_clinic_that_works_on_holidays_sends_on_them(inside: World) -> None:
    appointment = booked(inside, at(HOLIDAY + DAY))
    assert change_holidays(inside.clinic, Holidays("MD", False, {}), ACT).planned_again == 1
    assert due(inside, appointment) == at(HOLIDAY)
    assert change_holidays(inside.clinic, Holidays("MD", False, {}), ACT).planned_again == 0


@pytest.mark.feature("B6")
def test_an_opened_holiday_counts_as_a_working_day(inside: World) -> None:
    Rule.objects.update(timing=TimingKind.DAYS_BEFORE_AT, amount=2, working_days=True, at_time=time(9))
    appointment = booked(inside, at(HOLIDAY + DAY))
    assert due(inside, appointment) == at(HOLIDAY - 2 * DAY, 9), "Monday and Sunday count"
    assert open_day(inside.clinic, HOLIDAY, None, ACT).planned_again == 1
    assert due(inside, appointment) == at(HOLIDAY - DAY, 9)
    assert take_back(inside.clinic, [ClosedDay.objects.get().pk], ACT).planned_again == 1
    assert due(inside, appointment) == at(HOLIDAY - 2 * DAY, 9)


@pytest.mark.feature("B6")
def test_a_closed_day_of_one_place_does_not_touch_another(inside: World) -> None:
    other = Location.objects.create(clinic=inside.clinic, name="Norte")
    here, there = booked(inside, at(date(2027, 5, 13))), booked(inside, at(date(2027, 5, 13)), location=other)
    nowhere = booked(inside, at(date(2027, 5, 13)), location=None)
    change = close_days(inside.clinic, Closing(date(2027, 5, 12), date(2027, 5, 12), "Obras", other), ACT)
    assert (change.days, change.planned_again) == (1, 3)
    assert due(inside, there) == at(date(2027, 5, 11))
    assert due(inside, here) == due(inside, nowhere) == at(date(2027, 5, 12))


def test_a_place_in_another_region_keeps_its_own_holidays(inside: World) -> None:
    other = Location.objects.create(clinic=inside.clinic, name="Barcelona")
    catalan = date(2027, 6, 24)
    here, there = booked(inside, at(catalan + DAY)), booked(inside, at(catalan + DAY), location=other)
    assert change_holidays(inside.clinic, Holidays("MD", True, {other: "CT"}), ACT).changed == {"places"}
    assert (due(inside, here), due(inside, there)) == (at(catalan), at(catalan - DAY))


def test_a_country_without_known_holidays_sends_on_every_day(inside: World) -> None:
    inside.clinic.country = "XX"
    inside.clinic.save()
    assert due(inside, booked(inside, at(HOLIDAY + DAY))) == at(HOLIDAY)


def test_a_day_closed_while_its_reminder_waits_is_found_out_when_it_is_due(inside: World) -> None:
    appointment = booked(inside, at(date(2027, 5, 13)))
    ClosedDay.objects.create(clinic=inside.clinic, day=date(2027, 5, 12))  # behind the writer's back
    hours = gather(inside.clinic, [appointment.pk]).hours(appointment)
    assert not hours.allows(at(date(2027, 5, 12)))


def test_all_appointments_of_a_year_share_their_closed_days(inside: World) -> None:
    ids = [inside.appointment(at(HOLIDAY + number * DAY)).pk for number in range(20)]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        material = gather(inside.clinic, ids)
        one, *others = [material.hours(material.appointments[pk]).holidays for pk in ids]
    assert HOLIDAY in one and all(other is one for other in others)
    assert sum("closedday" in query["sql"] for query in asked.captured_queries) == 1


@pytest.mark.feature(11)
def test_a_rules_example_knows_the_closed_days(inside: World) -> None:
    now = at(date(2027, 10, 2))  # the sample after the weekend is the 11th, the one late in the week the 15th
    close_days(inside.clinic, Closing(date(2027, 10, 14), date(2027, 10, 14), "", None), ACT)
    late, _early = examples(timing_of(inside.rule), hours_around(inside.clinic, now), Channel.EMAIL, now)
    assert (late.start, late.due, late.shifted) == (at(date(2027, 10, 15)), at(date(2027, 10, 13)), True)
