"""The page of the pause, and the banner that everybody sees while it lasts."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from clinics.models import Clinic, Role
from tests.page_forms import Answer, fields_of, send, text, words
from tests.visitors import DAY, HOUR, NOW, book, client_of, member
from tests.world import World

pytestmark = pytest.mark.django_db
PAGE = "/c/clinica-prueba/settings/pause/"
AGENDA = "/c/clinica-prueba/"
#: NOW is Wednesday, 16 January 2041, 10:00 in Madrid.
MONDAY = datetime(2041, 1, 20, 23, tzinfo=UTC)


def until() -> datetime | None:
    return Clinic.objects.get(slug="clinica-prueba").paused_until


def apply(client: Client, path: str, page: str) -> Answer:
    """Presses "Apply" in the question."""
    return client.post(path, {**fields_of(page), "apply": "1"})


@pytest.mark.feature("T04")
def test_a_day_alone_pauses_until_it_begins_and_says_so(world: World, admin: Client) -> None:
    assert send(admin, PAGE, day="2041-01-21").headers["Location"] == PAGE
    page = words(text(admin.get(PAGE)))
    assert until() == MONDAY
    assert "Paused until Mon, Jan 21 00:00" in page and "Last changed by Ada Admin" in page
    assert 'value="2041-01-21"' in text(admin.get(PAGE))


@pytest.mark.feature("T04")
def test_the_banner_stands_on_every_page_for_every_role_and_names_who_paused(world: World, admin: Client) -> None:
    send(admin, PAGE, day="2041-01-21", time="14:30")
    for role in Role:
        page = text(client_of(member(world, role)).get(AGENDA))
        assert "Sending is paused until Mon, Jan 21 14:30 (by Ada Admin)." in page
        assert ('name="resume"' in page) == (role == Role.ADMIN)


@pytest.mark.feature("T04")
def test_resuming_ends_the_pause_now(world: World, admin: Client) -> None:
    send(admin, PAGE, day="2041-01-21")
    text(admin.get(PAGE))
    page = text(admin.post(PAGE, {"resume": "1"}, follow=True))
    assert "Sending goes on." in page and "Sending is paused until" not in page
    ended = until()
    assert ended is not None and NOW <= ended < NOW + HOUR


@pytest.mark.feature("T04")
@pytest.mark.parametrize(
    "typed, said",
    [
        ({"day": "2041-01-16"}, "That moment has passed"),
        ({"day": "2041-01-15", "time": "12:00"}, "That moment has passed"),
        ({"day": "2041-06-01"}, "at most 90 days"),
        ({"day": "2041-03-31", "time": "02:30"}, "this time is left out"),
        ({"day": ""}, "This field is required"),
        ({"day": "soon"}, "Enter a valid date"),
        ({"day": "2041-01-20", "time": "25:00"}, "Enter a valid time"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_paused(
    world: World, admin: Client, typed: dict[str, str], said: str
) -> None:
    assert said in text(send(admin, PAGE, **typed))
    assert until() is None


@pytest.mark.feature("T04", "N4")
def test_what_would_expire_is_listed_before_and_may_be_sent(world: World, admin: Client) -> None:
    expires, waits = book(world, NOW + 2 * DAY), book(world, NOW + 5.6 * DAY)
    page = text(send(admin, PAGE, day="2041-01-21"))
    assert until() is None
    seen = words(page)
    assert "This adds 0 messages, moves 1 and stops 1." in seen
    assert "Too late afterwards 1" in seen and "What must go can be sent before." in seen
    assert f"/appointments/{expires.pk}/send/?channel=email" in page
    assert f"/appointments/{waits.pk}/send/" not in page
    assert apply(admin, PAGE, page).headers["Location"] == PAGE
    assert until() == MONDAY


@pytest.mark.feature("T04", "N4")
def test_resuming_says_what_comes_back(world: World, admin: Client) -> None:
    book(world, NOW + 2 * DAY)
    apply(admin, PAGE, text(send(admin, PAGE, day="2041-01-21")))
    page = text(admin.post(PAGE, {"resume": "1"}))
    assert "This adds 1 messages, moves 0 and stops 0." in words(page) and until() == MONDAY
    apply(admin, PAGE, page)
    assert until() != MONDAY


@pytest.mark.feature("T04", "N4")
def test_back_to_the_form_keeps_what_was_typed(world: World, admin: Client) -> None:
    book(world, NOW + 2 * DAY)
    question = text(send(admin, PAGE, day="2041-01-21", time="09:15"))
    page = text(admin.post(PAGE, {**fields_of(question), "back": "1"}))
    assert 'value="2041-01-21"' in page and 'value="09:15"' in page and until() is None


@pytest.mark.feature("T04")
def test_of_two_administrators_the_second_is_told(world: World, admin: Client) -> None:
    opened = fields_of(text(admin.get(PAGE)))
    send(admin, PAGE, day="2041-01-21")
    page = text(admin.post(PAGE, {**opened, "day": ["2041-01-23"]}))
    assert "Somebody else changed this" in page and until() == MONDAY


def test_others_read_the_pause_and_change_nothing(world: World, wednesday: object) -> None:
    for role in (Role.RECEPTION, Role.PRACTITIONER, Role.READ_ONLY):
        client = client_of(member(world, role))
        assert "Administrators change this" in text(client.get(PAGE))
        assert client.post(PAGE, {"day": "2041-01-21"}).status_code == 403
        assert client.post(PAGE, {"resume": "1"}).status_code == 403
    assert until() is None
