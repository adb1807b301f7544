"""From the command to the mailbox: the real product as processes, the demo clinics, and what a newcomer then sees."""

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.visitor import Visitor
from tests.faults.ground import read_arrivals
from tests.faults.stack import UNHURRIED, Stack, stack
from tests.faults.waiting import until

pytestmark = pytest.mark.smoke

CLINIC = "clinica-sol-madrid"
#: The demo's first patients in Madrid (agendas/clinica-sol-madrid.csv), by what becomes of their reminder.
GOES = {"SOL-F01", "SOL-F02", "SOL-F03"}
STAYS = {
    "SOL-F04": "reminded_elsewhere",
    "SOL-F05": "consent_channel_off",
    "SOL-F07": "merge_field_empty",
}
PATIENT, PATIENTS_REF = "lucia.martin@correo.example", "SOL-F01"
#: From the start of those who send; DESIGN promises the first mails within two minutes of the command.
FIRST_MAILS_WITHIN = 110.0
CHROMIUM = shutil.which("chromium") or next((p for p in ("/usr/bin/chromium",) if Path(p).exists()), "")
CHROMIUM_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Demo:
    """The running product with its demo, and a person's log-in there."""

    product: Stack
    email: str
    password: str

    def ended(self) -> dict[str, dict[str, Any]]:
        """Madrid's reminders of the rule "one day before" that have ended, by the reference of their appointment."""
        rows = self.product.database.rows(
            "SELECT a.ref, r.id, r.clinic_id, r.state, r.gates, p.email FROM reminders_reminder r"
            " JOIN appointments_appointment a ON a.clinic_id = r.clinic_id AND a.id = r.appointment_id"
            " JOIN patients_patient p ON p.clinic_id = a.clinic_id AND p.id = a.patient_id"
            " JOIN clinics_clinic c ON c.id = r.clinic_id"
            " WHERE c.slug = %s AND r.kind = 'reminder' AND r.ended_at IS NOT NULL",
            [CLINIC],
        )
        return {row["ref"]: row for row in rows}

    def mails(self, address: str) -> int:
        """How many mails a patient has."""
        return sum(one.kept for one in read_arrivals(self.product.outside) if one.address == address)

    def clock(self, body: dict[str, float] | None = None) -> dict[str, Any] | None:
        """The answer of web's clock; None where it refuses to move now."""
        request = urllib.request.Request(
            f"{self.product.web_url}/sandbox/clock",
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Sandbox-Token": self.product.token, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                assert error.code == 409, error
            return None

    def first_reminders(self) -> dict[str, dict[str, Any]]:
        """The same, once the first ones have ended; where nobody has waited for them yet the clock is moved."""

        def there() -> bool:
            if not self.has_first():
                self.go_to_next_due()
            return self.has_first()

        until(there, 60, "the first reminders end after the clock was moved")
        return self.ended()

    def has_first(self) -> bool:
        """Whether the first reminders have ended."""
        return (GOES | STAYS.keys()) <= self.ended().keys()

    def go_to_next_due(self) -> bool:
        """Moves the clock to the next due moment; False while something is being sent."""
        seen = self.clock()
        assert seen and seen["next_due"], seen
        ahead = datetime.fromisoformat(seen["next_due"]) - datetime.fromisoformat(seen["now"])
        if ahead <= timedelta(0):
            return False
        return self.clock({"offset_seconds": seen["offset_seconds"] + ahead.total_seconds()}) is not None


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """Everything started, in the order of run.py."""
    with stack(UNHURRIED) as product:
        product.start_sandbox(asks_the_clock=True)
        product.start_web()
        log_ins = product.manage("load_demo", "--smtp", product.variables["SANDBOX_SMTP"])
        product.start("worker-1", "worker-2", "beat-1")
        email, password = log_ins.split()[:2]
        yield Demo(product, email, password)
        assert product.dead() == [], "a process of the product died"


def test_the_first_reminders_arrive_by_themselves_and_the_others_say_why(demo: Demo) -> None:
    until(demo.has_first, FIRST_MAILS_WITHIN, "the first reminders end without a click")
    ended = demo.ended()
    assert {ref: ended[ref]["state"] for ref in GOES} == dict.fromkeys(GOES, "handed_over")
    assert all(demo.mails(ended[ref]["email"]) >= 1 for ref in GOES)
    for ref, code in STAYS.items():
        assert ended[ref]["state"] == "skipped"
        assert code in {gate for gate, passed, _ in ended[ref]["gates"] if passed is False}


def test_the_clock_moves_to_the_next_due_moment_and_a_mail_arrives(demo: Demo) -> None:
    before = len(read_arrivals(demo.product.outside))
    until(demo.go_to_next_due, 30, "nothing is being sent, and the clock moves")
    until(lambda: len(read_arrivals(demo.product.outside)) > before, 30, "a mail arrives")


def test_the_log_says_of_a_mail_that_arrived_that_it_was_sent(demo: Demo) -> None:
    first = demo.first_reminders()
    visitor = Visitor(demo.product.web_url)
    assert visitor.status(f"/c/{CLINIC}/log/") == 200, "a stranger is led to the log-in"
    assert CLINIC in visitor.log_in(demo.email, demo.password)
    reminder = first[PATIENTS_REF]["id"]
    here = f"/c/{CLINIC}/log/"
    assert f'href="{here}{reminder}/"' in visitor.page(f"{here}?word=sent")
    assert f'href="{here}{reminder}/"' not in visitor.page(f"{here}?word=unsent")
    message = visitor.page(f"{here}{reminder}/")
    assert "chip-sent" in message
    assert PATIENT in message
    skipped = visitor.page(f"{here}{first['SOL-F04']['id']}/")
    assert "chip-unsent" in skipped
    assert 'data-gate="reminded_elsewhere"' in skipped
    assert visitor.status("/c/studio-aurora-milano/log/") == 404, "another clinic's log"


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: `apt-get install chromium` brings one")
def test_a_person_with_a_browser_sees_the_day_the_log_and_the_mailbox(demo: Demo) -> None:
    from playwright.sync_api import sync_playwright

    first = demo.first_reminders()
    url, errors = demo.product.web_url, list[str]()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        page = browser.new_page()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{url}/c/{CLINIC}/")
        page.fill("#id_login", demo.email)
        page.fill("#id_password", demo.password)
        page.click("form[action='/accounts/login/'] button[type=submit]")
        page.wait_for_url(f"**/c/{CLINIC}/**")
        page.wait_for_selector(".day .line")
        page.goto(f"{url}/c/{CLINIC}/log/?word=sent")
        page.click(f"a.chip[href$='/log/{first[PATIENTS_REF]['id']}/']")
        page.wait_for_selector(".try")
        page.goto(f"{demo.product.outside.url}/mailboxes/{PATIENT}")
        page.wait_for_selector(f"text={PATIENT}")
        assert "Clínica Sol" in page.content()
        browser.close()
    assert errors == []
