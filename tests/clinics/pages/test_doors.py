"""Who may open which clinic, and what the error pages say."""

import re

import pytest
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.defaults import bad_request, server_error
from pytest_django import DjangoDbBlocker, Settings

from clinics.models import Role
from tests.visitors import client_of, member
from tests.world import World, make_world

pytestmark = pytest.mark.django_db


def without_secrets(page: str) -> str:
    """A page without what differs at every call: tokens, and the address it was asked by."""
    return re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page)


@pytest.mark.parametrize("rest", ["", "log/", "log/1/", "log/1/gates/"])
def test_another_clinics_address_answers_like_one_that_does_not_exist(world: World, rest: str) -> None:
    make_world("foreign")
    client = client_of(member(world, Role.ADMIN))
    foreign, invented = client.get(f"/c/foreign/{rest}"), client.get(f"/c/invented/{rest}")
    assert (foreign.status_code, invented.status_code) == (404, 404)
    assert without_secrets(foreign.content.decode()) == without_secrets(invented.content.decode())


def test_a_stranger_learns_nothing_of_which_clinics_there_are(world: World) -> None:
    there, invented = client_of(None).get(f"/c/{world.clinic.slug}/"), client_of(None).get("/c/invented/")
    assert there.status_code == invented.status_code == 302
    assert there.headers["Location"].replace(world.clinic.slug, "invented") == invented.headers["Location"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Nothing here"), ("es", "Aquí no hay nada"), ("it", "Qui non c'è nulla"), ("pt-br", "Não há nada aqui")],
)
def test_a_page_that_does_not_exist_says_so_in_the_readers_language(language: str, words: str) -> None:
    answer = client_of(None, language).get("/nowhere/")
    assert answer.status_code == 404
    assert words in answer.content.decode()


def test_a_form_without_its_token_is_refused_in_our_words(world: World) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = client.post("/language/", {"language": "it"})
    assert answer.status_code == 403
    assert "The form was open too long" in answer.content.decode()


def test_the_pages_for_our_own_failures_need_neither_request_nor_database(
    django_db_blocker: DjangoDbBlocker,
) -> None:
    request = RequestFactory().get("/")
    with django_db_blocker.block(), translation.override("es"):
        assert "Algo ha fallado por nuestra parte" in server_error(request).content.decode()
        assert "No se puede leer esta petición" in bad_request(request, ValueError()).content.decode()


def test_a_clinics_pages_are_kept_in_no_cache(world: World) -> None:
    answer = client_of(member(world, Role.RECEPTION)).get(f"/c/{world.clinic.slug}/")
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_banner_says_when_sending_is_paused(world: World, wednesday: object) -> None:
    client = client_of(member(world, Role.RECEPTION))
    assert "Sending is paused" not in client.get(f"/c/{world.clinic.slug}/").content.decode()
    world.clinic.paused_until = "2041-01-20T00:00:00Z"
    world.clinic.save()
    assert "Sending is paused" in client.get(f"/c/{world.clinic.slug}/").content.decode()


def test_the_way_to_the_sandbox_stands_on_pages_only_where_there_is_one(settings: Settings, world: World) -> None:
    settings.SANDBOX_URL = ""
    assert "sandbox" not in client_of(None).get("/accounts/login/").content.decode()
    settings.SANDBOX_URL = "http://127.0.0.1:1/"
    assert "http://127.0.0.1:1/" in client_of(None).get("/accounts/login/").content.decode()
