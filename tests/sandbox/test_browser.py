"""Do the pages work in a real browser? What no HTTP client shows: live updates, the policies, the forms' origin."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from .client import running
from .product import product
from .sms_client import ANA as ANAS_PHONE
from .sms_client import send
from .test_pages import ANA, deliver, html_mail

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture
def page() -> Iterator[Page]:
    """A fresh browser page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic"])
        yield browser.new_page()
        browser.close()


def test_the_pages_update_themselves_and_their_forms_work(page: Page, tmp_path: Path) -> None:
    with product() as web, running(tmp_path, "--clock-url", web.url) as sandbox:
        page.goto(f"http://127.0.0.1:{sandbox.http_port}/")
        sandbox.send(ANA, "Alpha")
        page.get_by_text("Alpha").click()
        expect(page.get_by_role("heading", name="Alpha")).to_be_visible()

        deliver(sandbox, html_mail("Bravo", "<p>shown<script>document.body.innerHTML = 'BAD'</script></p>"))
        expect(page.get_by_role("heading", name="Bravo")).to_be_visible()
        expect(page.frame_locator("iframe").locator("body")).to_have_text("shown")

        web.due_in = 600.0
        page.get_by_role("button", name="Go to the next due moment").click()
        expect(page.get_by_role("status").filter(has_text="The clock now stands at")).to_be_visible()
        assert web.offset == pytest.approx(600, abs=0.01)

        page.get_by_role("link", name="Failures").click()
        page.get_by_label("What goes wrong").select_option("defer_rcpt")
        page.get_by_role("button", name="Command it").click()
        page.get_by_role("button", name="Remove: Put the recipient off (450)").click()
        expect(page.get_by_text("Everything works as it should.")).to_be_visible()


def test_a_phone_updates_itself_and_stays_at_its_newest_message(page: Page, tmp_path: Path) -> None:
    with running(tmp_path) as sandbox:
        page.set_viewport_size({"width": 390, "height": 700})
        page.goto(f"http://127.0.0.1:{sandbox.http_port}/")
        send(sandbox, body="Alpha")
        page.get_by_text("Alpha").click()
        expect(page.get_by_role("listitem").filter(has_text="Alpha")).to_be_visible()
        for number in range(12):
            send(sandbox, ANAS_PHONE, f"Reminder {number}: " + "see you tomorrow at ten. " * 6)
        expect(page.get_by_text("Reminder 11:")).to_be_in_viewport()
        expect(page.get_by_text("Alpha")).not_to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
