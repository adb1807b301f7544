"""The page of closed days: administrators close days and open holidays; everybody in the clinic sees them."""

import re
from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from clinics.models import Clinic, ClosedDay, Location, Role
from clinics.scope import in_clinic
from reminders.walk import Progress, progress
from tests.page_forms import fields_of, send, text, words
from tests.visitors import DAY, NOW, book, client_of, member
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
PAGE = "/c/clinica-prueba/settings/closed-days/"
HOME = "/c/clinica-prueba/settings/"
#: A Tuesday in Madrid's winter of 2041; NOW is 16 January.
DAY_OFF = "2041-02-05"
#: A Friday.
ALL_SAINTS = date(2041, 11, 1)


@pytest.fixture(autouse=True)
def keeps_holidays(world: World) -> Iterator[None]:
    Clinic.objects.filter(pk=world.clinic.pk).update(public_holidays=True, region="MD")
    world.clinic.refresh_from_db()
    yield


def rows(world: World) -> list[tuple[int | None, str, bool]]:
    with in_clinic(world.clinic.pk):
        found = ClosedDay.objects.order_by("day", "location_id")
        return [(row.location_id, row.day.isoformat(), row.closed) for row in found]


def line(page: str, name: str) -> str:
    """The line of the list that carries this name."""
    found: list[str] = [part for part in re.findall(r"(?s)<li.*?</li>", page) if f"<strong>{name}</strong>" in part]
    assert found, f"no line is called {name}"
    return found[0]


def hidden(part: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"', part)


@pytest.mark.feature("B6")
def test_the_list_names_weekday_day_and_source_of_a_year(world: World, admin: Client) -> None:
    with in_clinic(world.clinic.pk):
        ClosedDay.objects.create(clinic=world.clinic, day=date(2043, 5, 4), name="Far ahead")
        ClosedDay.objects.create(clinic=world.clinic, day=date(2041, 1, 15), name="Yesterday")
    page = text(admin.get(PAGE))
    assert words(line(page, "All Saints&#x27; Day")).startswith("Fri, Nov 1 All Saints&#x27; Day Public holiday")
    assert "Our own" in line(page, "Far ahead") and "Yesterday" not in page
    assert "Epiphany" in page and page.count("<strong>Epiphany</strong>") == 1, "the next one, not the last"


@pytest.mark.parametrize("language", ["es", "it", "pt-br", "en"])
def test_the_page_speaks_the_readers_language(world: World, wednesday: object, language: str) -> None:
    page = text(client_of(member(world, Role.ADMIN, language), language).get(PAGE))
    titles = {"es": "Días cerrados", "it": "Giorni di chiusura", "pt-br": "Dias fechados", "en": "Closed days"}
    holiday = {"en": "Good Friday"}.get(language, "Viernes Santo")
    assert f"<h1>{titles[language]}</h1>" in page and f"<strong>{holiday}</strong>" in page


@pytest.mark.feature("B6", "N4", 11)
def test_a_day_that_is_added_has_the_appointments_planned_again_and_is_said(world: World, admin: Client) -> None:
    book(world, NOW + 21 * DAY)
    question = text(send(admin, PAGE, first=DAY_OFF, name="Obras"))
    assert "This adds 0 messages, moves 1 and stops 0." in question and rows(world) == []
    page = text(follow(admin, admin.post(PAGE, {**fields_of(question), "apply": "1"})))
    assert "1 day is closed now. 1 appointment to come is planned again." in page
    assert "Obras" in line(page, "Obras") and "Last changed by Ada Admin" in page
    assert rows(world) == [(None, DAY_OFF, True)]
    with in_clinic(world.clinic.pk):
        assert progress() == Progress(0, 1)
    assert "Closed days: changed" in text(admin.get(HOME))


def test_a_range_is_one_line_that_goes_whole_or_day_by_day(world: World, admin: Client) -> None:
    page = text(follow(admin, send(admin, PAGE, first="2041-08-05", last="2041-08-09", name="Verano")))
    assert "5 days are closed now." in page and page.count("<strong>Verano</strong>") == 1
    part = line(page, "Verano")
    [each] = [row for row in re.findall(r"(?s)<form.*?</form>", page) if "Wednesday, August 7, 2041" in row]
    admin.post(f"{PAGE}remove/", {"row": hidden(each, "row"), "token": hidden(each, "token")[0]})
    assert [day for _, day, _ in rows(world)] == ["2041-08-05", "2041-08-06", "2041-08-08", "2041-08-09"]
    assert text(admin.get(PAGE)).count("<strong>Verano</strong>") == 2 and "5 days" in part


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"first": "2041-01-15"}, "That day has passed."),
        ({"first": ""}, "This field is required."),
        ({"first": "2041-02-31"}, "Enter a valid date."),
        ({"first": "yesterday"}, "Enter a valid date."),
        ({"first": "20410-01-01"}, "Enter a valid date."),
        ({"first": "1989-01-01"}, "Choose a day between 1990 and 2099."),
        ({"first": DAY_OFF, "last": "2041-02-04"}, "The last day lies before the first."),
        ({"first": DAY_OFF, "last": "2041-04-06"}, "At most 60 days at a time: until Friday, April 5, 2041."),
        ({"first": "2041-11-01"}, "The clinic is closed on that day already"),
        ({"first": "2041-06-03"}, "The clinic is closed on that day already"),
        ({"first": "2041-06-03", "last": "2041-06-04"}, "All these days are closed already"),
        ({"first": DAY_OFF, "name": "x" * 121}, "at most 120 characters"),
        ({"first": DAY_OFF, "name": "Obras\u202e"}, "may not stand here"),
        ({"first": DAY_OFF, "name": "Obras\x00"}, "may not stand here"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(
    world: World, admin: Client, typed: dict[str, str], said: str
) -> None:
    with in_clinic(world.clinic.pk):
        for day in (3, 4):
            ClosedDay.objects.create(clinic=world.clinic, day=date(2041, 6, day))
    before = rows(world)
    page = text(send(admin, PAGE, **{"name": "Mudanza", **typed}))
    assert said in page and "Nothing was saved yet" in page
    assert 'value="Mudanza"' in page or "name" in typed
    assert rows(world) == before
    again = text(follow(admin, admin.post(PAGE, {"first": DAY_OFF, "token": hidden(page, "token")[0]})))
    assert "1 day is closed now." in again, "mended, the same form goes through"


def test_a_form_that_is_sent_twice_closes_once_and_says_no_error(world: World, admin: Client) -> None:
    typed = {"first": DAY_OFF, "token": str(uuid4())}
    assert [admin.post(PAGE, typed).status_code for _ in range(2)] == [302, 302]
    assert len(rows(world)) == 1
    [row] = hidden(line(text(admin.get(PAGE)), "Closed"), "row")
    typed = {"row": row, "token": str(uuid4())}
    assert [admin.post(f"{PAGE}remove/", typed).status_code for _ in range(2)] == [302, 302]
    assert rows(world) == []


@pytest.mark.feature("B6")
def test_a_holiday_on_which_the_clinic_works_is_marked_and_may_be_closed_again(world: World, admin: Client) -> None:
    page = text(follow(admin, admin.post(f"{PAGE}work/", {"day": ALL_SAINTS.isoformat(), "place": "0"})))
    part = line(page, "All Saints&#x27; Day")
    assert "That day is a working day now." in page and "The clinic works on this day" in part
    assert rows(world) == [(None, "2041-11-01", False)]
    again = admin.post(f"{PAGE}work/", {"day": ALL_SAINTS.isoformat(), "place": "0"})
    assert "Nothing was different" in text(follow(admin, again))
    admin.post(f"{PAGE}remove/", {"row": hidden(part, "row"), "token": hidden(part, "token")[0]})
    assert rows(world) == []


def test_one_place_may_work_on_a_holiday_or_close_alone(world: World, admin: Client) -> None:
    with in_clinic(world.clinic.pk):
        other = Location.objects.create(clinic=world.clinic, name="Norte")
    admin.post(f"{PAGE}work/", {"day": ALL_SAINTS.isoformat(), "place": other.pk})
    send(admin, PAGE, first=DAY_OFF, place=str(other.pk), name="Obras")
    page = text(admin.get(PAGE))
    assert "Norte works on this day" in line(page, "All Saints&#x27; Day") and "Norte" in line(page, "Obras")
    assert rows(world) == [(other.pk, DAY_OFF, True), (other.pk, "2041-11-01", False)]


@pytest.mark.parametrize(("day", "place", "status"), [
    ("2041-02-05", "0", 302), ("2041-11-31", "0", 404), ("", "0", 404), ("2041-11-01", "-1", 404),
    ("2041-11-01", "", 404), ("2041-11-01", "9" * 30, 404), ("2041-11-01", "987654", 404),
])  # fmt: skip
def test_nothing_else_than_a_holiday_at_a_place_is_opened(
    world: World, admin: Client, day: str, place: str, status: int
) -> None:
    assert admin.post(f"{PAGE}work/", {"day": day, "place": place}).status_code == status
    assert rows(world) == []


def test_another_clinics_days_and_places_are_as_absent_as_invented_ones(world: World, admin: Client) -> None:
    foreign = make_world("foreign")
    with in_clinic(foreign.clinic.pk):
        theirs = ClosedDay.objects.create(clinic=foreign.clinic, day=date(2041, 2, 5)).pk
    for row in ([str(theirs)], ["987654321"], ["x"], ["9" * 30], []):
        assert admin.post(f"{PAGE}remove/", {"row": row, "token": str(uuid4())}).status_code == 404
    assert admin.post(f"{PAGE}remove/", {"row": [str(theirs)], "token": "x"}).status_code == 404
    place = {"day": ALL_SAINTS.isoformat(), "place": str(foreign.location.pk)}
    assert admin.post(f"{PAGE}work/", place).status_code == 404
    assert "Select a valid choice" in text(_with_places(world, admin, str(foreign.location.pk)))
    assert rows(world) == [] and rows(foreign) == [(None, "2041-02-05", True)]


def _with_places(world: World, admin: Client, place: str) -> object:
    with in_clinic(world.clinic.pk):
        Location.objects.create(clinic=world.clinic, name="Norte")
    return send(admin, PAGE, first=DAY_OFF, place=place)


@pytest.mark.feature("B6")
def test_region_and_switch_change_whose_holidays_are_kept(world: World, admin: Client) -> None:
    book(world, NOW + 21 * DAY)
    page = text(follow(admin, admin.post(f"{PAGE}holidays/", {"region": "CT", "public_holidays": "on"})))
    assert "Saved. 1 appointment to come is planned again." in page and "Catalonia" in page
    assert "Nothing was different" in text(
        follow(admin, admin.post(f"{PAGE}holidays/", {"region": "CT", "public_holidays": "on"}))
    )
    page = text(follow(admin, admin.post(f"{PAGE}holidays/", {"region": "CT"})))
    assert "Good Friday" not in page and not Clinic.objects.get(pk=world.clinic.pk).public_holidays
    for wrong in ("QQ", "MI", "x" * 60):
        assert "Select a valid choice" in text(admin.post(f"{PAGE}holidays/", {"region": wrong}))
    assert Clinic.objects.get(pk=world.clinic.pk).region == "CT"


def test_a_place_in_another_region_keeps_its_own_holidays(world: World, admin: Client) -> None:
    with in_clinic(world.clinic.pk):
        other = Location.objects.create(clinic=world.clinic, name="Barcelona")
    typed = {"region": "MD", "public_holidays": "on", f"place_{other.pk}": "CT"}
    page = text(follow(admin, admin.post(f"{PAGE}holidays/", typed)))
    assert "Saved." in page and "Barcelona" in line(page, "Easter Monday")
    assert "Barcelona" not in line(page, "Good Friday").partition("<details")[0]
    with in_clinic(world.clinic.pk):
        assert Location.objects.get(pk=other.pk).region == "CT"


def test_a_country_whose_holidays_are_not_known_says_so(world: World, admin: Client) -> None:
    Clinic.objects.filter(pk=world.clinic.pk).update(country="ZZ", region="")
    page = text(admin.get(PAGE))
    assert "are not known here" in page and "No closed day is ahead" in page


def test_others_see_the_days_and_change_none(world: World, wednesday: object) -> None:
    for role in (Role.RECEPTION, Role.PRACTITIONER, Role.READ_ONLY):
        client = client_of(member(world, role))
        page = text(client.get(PAGE))
        assert "Good Friday" in page and "Madrid" in page and "Administrators change this" in page
        assert "We work on this day" not in page and 'name="first"' not in page and 'name="region"' not in page
        for rest, typed in {"": {"first": DAY_OFF}, "holidays/": {}, "work/": {"day": "2041-11-01", "place": "0"},
                            "remove/": {"row": "1"}}.items():  # fmt: skip
            assert client.post(f"{PAGE}{rest}", typed).status_code == 403
    assert rows(world) == [] and Clinic.objects.get(pk=world.clinic.pk).public_holidays


def test_what_changes_something_is_only_taken_by_post(world: World, admin: Client) -> None:
    assert [admin.get(f"{PAGE}{rest}/").status_code for rest in ("holidays", "work", "remove")] == [405, 405, 405]


def follow(client: Client, answer: object) -> object:
    return client.get(answer.headers["Location"])  # type: ignore[attr-defined]
