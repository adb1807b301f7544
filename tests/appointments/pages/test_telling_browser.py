"""The question whether the patient shall be told, in a browser: it follows what is typed, and Undo is one press."""

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from clinics.models import Role
from tests.appointments.pages.test_booking_browser import TOO_SMALL
from tests.appointments.pages.test_browser import TOO_WIDE, driver, open_page, pytestmark, visitor
from tests.notices import tell_of
from tests.visitors import DAY, HOUR, NOW, book, member
from tests.world import World

__all__ = ["driver", "pytestmark", "visitor"]
YES, NO = "#id_notify_yes", "#id_notify_no"


@pytest.fixture
def address(world: World, wednesday: object, live_server: LiveServer) -> str:
    """A day with an appointment, in a clinic that tells of what happens, and a receptionist who reads English."""
    tell_of(world)
    book(world, NOW + DAY + HOUR)
    member(world, Role.RECEPTION)
    return f"{live_server.url}/c/{world.clinic.slug}/?day=2041-01-17"


@pytest.mark.feature("17", "B3", "X16", enters="page")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_question_comes_with_the_change_keeps_its_answer_and_undo_is_one_press(
    visitor: tuple[str, str], driver: Any, width: int
) -> None:
    errors: list[str] = []
    page = open_page(driver, visitor, width, errors)

    def fits() -> None:
        assert not page.evaluate(TOO_WIDE) and page.evaluate(TOO_SMALL) == [], page.url

    def change(field: str, value: str) -> None:
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.fill(field, value)
            page.dispatch_event(field, "change")

    page.click(".day .line a[href*='/appointments/']")
    page.wait_for_selector(".acts")
    one = page.url
    page.goto(f"{one}edit/")
    assert page.locator(YES).count() == 0, "nothing is changed yet"
    change("#id_time", "11:15")
    page.wait_for_selector("text=E-mail, in 3 minutes")
    page.check(NO)
    change("#id_time", "11:20")
    assert page.is_checked(NO), "the answer outlives a further change"
    page.check(YES)
    fits()
    page.click(".form-end .button-main")
    page.wait_for_selector("text=The patient will be told in 3 minutes (E-mail).")
    fits()
    page.click("form.notice button")
    page.wait_for_selector("text=Undone: the appointment is at")
    page.goto(f"{one}cancel/")
    fits()
    page.click(".form-end button")
    page.click("form.notice button")
    page.wait_for_selector("text=Undone: the appointment is in the agenda again.")
    assert "Change: yes" in page.locator("#told li").first.inner_text()
    assert page.locator("#told li").count() == 2, "Undo gave no answer"
    assert errors == []
    page.context.browser.close()
