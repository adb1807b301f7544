"""Does the mail server take mail as a real one does?"""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest

from .client import PASSWORD, Running, eventually, text_mail


def test_a_mail_sent_over_starttls_and_auth_is_recorded_word_for_word(sandbox: Running) -> None:
    body = ".a line that begins with a dot\r\n..two dots\r\nno more."
    raw = text_mail("ana@example.org", "Cita", body)
    with sandbox.login("clinic-1") as client:
        client.sendmail("clinic@example.org", ["ana@example.org"], raw)
    [message] = sandbox.messages()
    assert (message["account"], message["mail_from"]) == ("clinic-1", "clinic@example.org")
    assert (message["recipient"], message["subject"]) == ("ana@example.org", "Cita")
    assert (message["message_id"], message["bytes"]) == ("<Cita@example.org>", len(raw))
    assert (message["accepted"], message["kept"], message["code"]) == (True, True, 250)
    assert (message["phase"], message["fault"]) == ("reply", None)
    assert message["body_hash"] == hashlib.sha256(f"{body}\r\n".encode()).hexdigest()
    assert message["headers"]["From"] == "Clinic <clinic@example.org>"
    assert sandbox.control("GET", f"truth/{message['id']}")["text"].splitlines() == body.split("\r\n")


@pytest.mark.parametrize("text", [b"", b".\r\n", b"a.", b"\r\n.\r\n", b"x" * 300_000, b"ends with a dot.\r\n"])
def test_texts_of_awkward_shape_arrive_whole(sandbox: Running, text: bytes) -> None:
    with sandbox.login() as client:
        client.sendmail("clinic@example.org", ["ana@example.org"], text)
        client.sendmail("clinic@example.org", ["after@example.org"], b"Subject: next\r\n\r\n")
    first, second = sandbox.messages()
    assert first["bytes"] == len(text if text.endswith(b"\r\n") else text + b"\r\n")
    assert second["subject"] == "next"


def test_a_mail_to_two_patients_is_two_records(sandbox: Running) -> None:
    with sandbox.login() as client:
        client.sendmail("clinic@example.org", ["Ana@example.org", "bo@example.org"], b"Subject: x\r\n\r\n")
    assert [message["recipient"] for message in sandbox.messages()] == ["Ana@example.org", "bo@example.org"]


def test_a_wrong_password_is_refused_with_535_and_recorded(sandbox: Running) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        sandbox.login("clinic-1", "wrong")
    assert refused.value.smtp_code == 535
    first = sandbox.attempts()[0]
    assert (first["phase"], first["code"], first["account"]) == ("auth", 535, "clinic-1")
    session = eventually(lambda: sandbox.control("GET", "truth/sessions")["sessions"])[0]
    assert (session["logins"], session["messages"]) == (0, 0)
    assert session["logins_refused"] >= 1


@pytest.mark.parametrize("mechanism", ["auth_login", "auth_plain"])
def test_both_login_mechanisms_work(sandbox: Running, mechanism: str) -> None:
    client = smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5)
    client.starttls(context=ssl.create_default_context(cafile=str(sandbox.folder / "ca.pem")))
    client.ehlo()
    client.user, client.password = "clinic-1", PASSWORD
    code, _ = client.auth(mechanism.removeprefix("auth_").upper(), getattr(client, mechanism))
    client.quit()
    assert code == 235


def test_nothing_goes_without_tls_nor_without_a_login(sandbox: Running) -> None:
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5) as client:
        client.ehlo()
        assert "auth" not in client.esmtp_features
        assert client.docmd("AUTH", "PLAIN AGEAYg==")[0] == 530
        assert client.mail("clinic@example.org")[0] == 530
        client.starttls(context=ssl.create_default_context(cafile=str(sandbox.folder / "ca.pem")))
        client.ehlo()
        assert client.mail("clinic@example.org")[0] == 530


def test_a_client_that_does_not_trust_the_certificate_sends_nothing(sandbox: Running) -> None:
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5) as client, pytest.raises(ssl.SSLError):
        client.starttls(context=ssl.create_default_context())
    assert eventually(sandbox.attempts)[0]["phase"] == "tls"


def test_a_client_that_leaves_in_the_middle_is_recorded_with_its_phase(sandbox: Running) -> None:
    client = sandbox.login()
    client.mail("clinic@example.org")
    client.rcpt("ana@example.org")
    client.docmd("DATA")
    client.send(b"Subject: half a m")
    client.close()
    [attempt] = eventually(sandbox.attempts)
    assert (attempt["phase"], attempt["code"], attempt["recipient"]) == ("data", None, "ana@example.org")
    assert sandbox.messages() == []


def test_a_malformed_address_is_refused_and_the_connection_goes_on(sandbox: Running) -> None:
    with sandbox.login() as client:
        client.mail("clinic@example.org")
        assert client.docmd("RCPT", "TO:<@@@>")[0] == 553
        assert client.rcpt("ana@example.org")[0] == 250


def test_a_thousand_mails_over_fifty_connections_are_all_recorded(sandbox: Running) -> None:
    def converse(number: int) -> None:
        with sandbox.login(f"clinic-{number}") as client:
            for mail in range(20):
                recipient = f"p{number}-{mail}@example.org"
                client.sendmail("clinic@example.org", [recipient], text_mail(recipient, "Hello"))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(converse, range(50)))
    expected = {f"p{number}-{mail}@example.org" for number in range(50) for mail in range(20)}
    messages = sandbox.messages()
    assert len(messages) == 1000
    assert {message["recipient"] for message in messages} == expected
    assert sandbox.control("GET", "truth/count")["accepted"] == 1000
    page = sandbox.control("GET", f"truth?since={messages[9]['id']}&limit=5")["messages"]
    assert page == messages[10:15]


def test_five_hundred_connections_stay_open_at_once(sandbox: Running) -> None:
    clients = [socket.create_connection(("127.0.0.1", sandbox.smtp_port), timeout=5) for _ in range(500)]
    try:
        assert all(client.recv(4) == b"220 " for client in clients)
    finally:
        for client in clients:
            client.close()
