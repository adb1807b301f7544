"""What only a browser can tell: the panel behind a chip, narrow screens, the content policy, the keyboard."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from clinics.models import Role, User
from clinics.scope import in_clinic
from reminders.kinds import State
from tests.visitors import DAY, HOUR, NOW, PASSWORD, book, member, put, reminders_of
from tests.world import World

CHROMIUM = shutil.which("chromium") or next((one for one in ("/usr/bin/chromium",) if Path(one).exists()), "")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: `apt-get install chromium` brings one"),
]
#: Things to press that are smaller than 24 pixels and do not stand inside a sentence.
SMALL = """() => [...document.querySelectorAll('a, button, summary, select, input')]
    .filter(e => !e.closest('.skip-link') && getComputedStyle(e).display !== 'inline' && e.type !== 'checkbox')
    .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 23.5 || box.height < 23.5)).map(([html]) => html)"""
TOO_WIDE = "() => document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def address(world: World, wednesday: object, live_server: LiveServer) -> str:
    """A day with a reminder that will not go and one that went, and who may look at it."""
    with in_clinic(world.clinic.pk):
        silent = world.another_patient(consent_email=False, last_name="Sin-Permiso-de-los-Santos-y-Montenegro")
    book(world, NOW + DAY + 2 * HOUR, patient=silent)
    put(world, reminders_of(world, book(world, NOW + DAY + HOUR))[0], State.HANDED_OVER, handed_over_at=NOW)
    member(world, Role.RECEPTION, language="pt-br")
    return f"{live_server.url}/c/{world.clinic.slug}/?day=2041-01-17"


@pytest.fixture
def visitor(address: str) -> tuple[str, str]:
    """The address and the log-in; nothing asks the database from here on, the browser's driver forbids it."""
    return address, User.objects.get().email


def open_page(driver: Any, visitor: tuple[str, str], width: int, errors: list[str]) -> Any:
    """A browser of that width, logged in, at the address."""
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if width < 500 else "light")
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(visitor[0])
    page.fill("#id_login", visitor[1])
    page.fill("#id_password", PASSWORD)
    page.click("button.button-main")
    page.wait_for_selector(".day .line")
    return page


@pytest.fixture
def driver() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.mark.feature("N1", "X14", enters="page")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_chip_opens_its_reasons_and_closes_them_by_mouse_and_keyboard(
    visitor: tuple[str, str], driver: Any, width: int
) -> None:
    errors: list[str] = []
    page = open_page(driver, visitor, width, errors)
    chip = page.locator(".chip-blocked[data-panel]")
    chip.click()
    page.wait_for_selector(".gate-no[data-gate=consent_channel_off]")
    assert page.locator("tr.gate").count() > 25
    assert chip.get_attribute("aria-expanded") == "true"
    assert not page.evaluate(TOO_WIDE) and page.evaluate(SMALL) == []
    chip.click()
    page.wait_for_function("() => !document.querySelector('.panel-sheet')")
    chip.press("Space")
    page.wait_for_selector(".panel-sheet")
    page.click("[data-close-panel]")
    page.wait_for_function("() => document.activeElement.matches('.chip-blocked')")
    assert chip.get_attribute("aria-expanded") == "false"
    assert errors == [], "the content policy let everything of ours through"
    page.context.browser.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_scrolls_sideways_or_hides_what_is_to_be_pressed(
    visitor: tuple[str, str], driver: Any, width: int
) -> None:
    errors: list[str] = []
    page = open_page(driver, visitor, width, errors)
    assert page.get_attribute("html", "data-bs-theme") == ("dark" if width < 500 else "light")
    for step in ("log/", "log/?word=sent"):
        page.goto(visitor[0].split("?")[0] + step)
        assert not page.evaluate(TOO_WIDE) and page.evaluate(SMALL) == [], step
    page.click(".log-state a")
    page.wait_for_selector(".course")
    assert not page.evaluate(TOO_WIDE) and page.evaluate(SMALL) == []
    assert errors == []
    page.context.browser.close()


def test_a_filter_goes_into_the_address_as_soon_as_it_is_chosen(visitor: tuple[str, str], driver: Any) -> None:
    errors: list[str] = []
    page = open_page(driver, visitor, 1280, errors)
    page.check("input[name=attention]")
    page.wait_for_url("**attention=1**")
    assert "practitioner" not in page.url, "what is empty stays out of the address"
    assert page.locator(".line").count() == 1
    page.context.browser.close()
