"""Does each commanded fault of the Messages API behave as promised, and does the record tell what really happened?"""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException

from .client import Running, eventually
from .sms_client import ACCOUNT, ANA, BO, CLINIC, arrived, client, hook, refused, send, taken

ALL = ("sending", "sent", "delivered")


def only_taken(sandbox: Running) -> dict[str, Any]:
    """The one message that went out; nothing was refused."""
    [message] = arrived(sandbox)
    assert refused(sandbox) == []
    assert message["kept"]
    return dict(message)


def only_refused(sandbox: Running) -> dict[str, Any]:
    """The one request that was not granted; nothing went out."""
    [row] = refused(sandbox)
    assert taken(sandbox) == []
    return dict(row)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("sms_429", 429, 20429),
        ("sms_500_not_sent", 500, 20500),
        ("sms_21211", 400, 21211),
        ("sms_21614", 400, 21614),
        ("sms_21610", 400, 21610),
        ("sms_21606", 400, 21606),
    ],
)
def test_an_error_is_answered_with_its_code_and_nothing_is_sent(
    sandbox: Running, kind: str, status: int, code: int
) -> None:
    sandbox.fault(kind, recipient="+3460011*", times=1)
    with pytest.raises(TwilioRestException) as wrong:
        send(sandbox)
    assert (wrong.value.status, wrong.value.code) == (status, code)
    row = only_refused(sandbox)
    assert (row["answered"], row["code"], row["fault"], row["recipient"]) == (status, code, kind, ANA)
    assert (row["account"], row["sender"], row["request"]) == (ACCOUNT, CLINIC, "create")
    send(sandbox)  # used up


def test_a_500_that_was_sent_goes_out_and_is_told_of(sandbox: Running) -> None:
    sandbox.fault("sms_500_sent")
    with hook() as web:
        with pytest.raises(TwilioRestException) as wrong:
            send(sandbox, status_callback=web.url)
        eventually(lambda: web.heard(*ALL))
    assert (wrong.value.status, wrong.value.code) == (500, 20500)
    message = only_taken(sandbox)
    assert (message["answered"], message["accepted"], message["fault"]) == (500, False, "sms_500_sent")
    [found] = client(sandbox).messages.list(to=ANA, from_=CLINIC)
    assert found.sid == message["sid"]


def test_a_timeout_that_was_sent_goes_out_unanswered(sandbox: Running) -> None:
    sandbox.fault("sms_timeout_sent")
    with hook() as web:
        with pytest.raises(requests.exceptions.ReadTimeout):
            send(sandbox, status_callback=web.url, timeout=0.3)
        eventually(lambda: web.heard(*ALL))
    message = only_taken(sandbox)
    assert (message["answered"], message["accepted"], message["fault"]) == (None, False, "sms_timeout_sent")


def test_a_timeout_that_was_not_sent_leaves_nothing(sandbox: Running) -> None:
    sandbox.fault("sms_timeout_not_sent")
    with pytest.raises(requests.exceptions.ReadTimeout):
        send(sandbox, timeout=0.3)
    row = only_refused(sandbox)
    assert (row["answered"], row["code"], row["fault"]) == (None, None, "sms_timeout_not_sent")


def test_a_hang_ends_after_its_seconds_without_an_answer(sandbox: Running) -> None:
    sandbox.fault("sms_timeout_not_sent", seconds=0.3)
    begun = time.monotonic()
    with pytest.raises(requests.exceptions.ConnectionError):
        send(sandbox)
    assert time.monotonic() - begun >= 0.3


def test_a_reset_that_was_sent_goes_out(sandbox: Running) -> None:
    sandbox.fault("sms_reset_sent")
    with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer"):
        send(sandbox)
    message = only_taken(sandbox)
    assert (message["answered"], message["fault"]) == (None, "sms_reset_sent")


def test_a_reset_that_was_not_sent_leaves_nothing(sandbox: Running) -> None:
    sandbox.fault("sms_reset_not_sent")
    with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer"):
        send(sandbox)
    row = only_refused(sandbox)
    assert (row["answered"], row["fault"]) == (None, "sms_reset_not_sent")


def test_slow_takes_the_message_at_once_and_answers_late(sandbox: Running) -> None:
    sandbox.fault("sms_slow", seconds=0.5)
    begun = time.monotonic()
    with hook() as web:
        assert send(sandbox, status_callback=web.url).status == "queued"
        assert time.monotonic() - begun >= 0.5
        eventually(lambda: web.heard(*ALL))
        assert web.moments[0] - begun < 0.5
    assert only_taken(sandbox)["answered"] == 201


def test_a_client_that_gives_up_on_a_slow_answer_was_not_answered(sandbox: Running) -> None:
    sandbox.fault("sms_slow", seconds=30)
    with pytest.raises(requests.exceptions.ReadTimeout):
        send(sandbox, timeout=0.3)
    message = only_taken(sandbox)
    assert (message["answered"], message["fault"]) == (None, "sms_slow")


def test_slow_goes_together_with_an_error(sandbox: Running) -> None:
    sandbox.fault("sms_429")
    sandbox.fault("sms_slow", seconds=0.2)
    begun = time.monotonic()
    with pytest.raises(TwilioRestException) as wrong:
        send(sandbox)
    assert wrong.value.code == 20429
    assert time.monotonic() - begun >= 0.2


def test_a_fault_strikes_its_account_and_number_only(sandbox: Running) -> None:
    sandbox.fault("sms_500_not_sent", account=f"{ACCOUNT[:6]}*", recipient="*222")
    send(sandbox, BO)
    other = client(sandbox, "AC" + "9" * 32)
    other.messages.create(to=ANA, from_=CLINIC, body="Hello")
    with pytest.raises(TwilioRestException):
        send(sandbox, ANA)
    assert len(taken(sandbox)) == 2


def test_a_fault_of_the_mails_does_not_strike_an_sms(sandbox: Running) -> None:
    for kind in ("refuse_connect", "reply_421", "defer_rcpt", "drop_after_dot"):
        sandbox.fault(kind)
    send(sandbox)
    assert {fault["struck"] for fault in sandbox.control("GET", "faults")["faults"]} == {0}


def test_a_probable_fault_strikes_the_same_numbers_for_the_same_seed(sandbox: Running) -> None:
    struck = []
    for _ in range(2):
        sandbox.control("DELETE", "faults")
        sandbox.control("DELETE", "truth/sms")
        sandbox.fault("sms_429", probability=0.3, seed=7)
        api = client(sandbox)
        for number in range(30):
            try:
                api.messages.create(to=f"+346000000{number:02}", from_=CLINIC, body="Hello")
            except TwilioRestException as wrong:
                assert wrong.code == 20429
        struck.append({row["recipient"] for row in refused(sandbox)})
    assert struck[0] == struck[1]
    assert 2 <= len(struck[0]) <= 20


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"fault": "sms_slow"}, "seconds"),
        ({"fault": "callback_delay"}, "seconds"),
        ({"fault": "sms_undelivered", "code": 21211}, "30003"),
        ({"fault": "sms_429", "code": 30003}, "none, for this fault"),
        ({"fault": "sms_undelivered", "code": "30003"}, "whole number"),
    ],
)
def test_a_senseless_command_is_refused_with_a_reason(sandbox: Running, wish: dict[str, Any], word: str) -> None:
    answer = sandbox.ask("POST", "/control/faults", wish, {"X-Sandbox-Token": "sandbox-token"})
    assert answer.status == 400
    assert word in answer.json["error"]


def test_messages_that_cannot_be_looked_up_are_sent_all_the_same(sandbox: Running) -> None:
    message = send(sandbox)
    sandbox.fault("sms_lookup_500", times=2)
    for look in (client(sandbox).messages.list, client(sandbox).messages(message.sid).fetch):
        with pytest.raises(TwilioException, match="An internal server error"):
            look()
    send(sandbox)
    assert len(client(sandbox).messages.list()) == 2  # the fault is used up
