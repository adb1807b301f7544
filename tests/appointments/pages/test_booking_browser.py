"""Booking as a person does it in a browser: searching while typing, an end that follows, and no page too wide."""

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from clinics.models import Role
from tests.appointments.pages.test_browser import SMALL, TOO_WIDE, driver, open_page, pytestmark, visitor
from tests.visitors import DAY, HOUR, NOW, book, member
from tests.world import World

__all__ = ["driver", "pytestmark", "visitor"]
#: A radio button stands in a label that is pressed as a whole.
TOO_SMALL = SMALL.replace("e.type !== 'checkbox'", "!['checkbox', 'radio'].includes(e.type)")


@pytest.fixture
def address(world: World, wednesday: object, live_server: LiveServer) -> str:
    """A day with an appointment, and a receptionist who reads English."""
    book(world, NOW + DAY + HOUR)
    member(world, Role.RECEPTION)
    return f"{live_server.url}/c/{world.clinic.slug}/?day=2041-01-17"


@pytest.mark.feature(15, enters="page")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_patient_is_found_while_typing_booked_moved_and_moved_back(
    visitor: tuple[str, str], driver: Any, width: int
) -> None:
    errors: list[str] = []
    page = open_page(driver, visitor, width, errors)

    def fits() -> None:
        assert not page.evaluate(TOO_WIDE) and page.evaluate(TOO_SMALL) == [], page.url

    page.click(".head-do .button-main")
    page.fill("#sought", "lucia pru")
    page.check("#patient-choices input[type=radio]")
    page.fill("#sought", "nobody at all")
    page.press("#sought", "Enter")
    page.wait_for_function("() => document.querySelectorAll('#patient-choices .choice').length === 1")
    assert page.is_checked("#patient-choices input"), "the choice outlives a further search"
    page.fill("#id_time", "10:00")
    page.select_option("#id_type", label="Revisión (30 min)")
    assert page.input_value("#id_end_time") == "10:30"
    page.fill("#id_time", "11:15")
    page.dispatch_event("#id_time", "change")
    assert page.input_value("#id_end_time") == "11:45"
    page.fill("#id_day", "2041-01-18")
    fits()
    page.press("#id_day", "Enter")
    page.wait_for_selector("text=E-mail · Reminder will go on Thu, Jan 17 11:15.")
    fits()
    page.click(".acts a[href$='move/']")
    page.fill("#id_time", "16:00")
    fits()
    page.click(".form-end .button-main")
    page.click("form.notice button")
    page.wait_for_selector("text=E-mail · Reminder will go on Thu, Jan 17 11:15.")
    for step in ("?view=week&day=2041-01-18", "patients/", "patients/new/", "blocks/new/"):
        page.goto(visitor[0].split("?")[0] + step)
        fits()
    assert errors == []
    page.context.browser.close()
