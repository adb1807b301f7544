"""Does the sandbox tell of statuses as the vendor does: signed, in order, and astray only on command?"""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from .client import Running, eventually
from .sms_client import ACCOUNT, ANA, BO, CLINIC, SERVICE, Hook, arrived, called, hook, send, valid

ALL = ("sending", "sent", "delivered")


def test_every_change_after_the_first_status_is_told_in_order_and_rightly_signed(sandbox: Running) -> None:
    with hook() as web:
        message = send(sandbox, status_callback=web.url)
        eventually(lambda: web.heard(*ALL))
    last = web.told[-1]
    assert len(last.pop("RawDlrDoneDate")) == 10
    assert last == {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": "delivered",
        "SmsStatus": "delivered",
        "To": ANA,
        "From": CLINIC,
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
    }


def test_the_signature_is_one_that_the_vendors_validator_can_refuse() -> None:
    assert not valid("http://127.0.0.1/x", {"A": "1"}, {"X-Twilio-Signature": "AAAA"})


def test_a_messaging_service_is_named_and_its_queue_is_told(sandbox: Running) -> None:
    with hook() as web:
        send(sandbox, messaging_service_sid=SERVICE, status_callback=web.url)
        eventually(lambda: web.heard("queued", *ALL))
    assert {form["MessagingServiceSid"] for form in web.told} == {SERVICE}


@pytest.mark.parametrize("code", [30003, 30005, 30006])
def test_an_undelivered_message_names_its_error(sandbox: Running, code: int) -> None:
    sandbox.fault("sms_undelivered", recipient=ANA, code=code)
    with hook() as web:
        message = send(sandbox, status_callback=web.url)
        send(sandbox, BO)
        eventually(lambda: web.heard("sending", "sent", "undelivered"))
    assert web.told[-1]["ErrorCode"] == str(code)
    assert "ErrorCode" not in web.told[0]
    later = message.fetch()
    assert (later.status, later.error_code) == ("undelivered", code)
    assert {row["recipient"]: row["status"] for row in arrived(sandbox, 2)} == {ANA: "undelivered", BO: "delivered"}


def test_a_message_that_was_never_sent_has_failed(sandbox: Running) -> None:
    sandbox.fault("sms_undelivered", code=30036)
    with hook() as web:
        message = send(sandbox, status_callback=web.url)
        eventually(lambda: web.heard("failed"))
    assert (message.fetch().status, message.fetch().date_sent) == ("failed", None)


def test_callbacks_come_twice_on_command(sandbox: Running) -> None:
    sandbox.fault("callback_duplicate", times=1)
    with hook() as web:
        send(sandbox, status_callback=web.url)
        eventually(lambda: web.heard("sending", "sending", "sent", "sent", "delivered", "delivered"))


def disorder(sandbox: Running, seed: int) -> tuple[str, ...]:
    """The order in which one message's callbacks come with this seed."""
    sandbox.control("DELETE", "faults")
    sandbox.fault("callback_disorder", seed=seed)
    with hook() as web:
        send(sandbox, status_callback=web.url)
        eventually(lambda: len(web.told) == 3)
    return tuple(web.statuses())


def test_callbacks_come_in_every_wrong_order_on_command(sandbox: Running) -> None:
    orders = [disorder(sandbox, seed) for seed in range(5)]
    assert orders[0] == ALL[::-1]
    assert len(set(orders)) == 5
    assert ALL not in orders


def test_callbacks_come_late_on_command_and_statuses_do_not(sandbox: Running) -> None:
    sandbox.fault("callback_delay", seconds=0.6)
    with hook() as web:
        send(sandbox, status_callback=web.url)
        arrived(sandbox)
        assert web.told == []
        eventually(lambda: web.heard(*ALL))
    assert web.moments[-1] - web.moments[0] < 0.6


def test_callbacks_come_before_the_answer_on_command(sandbox: Running) -> None:
    sandbox.fault("callback_before_response")
    with hook() as web:
        for _ in range(20):
            message = send(sandbox, status_callback=web.url)
            assert message.status == "queued"
            assert [form["MessageStatus"] for form in web.told if form["MessageSid"] == message.sid] == list(ALL)


def test_no_callbacks_come_on_command(sandbox: Running) -> None:
    sandbox.fault("callback_none", recipient=ANA)
    with hook() as web:
        send(sandbox, status_callback=web.url)
        send(sandbox, BO, status_callback=web.url)
        arrived(sandbox, 2)
        eventually(lambda: len(web.told) == 3)
    assert {form["To"] for form in web.told} == {BO}
    assert len(called(sandbox)) == 3


def test_faults_of_callbacks_go_together(sandbox: Running) -> None:
    for kind in ("callback_disorder", "callback_duplicate", "callback_before_response"):
        sandbox.fault(kind)
    with hook() as web:
        send(sandbox, status_callback=web.url)
        assert web.heard("delivered", "delivered", "sent", "sent", "sending", "sending")
    [message] = arrived(sandbox)
    assert set(message["fault"].split(", ")) == {
        "callback_disorder",
        "callback_duplicate",
        "callback_before_response",
    }


def test_an_answer_that_is_an_error_is_not_asked_again(sandbox: Running) -> None:
    with hook() as web:
        web.status = 503
        send(sandbox, status_callback=web.url)
        calls = eventually(lambda: len(called(sandbox)) == 3 and called(sandbox))
    assert {(call["answered"], call["connections"], call["error"]) for call in calls} == {(503, 1, None)}
    assert web.heard(*ALL)


def test_a_connection_that_fails_is_tried_once_more(sandbox: Running) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        send(sandbox, status_callback=f"http://127.0.0.1:{closed.getsockname()[1]}/")
        calls: list[dict[str, Any]] = eventually(lambda: len(called(sandbox)) == 3 and called(sandbox))
    assert {(call["answered"], call["connections"]) for call in calls} == {(None, 2)}
    assert {call["error"] for call in calls} == {"ClientConnectorError"}


def test_a_hook_that_heard_and_hung_up_is_not_asked_again(sandbox: Running) -> None:
    with hook() as web:
        web.status = None
        send(sandbox, status_callback=web.url)
        calls = eventually(lambda: len(called(sandbox)) == 3 and called(sandbox))
    assert {(call["answered"], call["connections"]) for call in calls} == {(None, 1)}
    assert web.heard(*ALL)


def test_a_hook_that_does_not_answer_does_not_hold_the_message_up(sandbox: Running) -> None:
    with hook() as web:
        web.gate = threading.Event()
        send(sandbox, status_callback=web.url)
        arrived(sandbox)
        assert web.heard("sending")
        web.gate.set()
        eventually(lambda: web.heard(*ALL))


def test_hooks_of_many_messages_are_called_side_by_side(sandbox: Running) -> None:
    def together(web: Hook) -> bool:
        return len({form["MessageSid"] for form in web.told}) == 10

    with hook() as web:
        web.gate = threading.Event()
        for number in range(10):
            send(sandbox, f"+3460000000{number}", status_callback=web.url)
        eventually(lambda: together(web))
        web.gate.set()
        eventually(lambda: len(web.told) == 30)
