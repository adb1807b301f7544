"""The settings in a browser: chips that write at the cursor, a preview and an example that follow, no page too wide."""

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from clinics.models import Role
from tests.appointments.pages.test_booking_browser import TOO_SMALL
from tests.appointments.pages.test_browser import TOO_WIDE, driver, open_page, pytestmark, visitor
from tests.visitors import DAY, HOUR, NOW, book, member
from tests.world import World

__all__ = ["driver", "pytestmark", "visitor"]
PAGES = (
    "", "clinic/", "closed-days/", "email/", "sms/", "rules/", "rules/new/", "rules/new/?start=24-hours",
    "rules/new/?start=cancellation", "practitioners/", "wordings/", "wordings/reminder/email/es/",
)  # fmt: skip


@pytest.fixture
def address(world: World, wednesday: object, live_server: LiveServer) -> str:
    """A day with an appointment, and an administrator."""
    book(world, NOW + DAY + HOUR)
    member(world, Role.ADMIN)
    return f"{live_server.url}/c/{world.clinic.slug}/?day=2041-01-17"


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_of_the_settings_scrolls_sideways_or_hides_what_is_to_be_pressed(
    visitor: tuple[str, str], driver: Any, width: int
) -> None:
    errors: list[str] = []
    page = open_page(driver, visitor, width, errors)
    for one in PAGES:
        page.goto(visitor[0].split("?")[0] + "settings/" + one)
        assert not page.evaluate(TOO_WIDE) and page.evaluate(TOO_SMALL) == [], one
    assert errors == [], "the content policy let everything of ours through"
    page.context.browser.close()


@pytest.mark.feature("X2", 104, 105, enters="page")
def test_a_chip_writes_at_the_cursor_and_the_preview_and_the_counter_follow(
    visitor: tuple[str, str], driver: Any
) -> None:
    page = open_page(driver, visitor, 1280, [])
    page.goto(visitor[0].split("?")[0] + "settings/wordings/reminder/sms/es/")
    page.fill("#id_body", "Hola : está todo")
    page.evaluate("() => { const t = document.querySelector('#id_body'); t.focus(); t.setSelectionRange(5, 5); }")
    page.click("[data-insert='[CLIENTFIRSTNAME]']")
    assert page.input_value("#id_body") == "Hola [CLIENTFIRSTNAME]: está todo"
    page.wait_for_selector(".bubble:has-text('Hola Laura: está todo')")
    page.wait_for_selector(".counter:has-text('UCS-2')")
    page.click("[data-replace]")
    page.wait_for_selector(".counter:has-text('GSM-7')")
    assert page.input_value("#id_body") == "Hola [CLIENTFIRSTNAME]: esta todo"
    page.context.browser.close()


@pytest.mark.feature(11, 141, 142, enters="page")
def test_an_example_follows_the_rule_and_a_preset_fills_the_account(visitor: tuple[str, str], driver: Any) -> None:
    page = open_page(driver, visitor, 1280, [])
    settings = visitor[0].split("?")[0] + "settings/"
    page.goto(settings + "rules/new/?start=24-hours")
    page.wait_for_selector("#example:has-text('Thu, Jan 24 10:00')")
    page.fill("#id_amount", "2")
    page.wait_for_selector("#example:has-text('Fri, Jan 25 08:00')")
    assert not page.is_visible("#id_at_time") and page.is_visible("#id_unit")
    page.goto(settings + "email/")
    page.check("[value=gmail]")
    filled = [page.input_value(f"#id_{name}") for name in ("host", "port", "security")]
    assert filled == ["smtp.gmail.com", "465", "ssl"] and not page.is_visible("#id_username")
    assert page.is_visible("[data-note=gmail]") and not page.is_visible("[data-note=yahoo]")
    page.context.browser.close()
