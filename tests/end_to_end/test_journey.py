"""From the command to the mailbox: the real product as processes, the demo clinics, and what a newcomer then sees."""

import pytest

from tests.end_to_end.chromium import chromium, log_in, needs_chromium
from tests.end_to_end.demo import CLINIC, GOES, STAYS, Demo
from tests.end_to_end.visitor import Visitor
from tests.faults.ground import read_arrivals
from tests.faults.waiting import until

pytestmark = pytest.mark.smoke

PATIENT, PATIENTS_REF = "lucia.martin@correo.example", "SOL-F01"
#: From the start of those who send; DESIGN promises the first mails within two minutes of the command.
FIRST_MAILS_WITHIN = 110.0


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


@needs_chromium
def test_a_person_with_a_browser_sees_the_day_the_log_and_the_mailbox(demo: Demo) -> None:
    first = demo.first_reminders()
    url, errors = demo.product.web_url, list[str]()
    with chromium(errors) as browser:
        page = browser.new_page()
        log_in(page, f"{url}/c/{CLINIC}/", demo.email, demo.password)
        page.goto(f"{url}/c/{CLINIC}/log/?word=sent")
        page.click(f"a.chip[href$='/log/{first[PATIENTS_REF]['id']}/']")
        page.wait_for_selector(".try")
        page.goto(f"{demo.product.outside.url}/mailboxes/{PATIENT}")
        page.wait_for_selector(f"text={PATIENT}")
        assert "Clínica Sol" in page.content()
    assert errors == []
