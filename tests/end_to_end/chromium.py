"""How does a test look through a browser's eyes? Chromium, and everything that it complains of."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_CHROMIUM = shutil.which("chromium") or next((p for p in ("/usr/bin/chromium",) if Path(p).exists()), "")
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: Says aloud what the content policy refused, also where the browser's own words are lost with a page that is left.
_TELL_REFUSALS = (
    "document.addEventListener('securitypolicyviolation',"
    " said => console.error('refused by the content policy: ' + said.violatedDirective + ' ' + said.blockedURI))"
)
needs_chromium = pytest.mark.skipif(
    not _CHROMIUM, reason="no Chromium on this machine: `apt-get install chromium` brings one"
)


@contextmanager
def chromium(errors: list[str]) -> Iterator[Any]:
    """A browser with one profile; `errors` takes what any of its pages writes to the console as an error."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        context = browser.new_context()
        context.add_init_script(_TELL_REFUSALS)
        context.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda said: errors.append(str(said.error)))
        yield context
        browser.close()


def log_in(page: Any, address: str, email: str, password: str) -> None:
    """Opens an address that asks for a log-in, fills it in, and waits for the agenda's day."""
    page.goto(address)
    page.fill("#id_login", email)
    page.fill("#id_password", password)
    page.click("form[action='/accounts/login/'] button[type=submit]")
    page.wait_for_selector(".day .line")
