"""Sending now as a person does it in a browser: from a chip to the question; and the switch with its Undo."""

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from clinics.models import Role
from tests.appointments.pages.test_booking_browser import TOO_SMALL
from tests.appointments.pages.test_browser import TOO_WIDE, driver, open_page, pytestmark, visitor
from tests.visitors import DAY, HOUR, NOW, book, member
from tests.world import World

__all__ = ["driver", "pytestmark", "visitor"]


@pytest.fixture
def address(world: World, wednesday: object, live_server: LiveServer) -> str:
    """A day with an appointment whose reminder waits, and a receptionist who reads English."""
    book(world, NOW + DAY + 5 * HOUR)
    member(world, Role.RECEPTION)
    return f"{live_server.url}/c/{world.clinic.slug}/?day=2041-01-17"


@pytest.mark.feature(3, 4, 25, "X14", enters="page")
@pytest.mark.parametrize("width", [390, 1280])
def test_from_the_chip_to_the_question_by_keyboard_and_the_switch_with_its_undo(
    visitor: tuple[str, str], driver: Any, width: int
) -> None:
    errors: list[str] = []
    page = open_page(driver, visitor, width, errors)

    def fits() -> None:
        assert not page.evaluate(TOO_WIDE) and page.evaluate(TOO_SMALL) == [], page.url

    page.locator(".chip[data-panel]").click()
    page.wait_for_selector(".panel-sheet [data-send=email] a")
    fits()
    page.focus(".panel-sheet [data-send=email] a")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The text, as it would be sent now")
    fits()
    page.focus(".form-end button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=E-mail: it goes now.")
    page.wait_for_selector("#send [data-send=email] button:disabled")
    fits()
    page.click("#wanted [data-switch=email] button")
    page.wait_for_selector("#wanted .switch-fresh >> text=Undo")
    assert page.locator("#send [data-gate=appointment_reminder_off] a[href$='#wanted']").count() == 1
    fits()
    page.click("#wanted [data-switch=email] button")
    page.wait_for_selector("text=E-mail: reminders go again for this appointment.")
    assert errors == []
