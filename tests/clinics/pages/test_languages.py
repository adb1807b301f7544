"""Every page speaks four languages and keeps the strict content policy."""

import re

import pytest
from django.test import Client

from clinics.models import Role, User
from messaging.outcomes import AttemptState, FailureKind
from reminders.kinds import State
from tests.visitors import DAY, NOW, attempt, book, client_of, member, put, reminders_of
from tests.world import World

pytestmark = pytest.mark.django_db

#: For each language, a word that every page's bar shows.
WORDS = {"en": "Delivery log", "es": "Registro de envíos", "it": "Registro invii", "pt-br": "Registro de envios"}
BARE = ("/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/")


@pytest.fixture
def pages(world: World, wednesday: object) -> list[str]:
    """The address of every kind of page of a clinic, with something to show on each."""
    failed, skipped, waiting = (reminders_of(world, book(world, NOW + days * DAY))[0] for days in (1, 2, 3))
    attempt(world, failed, AttemptState.FAILED, FailureKind.ADDRESS_REFUSED, "550")
    put(world, failed, State.FAILED, failure=FailureKind.ADDRESS_REFUSED, ended_at=NOW)
    put(world, skipped, State.SKIPPED, gates=[["consent_channel_off", False, "email"], ["due", True, ""]])
    here = f"/c/{world.clinic.slug}/"
    day = (NOW + 2 * DAY).date().isoformat()
    panel = [f"{here}log/{one.pk}/" for one in (failed, skipped, waiting)]
    return [f"{here}?day={day}", f"{here}?day=2041-02-03", f"{here}log/", f"{here}log/?word=error", *panel]


def wrong_with(page: str) -> str:
    """What the content policy would refuse: inline style, inline script, handlers in attributes."""
    found = re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)[^>]*>", page)
    return page[found.start() : found.start() + 80] if found else ""


@pytest.mark.parametrize("language", list(WORDS))
def test_every_page_of_a_clinic_renders_in_each_language(world: World, pages: list[str], language: str) -> None:
    client = client_of(member(world, Role.ADMIN), language)
    for address in pages:
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == 200, address
        assert f'<html lang="{language}"' in page
        assert WORDS[language] in page
        assert not wrong_with(page), address


@pytest.mark.parametrize("language", list(WORDS))
def test_every_page_before_the_log_in_renders_in_each_language(language: str) -> None:
    for address in BARE:
        answer = client_of(None, language).get(address)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in page
        assert not wrong_with(page), address


def test_the_language_is_offered_on_every_page(world: World, pages: list[str]) -> None:
    client = client_of(member(world, Role.RECEPTION))
    for address in (*pages, "/nowhere/"):
        page = client.get(address).content.decode()
        assert all(f'value="{code}" lang="{code}"' in page for code in WORDS), address


def test_the_policy_lets_only_our_own_scripts_and_styles_in() -> None:
    policy = Client().get("/accounts/login/").headers["Content-Security-Policy"]
    assert "style-src 'self'" in policy and "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_persons_own_language_comes_before_the_browsers(world: World) -> None:
    user = member(world, Role.RECEPTION, language="it")
    client = Client(headers={"accept-language": "es"})
    client.post("/accounts/login/", {"login": user.email, "password": "correct-horse-2041"})
    assert User.objects.get(pk=user.pk).language == "it"
    assert WORDS["it"] in client.get(f"/c/{world.clinic.slug}/").content.decode()
