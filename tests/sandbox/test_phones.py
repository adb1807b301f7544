"""Do the pages show each patient's phone as it would look, beside the mailboxes?"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from .client import Running
from .sms_client import ANA, BO, CLINIC, SERVICE, arrived, send

EVIL = '<script>alert("x")</script> & <b>'


def page(sandbox: Running, place: str) -> str:
    """A page's HTML."""
    answer = sandbox.ask("GET", place)
    assert answer.status == 200
    return answer.text


def post(sandbox: Running, **form: str) -> int:
    """The failures page's form, from the sandbox's own page."""
    origin = {"Origin": f"http://127.0.0.1:{sandbox.http_port}"}
    return sandbox.ask("POST", "/failures", urlencode(form).encode(), origin).status


def test_the_first_page_lists_phones_beside_mailboxes(sandbox: Running) -> None:
    assert "No SMS has arrived yet" in page(sandbox, "/")
    sandbox.send("ana@example.org")
    send(sandbox, BO, "For Bo")
    send(sandbox, ANA, "First")
    arrived(sandbox, 2)
    send(sandbox, ANA, "Second")
    arrived(sandbox, 3)
    shown = page(sandbox, "/")
    assert shown.index(f'href="/phones/{ANA}"') < shown.index(f'href="/phones/{BO}"')
    assert f"{CLINIC}: Second" in shown
    assert "First" not in shown
    assert "ana@example.org" in shown
    assert BO not in page(sandbox, "/?q=%2B34+600+111")
    assert "No phone" in page(sandbox, "/?q=ana")


def test_a_phone_shows_its_conversation_as_bubbles_oldest_first(sandbox: Running) -> None:
    sandbox.control("POST", "clock", {"offset_seconds": -86_400 * 365})
    send(sandbox, ANA, "First https://example.org/v?a=1.")
    sandbox.control("POST", "clock", {"offset_seconds": 0})
    [first] = arrived(sandbox)
    send(sandbox, ANA, "a" * 161, from_="+34910000000")
    arrived(sandbox, 2)
    send(sandbox, ANA, "Third", messaging_service_sid=SERVICE)
    arrived(sandbox, 3)
    shown = page(sandbox, f"/phones/{ANA}")
    assert shown.index("First") < shown.index("aaaa") < shown.index("Third")
    assert [shown.count(words) for words in ("3 messages", "2 segments", "1 segment<", "+34910000000")] == [1, 1, 2, 1]
    assert first["received_at_clock"][:4] in shown
    assert shown.count('<li class="day">') == 2
    assert '<a href="https://example.org/v?a=1"' in shown


def test_a_phone_does_not_show_what_did_not_reach_it(sandbox: Running) -> None:
    sandbox.fault("sms_undelivered", times=1)
    send(sandbox, ANA, "Lost")
    arrived(sandbox)
    assert "No SMS for this number yet" in page(sandbox, f"/phones/{ANA}")
    assert ANA not in page(sandbox, "/")


def test_everything_an_sms_says_is_escaped(sandbox: Running) -> None:
    send(sandbox, ANA, EVIL)
    arrived(sandbox)
    for place in ("/", f"/phones/{ANA}", "/phones/%3Cscript%3E"):
        shown = page(sandbox, place)
        assert re.findall(r"<script[^>]*>", shown) == ['<script src="/static/sandbox.js" defer>']
        assert "<b>" not in shown.replace('<b id="in-force"', "")


def test_the_failures_page_takes_the_faults_of_the_sms(sandbox: Running) -> None:
    assert '<optgroup label="Status callbacks">' in page(sandbox, "/failures")
    form = {"recipient": "+34*", "account": "AC*", "times": "3", "seconds": ""}
    assert post(sandbox, fault="sms_undelivered", code="30005", **form) == 303
    assert post(sandbox, fault="callback_delay", **form | {"seconds": "2.5"}) == 303
    assert post(sandbox, fault="callback_delay", **form) == 400
    shown = page(sandbox, "/failures")
    assert "SMS to +34*, account ac* · 3 of 3 left · 30005: Unknown destination handset" in shown
    assert "SMS to +34*, account ac* · 3 of 3 left · 2.5 s" in shown
    faults = sandbox.control("GET", "faults")["faults"]
    assert [(fault["fault"], fault["code"]) for fault in faults] == [
        ("sms_undelivered", 30005),
        ("callback_delay", None),
    ]
