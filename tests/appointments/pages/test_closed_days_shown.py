"""Closed days in the agenda: their names and places, and a word to whoever books on one."""

from datetime import date

import pytest
from django.test import Client
from django.utils import translation

from appointments.models import Appointment
from clinics.closed_on import Shut, closed_at, closed_on
from clinics.models import Clinic, ClosedDay, Location
from clinics.scope import in_clinic
from tests.page_forms import fields_of, send, text, words
from tests.visitors import DAY, HOUR, NOW, book
from tests.world import World

pytestmark = pytest.mark.django_db
#: A Friday.
FRIDAY = date(2041, 1, 18)
LABOUR_DAY = date(2041, 5, 1)


def shut(world: World, name: str = "Team day", place: Location | None = None, **fields: object) -> None:
    with in_clinic(world.clinic.pk):
        ClosedDay.objects.create(clinic=world.clinic, day=FRIDAY, name=name, location=place, **fields)


def switch(world: World, **fields: object) -> None:
    Clinic.objects.filter(pk=world.clinic.pk).update(**fields)
    world.clinic.refresh_from_db()


def seen(world: World, first: date, last: date | None = None) -> dict[date, tuple[Shut, ...]]:
    with in_clinic(world.clinic.pk):
        return closed_on(world.clinic, first, last or first, "es")


def day_page(world: World, desk: Client, **query: object) -> str:
    given = "&".join(f"{name}={value}" for name, value in {"day": FRIDAY, **query}.items())
    return words(text(desk.get(f"/c/{world.clinic.slug}/?{given}")))


def test_a_day_says_why_it_is_closed(world: World) -> None:
    switch(world, public_holidays=True, closed_weekdays=[7])
    shut(world)
    found = seen(world, date(2041, 1, 14), date(2041, 1, 20))
    assert found == {FRIDAY: (Shut("Team day"),), date(2041, 1, 20): (Shut(),)}
    assert seen(world, LABOUR_DAY) == {LABOUR_DAY: (Shut("Fiesta del Trabajo"),)}


def test_a_place_of_its_own_is_named_and_one_at_work_is_not(world: World) -> None:
    with in_clinic(world.clinic.pk):
        north = Location.objects.create(clinic=world.clinic, name="Norte")
    shut(world, "Moving", north)
    assert seen(world, FRIDAY) == {FRIDAY: (Shut("Moving", ("Norte",)),)}
    shut(world, "Fair")
    assert seen(world, FRIDAY)[FRIDAY] == (Shut("Fair", ("Centro",)), Shut("Moving", ("Norte",)))
    switch(world, public_holidays=True)
    with in_clinic(world.clinic.pk):
        ClosedDay.objects.create(clinic=world.clinic, day=LABOUR_DAY, location=north, closed=False)
        assert closed_at(world.clinic, north, LABOUR_DAY, "es") is None
        assert closed_at(world.clinic, world.location, LABOUR_DAY, "es") == Shut("Fiesta del Trabajo", ("Centro",))
    assert seen(world, LABOUR_DAY) == {LABOUR_DAY: (Shut("Fiesta del Trabajo", ("Centro",)),)}


@pytest.mark.parametrize("day", [FRIDAY, date(2041, 1, 20), LABOUR_DAY])
def test_what_the_agenda_says_is_what_reminders_go_by(world: World, day: date) -> None:
    from clinics.holidays import closed_days, own_days

    switch(world, public_holidays=True)
    shut(world)
    with in_clinic(world.clinic.pk):
        expected = closed_days(world.clinic, world.location, own_days(), day, day)
    assert set(seen(world, day)) == expected


@pytest.mark.feature(29)
def test_the_day_and_the_week_name_the_closed_day(world: World, desk: Client) -> None:
    assert "Closed on this day" not in day_page(world, desk)
    shut(world)
    assert "Closed on this day Team day Nothing leaves by itself on it" in day_page(world, desk)
    week = text(desk.get(f"/c/{world.clinic.slug}/?view=week&day={FRIDAY}"))
    assert "Closed Team day" in words(week.split(f'id="day-{FRIDAY}"')[1].split("</section>")[0])
    assert week.count("week-shut") == 1


def test_a_place_that_is_closed_does_not_close_the_day(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        Location.objects.create(clinic=world.clinic, name="Norte")
    shut(world, "Fair", world.location)
    assert "Closed on this day at some locations Centro: Fair" in day_page(world, desk)


def test_who_books_on_a_closed_day_is_told_before_and_after_and_may(world: World, desk: Client) -> None:
    shut(world)
    address = f"/c/{world.clinic.slug}/appointments/new/?day={FRIDAY}&time=10:00&patient={world.patient.pk}"
    assert "Centro is closed on that day: Team day. It can be booked all the same." in words(text(desk.get(address)))
    answer = send(desk, address, location=world.location.pk)
    with in_clinic(world.clinic.pk):
        row = Appointment.objects.get()
    assert answer.headers["Location"] == f"/c/{world.clinic.slug}/appointments/{row.pk}/"
    assert "Centro is closed on that day: Team day." in words(text(desk.get(answer.headers["Location"])))


def test_the_hint_follows_the_day_that_is_typed_and_saves_nothing(world: World, desk: Client) -> None:
    shut(world)
    address = f"/c/{world.clinic.slug}/appointments/new/"
    filled = {**fields_of(text(desk.get(address))), "time": "10:00", "patient": "", "ask": "1"}
    assert "is closed" not in text(desk.post(address, {**filled, "day": "2041-01-17"}))
    assert "Centro is closed on that day: Team day." in text(desk.post(address, {**filled, "day": str(FRIDAY)}))
    assert "is closed" not in text(desk.post(address, {**filled, "day": "nonsense"}))
    with in_clinic(world.clinic.pk):
        assert not Appointment.objects.exists()


def test_a_move_onto_a_closed_day_is_told_and_a_later_edit_is_not_nagged(world: World, desk: Client) -> None:
    shut(world)
    row = book(world, NOW + DAY + HOUR)
    page = f"/c/{world.clinic.slug}/appointments/{row.pk}/"
    moved = send(desk, page + "move/", day=FRIDAY, time="12:00")
    assert "Centro is closed on that day: Team day." in words(text(desk.get(moved.headers["Location"])))
    edited = send(desk, page + "edit/", access_code="77")
    assert "is closed on that day" not in text(desk.get(edited.headers["Location"]))


def test_a_holiday_is_named_in_the_readers_language(world: World) -> None:
    switch(world, public_holidays=True)
    with in_clinic(world.clinic.pk), translation.override("en"):
        found = closed_at(world.clinic, None, LABOUR_DAY, translation.get_language() or "en")
    assert found == Shut("Labor Day")
