"""Does the record of the SMS outlive the sandbox, carry both clocks, and answer a campaign's questions?"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from sandbox.server import Sandbox

from .client import PASSWORD, TOKEN, Running, eventually, running
from .product import product
from .sms_client import ACCOUNT, ANA, BO, CLINIC, OTHER_ACCOUNT, arrived, client, hook, refused, send, taken

DAY = 86_400


def ahead(message: dict[str, Any]) -> float:
    """How far the shifted stamp lies before the real one, in seconds."""
    clock, real = (datetime.fromisoformat(message[f"received_at_{which}"]) for which in ("clock", "real"))
    return (clock - real).total_seconds()


def test_a_message_is_recorded_with_all_that_was_asked(sandbox: Running) -> None:
    with hook() as web:
        send(sandbox, body="Olá", status_callback=web.url)
        [message] = arrived(sandbox)
    assert (message["account"], message["sender"], message["recipient"]) == (ACCOUNT, CLINIC, ANA)
    assert (message["body"], message["body_hash"]) == ("Olá", hashlib.sha256("Olá".encode()).hexdigest())
    assert (message["accepted"], message["kept"], message["fault"], message["error_code"]) == (True, True, None, None)
    assert (message["callback"], message["service"], message["segments"]) == (web.url, None, 1)


def test_the_record_is_read_in_steps(sandbox: Running) -> None:
    for number in range(5):
        send(sandbox, body=str(number))
    first = sandbox.control("GET", "truth/sms?limit=2")["messages"]
    rest = sandbox.control("GET", f"truth/sms?since={first[-1]['id']}")["messages"]
    assert [message["body"] for message in first + rest] == ["0", "1", "2", "3", "4"]
    token = {"X-Sandbox-Token": TOKEN}
    for query in ("limit=0", "since=x"):
        assert sandbox.ask("GET", f"/control/truth/sms?{query}", headers=token).status == 400
    assert sandbox.ask("GET", "/control/truth/sms").status == 403


def test_repeated_messages_show_by_number(sandbox: Running) -> None:
    for to, body in ((ANA, "one"), (ANA, "one"), (ANA, "two"), (BO, "one")):
        send(sandbox, to, body)
    client(sandbox, OTHER_ACCOUNT).messages.create(to=BO, from_=CLINIC, body="one")
    people = sandbox.control("GET", "truth/sms/recipients")["recipients"]
    assert [(person["recipient"], person["messages"], person["repeated"]) for person in people] == [
        (ANA, 3, 1),
        (BO, 2, 0),
    ]
    rest = sandbox.control("GET", "truth/sms/recipients?after=%2B34600111222&limit=5")["recipients"]
    assert [person["recipient"] for person in rest] == [BO]
    count = sandbox.control("GET", "truth/sms/count")
    assert (count["count"], count["accepted"], count["recipients"], count["repeated"]) == (5, 5, 2, 1)


def test_the_counts_tell_taken_from_answered_and_refused(sandbox: Running) -> None:
    with hook() as web:
        send(sandbox, status_callback=web.url)
        sandbox.fault("sms_undelivered", times=1)
        send(sandbox)
        arrived(sandbox, 2)
        eventually(lambda: sandbox.control("GET", "truth/sms/count")["callbacks"] == 3)
    with pytest.raises(OSError):
        sandbox.fault("sms_reset_sent", times=1)
        send(sandbox)
    with pytest.raises(OSError):
        sandbox.fault("sms_reset_not_sent", times=1)
        send(sandbox)
    arrived(sandbox, 3)
    assert sandbox.control("GET", "truth/sms/count") == {
        "count": 3,
        "accepted": 2,
        "recipients": 1,
        "repeated": 2,
        "refused": 1,
        "callbacks": 3,
        "statuses": {"delivered": 2, "undelivered": 1},
    }


def test_emptying_the_record_takes_the_sms_along_and_ids_go_on_rising(sandbox: Running) -> None:
    send(sandbox)
    [before] = taken(sandbox)
    sandbox.send("ana@example.org")
    sandbox.control("DELETE", "truth/sms")
    assert taken(sandbox) == []
    assert len(sandbox.messages()) == 1
    send(sandbox)
    assert taken(sandbox)[0]["id"] > before["id"]
    sandbox.control("DELETE", "truth")
    assert (taken(sandbox), sandbox.messages()) == ([], [])


def test_what_was_on_its_way_when_the_record_was_emptied_is_told_no_more(sandbox: Running) -> None:
    sandbox.fault("callback_delay", seconds=0.3)
    with hook() as web:
        send(sandbox, status_callback=web.url)
        sandbox.control("DELETE", "truth")
        sandbox.control("DELETE", "faults")
        send(sandbox, BO, status_callback=web.url)
        eventually(lambda: len(web.told) == 3)
    assert {form["To"] for form in web.told} == {BO}
    assert "+34600111222" not in sandbox.ask("GET", "/").text


def test_a_stop_loses_no_message_and_a_start_sends_it_on(tmp_path: Path) -> None:
    with hook() as web:
        with running(tmp_path) as first:
            send(first, status_callback=web.url)
            first.process.kill()
            first.process.wait()
        with running(tmp_path) as second:
            [message] = arrived(second)
            assert message["answered"] == 201
            eventually(lambda: web.statuses()[-1:] == ["delivered"])


def test_a_message_is_stamped_with_the_shifted_clock_and_dated_with_the_real_one(sandbox: Running) -> None:
    sandbox.control("POST", "clock", {"offset_seconds": 3 * DAY})
    message = send(sandbox)
    [recorded] = taken(sandbox)
    assert ahead(recorded) == pytest.approx(3 * DAY, abs=0.01)
    real = datetime.fromisoformat(recorded["received_at_real"]).timestamp()
    assert message.date_created is not None
    assert abs(message.date_created.timestamp() - real) < 1


def test_a_message_sent_just_after_a_jump_is_stamped_with_the_clock_after_it(tmp_path: Path) -> None:
    with product() as web, running(tmp_path, "--clock-url", web.url) as sandbox:
        eventually(lambda: sandbox.control("GET", "clock")["product_answers"])
        send(sandbox)
        seen = web.looks
        eventually(lambda: web.looks >= seen + 2)  # the first of them may have begun before the message
        web.offset = 2.0 * DAY
        send(sandbox, BO)
        eventually(lambda: ahead(taken(sandbox)[1]) == pytest.approx(2 * DAY, abs=0.01))
        assert ahead(taken(sandbox)[0]) == pytest.approx(0, abs=0.01)


def test_only_the_password_logs_an_account_in(tmp_path: Path) -> None:
    with Sandbox(tmp_path, PASSWORD, TOKEN) as inside:
        seen = Running(inside.smtp_port, inside.http_port, tmp_path, None)  # type: ignore[arg-type]
        client(seen).messages.create(to=ANA, from_=CLINIC, body="Hello")
        with pytest.raises(TwilioRestException, match="Authenticate"):
            client(seen, token="another").messages.create(to=ANA, from_=CLINIC, body="Hello")
        assert [message["recipient"] for message in inside.sms()] == [ANA]
        assert [row["code"] for row in inside.sms_refused()] == [20003]
        inside.forget()
        assert inside.sms() == []


def test_many_at_once_are_all_taken_and_all_told(sandbox: Running) -> None:
    with hook() as web, ThreadPoolExecutor(8) as pool:
        api = client(sandbox)

        def one(number: int) -> None:
            to = f"+346001{number:05}"
            api.messages.create(to=to, from_=CLINIC, body="Hello", status_callback=web.url)

        list(pool.map(one, range(200)))
        eventually(lambda: len(web.told) == 600, 20)
    assert len({message["recipient"] for message in taken(sandbox)}) == 200
    assert refused(sandbox) == []
