"""A rule's form in a browser: it shows what fits, statuses follow the kind, and what it lacks follows the channel."""

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from clinics.models import Role
from tests.appointments.pages.test_browser import driver, open_page, pytestmark, visitor
from tests.visitors import DAY, HOUR, NOW, book, member
from tests.world import World

__all__ = ["driver", "pytestmark", "visitor"]


@pytest.fixture
def address(world: World, wednesday: object, live_server: LiveServer) -> str:
    """A day with an appointment, and an administrator."""
    book(world, NOW + DAY + HOUR)
    member(world, Role.ADMIN)
    return f"{live_server.url}/c/{world.clinic.slug}/?day=2041-01-17"


def ticked(page: Any) -> list[str]:
    return [box.get_attribute("value") for box in page.query_selector_all("[name=statuses]:checked")]


@pytest.mark.feature(11, 16, 17, 27, 35, "B5", enters="page")
def test_the_form_shows_what_fits_and_follows_what_is_chosen(visitor: tuple[str, str], driver: Any) -> None:
    errors: list[str] = []
    page = open_page(driver, visitor, 1280, errors)
    page.goto(visitor[0].split("?")[0] + "settings/rules/new/")
    page.click("a[href='?start=24-hours']")
    page.wait_for_selector("#late-example:has-text('Thu, Jan 24 11:03')")
    assert ticked(page) == ["scheduled", "confirmed"] and not page.is_visible("#id_fallback_minutes")
    page.select_option("#id_channel", "sms")
    page.select_option("#id_fallback_channel", "email")
    page.wait_for_selector("#lacks:has-text('SMS has no sender yet')")
    assert page.is_visible("#id_fallback_minutes")
    page.select_option("#id_kind", "confirmation")
    page.wait_for_selector("#lacks:has-text('“Confirmation request” has no words for SMS')")
    assert ticked(page) == ["scheduled"]
    page.select_option("#id_kind", "cancellation")
    page.wait_for_selector("#example:has-text('3 minutes after')")
    shown = {name: page.is_visible(f".field-{name}") for name in ("timing", "amount", "statuses", "late_policy")}
    assert not any(shown.values()) and page.is_visible("#id_channel")
    page.select_option("#id_channel", "email")
    page.select_option("#id_fallback_channel", "")
    page.wait_for_selector("#lacks :checked[name=give_words]")
    page.click("button:has-text('Save')")
    page.wait_for_selector(".rule h2:has-text('When an appointment is cancelled')")
    assert "has no words" not in page.content() and errors == []
    page.context.browser.close()
