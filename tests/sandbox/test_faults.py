"""Does each commanded fault behave as promised, and does the record tell what really happened?"""

from __future__ import annotations

import smtplib
import socket
import time
from typing import Any

import pytest

from .client import Running, eventually, hung_up, text_mail

ANA = "ana@example.org"


def connect(sandbox: Running, timeout: float = 5) -> socket.socket:
    return socket.create_connection(("127.0.0.1", sandbox.smtp_port), timeout=timeout)


def up_to_the_dot(sandbox: Running) -> smtplib.SMTP:
    """A client whose text and final dot are written and whose answer is not yet read."""
    client = sandbox.login()
    client.mail("clinic@example.org")
    client.rcpt(ANA)
    client.docmd("DATA")
    client.send(text_mail(ANA, "Hello") + b".\r\n")
    return client


def only_attempt(sandbox: Running) -> dict[str, Any]:
    """The one attempt recorded; no message was."""
    [attempt] = eventually(sandbox.attempts)
    assert sandbox.messages() == []
    return dict(attempt)


def test_refuse_connect_closes_before_the_banner(sandbox: Running) -> None:
    sandbox.fault("refuse_connect", times=1)
    with connect(sandbox) as client:
        assert hung_up(client)
    attempt = only_attempt(sandbox)
    assert (attempt["phase"], attempt["code"], attempt["fault"]) == ("connect", None, "refuse_connect")
    sandbox.send(ANA)  # used up: the next connection is served


def test_silent_banner_says_nothing_until_its_seconds_are_over(sandbox: Running) -> None:
    sandbox.fault("silent_banner", seconds=0.8, times=1)
    with connect(sandbox, timeout=0.1) as client:
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(5)
        assert hung_up(client)
    assert only_attempt(sandbox)["fault"] == "silent_banner"


def test_reply_421_greets_with_421_and_closes(sandbox: Running) -> None:
    sandbox.fault("reply_421", times=1)
    with pytest.raises(smtplib.SMTPConnectError) as refused:
        sandbox.login()
    assert refused.value.smtp_code == 421
    assert (only_attempt(sandbox)["code"], only_attempt(sandbox)["fault"]) == (421, "reply_421")


def test_reply_421_also_ends_a_kept_connection(sandbox: Running) -> None:
    client = sandbox.login("clinic-1")
    sandbox.fault("reply_421", account="clinic-1", times=1)
    assert client.mail("clinic@example.org")[0] == 421
    assert client.sock is not None
    assert hung_up(client.sock)
    client.close()
    assert only_attempt(sandbox)["phase"] == "mail"


def test_auth_535_refuses_the_right_password_on_every_mechanism_of_the_connection(sandbox: Running) -> None:
    sandbox.fault("auth_535", account="clinic-*", times=1)
    sandbox.login("other").close()
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        sandbox.login("clinic-1")
    assert refused.value.smtp_code == 535
    assert {attempt["account"] for attempt in sandbox.attempts()} == {"clinic-1"}
    sandbox.login("clinic-1").close()


def test_drop_at_mail(sandbox: Running) -> None:
    sandbox.fault("drop_at_mail")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        sandbox.send(ANA)
    attempt = only_attempt(sandbox)
    assert (attempt["phase"], attempt["code"], attempt["mail_from"]) == ("mail", None, "clinic@example.org")


@pytest.mark.parametrize(("kind", "code"), [("defer_rcpt", 450), ("refuse_rcpt", 550)])
def test_a_refused_recipient_gets_its_code_and_leaves_one_record(sandbox: Running, kind: str, code: int) -> None:
    sandbox.fault(kind, recipient="ana@*")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        sandbox.send("Ana@Example.org")
    assert refused.value.recipients["Ana@Example.org"][0] == code
    attempt = only_attempt(sandbox)
    assert (attempt["phase"], attempt["code"], attempt["fault"]) == ("rcpt", code, kind)
    assert attempt["recipient"] == "Ana@Example.org"


@pytest.mark.parametrize("kind", ["drop_at_data", "drop_mid_data"])
def test_a_drop_at_or_amid_the_text_keeps_nothing(sandbox: Running, kind: str) -> None:
    sandbox.fault(kind, recipient=ANA)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        sandbox.send(ANA)
    attempt = only_attempt(sandbox)
    assert (attempt["phase"], attempt["code"], attempt["fault"]) == ("data", None, kind)


@pytest.mark.parametrize(("kind", "code"), [("defer_after_dot", 451), ("refuse_after_dot", 554)])
def test_a_refusal_after_the_dot_is_recorded_as_not_accepted_and_not_kept(
    sandbox: Running, kind: str, code: int
) -> None:
    sandbox.fault(kind, recipient=ANA, times=1)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        sandbox.send(ANA)
    assert refused.value.smtp_code == code
    [message] = sandbox.messages()
    assert (message["accepted"], message["kept"], message["code"]) == (False, False, code)
    assert (message["phase"], message["fault"]) == ("reply", kind)
    assert sandbox.attempts() == []


def test_drop_after_dot_keeps_the_mail(sandbox: Running) -> None:
    sandbox.fault("drop_after_dot")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        sandbox.send(ANA)
    [message] = sandbox.messages()
    assert (message["accepted"], message["kept"], message["code"]) == (False, True, None)
    assert (message["phase"], message["fault"]) == ("dot", "drop_after_dot")


def test_hang_after_dot_keeps_the_mail_and_never_answers(sandbox: Running) -> None:
    sandbox.fault("hang_after_dot", seconds=0.8)
    with up_to_the_dot(sandbox) as client:
        assert client.sock is not None
        client.sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.sock.recv(1)
        [message] = sandbox.messages()
        assert (message["accepted"], message["kept"], message["phase"]) == (False, True, "dot")
        client.sock.settimeout(5)
        assert hung_up(client.sock)
        client.close()


def test_a_hang_ends_when_the_client_goes(sandbox: Running) -> None:
    sandbox.fault("hang_after_dot")
    up_to_the_dot(sandbox).close()
    [session] = eventually(lambda: sandbox.control("GET", "truth/sessions")["sessions"])
    assert (session["phase"], session["messages"]) == ("dot", 1)


@pytest.mark.parametrize("kind", ["drop_at_quit", "hang_at_quit"])
def test_a_fault_at_quit_comes_after_an_accepted_mail(sandbox: Running, kind: str) -> None:
    sandbox.fault(kind, recipient=ANA, seconds=0.2)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        sandbox.send(ANA)
    assert [message["accepted"] for message in sandbox.messages()] == [True]
    assert [(attempt["phase"], attempt["fault"]) for attempt in sandbox.attempts()] == [("quit", kind)]


def test_slow_answers_late_and_accepts(sandbox: Running) -> None:
    sandbox.fault("slow", seconds=0.2, recipient=ANA)
    begun = time.monotonic()
    with up_to_the_dot(sandbox) as client:
        [message] = eventually(sandbox.messages)
        assert (message["accepted"], message["kept"], message["phase"]) == (False, True, "dot")
        assert client.getreply()[0] == 250
    assert time.monotonic() - begun >= 0.2
    [message] = sandbox.messages()
    assert (message["accepted"], message["code"], message["phase"]) == (True, 250, "reply")


def test_a_client_that_gives_up_on_a_slow_server_was_not_answered(sandbox: Running) -> None:
    sandbox.fault("slow", seconds=30)
    up_to_the_dot(sandbox).close()
    eventually(lambda: sandbox.control("GET", "truth/sessions")["sessions"])
    [message] = sandbox.messages()
    assert (message["accepted"], message["kept"], message["code"]) == (False, True, None)


def test_slow_goes_together_with_another_fault_after_the_dot(sandbox: Running) -> None:
    sandbox.fault("refuse_after_dot", times=1)
    sandbox.fault("slow", seconds=0.05)
    with pytest.raises(smtplib.SMTPDataError):
        sandbox.send(ANA)
    [message] = sandbox.messages()
    assert (message["accepted"], message["kept"], message["code"]) == (False, False, 554)


def test_times_counts_down_and_the_fault_goes(sandbox: Running) -> None:
    sandbox.fault("defer_after_dot", times=2)
    for left in (1, 0):
        with pytest.raises(smtplib.SMTPDataError):
            sandbox.send(ANA)
        in_force = sandbox.control("GET", "faults")["faults"]
        assert [fault["left"] for fault in in_force] == ([left] if left else [])
    sandbox.send(ANA)


def test_the_newest_fitting_fault_wins_and_can_be_lifted(sandbox: Running) -> None:
    sandbox.fault("defer_rcpt")
    newest = sandbox.fault("refuse_rcpt", recipient=ANA)
    with sandbox.login() as client:
        client.mail("clinic@example.org")
        assert client.rcpt(ANA)[0] == 550
        assert client.rcpt("bo@example.org")[0] == 450
        sandbox.control("DELETE", f"faults/{newest}")
        assert client.rcpt(ANA)[0] == 450
        sandbox.control("DELETE", "faults")
        assert client.rcpt(ANA)[0] == 250


def struck_by_seed(sandbox: Running, seed: int, backwards: bool) -> set[str]:
    """Which of a hundred recipients a probable fault of this seed strikes."""
    sandbox.control("DELETE", "faults")
    sandbox.control("DELETE", "truth")
    sandbox.fault("refuse_rcpt", probability=0.2, seed=seed)
    numbers = list(range(100))
    with sandbox.login() as client:
        client.mail("clinic@example.org")
        for number in reversed(numbers) if backwards else numbers:
            client.rcpt(f"p{number}@example.org")
    return {attempt["recipient"] for attempt in sandbox.attempts() if attempt["code"] == 550}


def test_a_probable_fault_strikes_the_same_mails_for_the_same_seed_in_any_order(sandbox: Running) -> None:
    first = struck_by_seed(sandbox, 7, backwards=False)
    assert 5 <= len(first) <= 40
    assert struck_by_seed(sandbox, 7, backwards=True) == first
    assert struck_by_seed(sandbox, 8, backwards=False) != first


def test_each_strikes_every_recipient_so_often_and_goes_on_with_the_others(sandbox: Running) -> None:
    sandbox.fault("refuse_rcpt", each=2)
    with sandbox.login() as client:
        client.mail("clinic@example.org")
        codes = [client.rcpt(whom)[0] for whom in (ANA, "bo@example.org", ANA, ANA, "bo@example.org", ANA)]
    assert codes == [550, 550, 550, 250, 550, 250]


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"fault": "nonsense"}, "must be one of"),
        ({}, "must be one of"),
        ({"fault": "slow"}, "seconds"),
        ({"fault": "drop_at_mail", "recipient": "a@*"}, "before the recipient is known"),
        ({"fault": "refuse_connect", "account": "clinic"}, "before the account is known"),
        ({"fault": "defer_rcpt", "times": 0}, "times"),
        ({"fault": "defer_rcpt", "times": True}, "times"),
        ({"fault": "defer_rcpt", "each": 0}, "each"),
        ({"fault": "defer_rcpt", "probability": 1.5}, "probability"),
        ({"fault": "defer_rcpt", "recipient": 5}, "recipient"),
        ({"fault": "defer_rcpt", "recipent": "a@*"}, "recipent"),
        ([], "object"),
    ],
)
def test_a_senseless_command_is_refused_with_a_reason(sandbox: Running, wish: object, word: str) -> None:
    token = {"X-Sandbox-Token": "sandbox-token"}
    answer = sandbox.ask("POST", "/control/faults", wish, token)
    assert answer.status == 400
    assert word in answer.json["error"]
    assert sandbox.control("GET", "faults") == {"faults": []}
