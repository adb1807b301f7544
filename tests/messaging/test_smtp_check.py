"""The try of an e-mail account, over a real server that misbehaves on command."""

import socket
from dataclasses import replace
from typing import Any

import pytest

from messaging.outcomes import FailureKind
from messaging.providers import Account, smtp
from messaging.providers import smtp_check as module
from messaging.providers.smtp_check import Checked, Step, check
from sandbox.server import Sandbox


@pytest.fixture
def account(mail_server: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Account:
    mail_server.faults.clear()
    settings.SMTP_CA_FILE = str(mail_server.ca_file)
    settings.MESSAGING_ALLOWED_PRIVATE_TARGETS = [f"127.0.0.1:{mail_server.smtp_port}"]
    settings.SMTP_TIMEOUT_SECONDS = 2
    monkeypatch.setattr(module, "LEAST_SECONDS", 0.0)
    smtp._tls.cache_clear()
    return Account(
        key="k", provider="smtp", address="citas@correo.example", display_name="", host="localhost",
        port=mail_server.smtp_port, security="starttls", username="citas@correo.example", secret="secreto",
    )  # fmt: skip


@pytest.mark.feature(151, 152)
def test_an_account_that_works_passes_every_step_and_nothing_is_sent(account: Account, mail_server: Sandbox) -> None:
    before = len(mail_server.truth())
    assert check(account) == Checked(None)
    assert len(mail_server.truth()) == before


@pytest.mark.feature(152)
def test_a_wrong_password_fails_at_the_log_in_with_the_replys_number(account: Account) -> None:
    assert check(replace(account, secret="falso")) == Checked(Step.LOGIN, FailureKind.AUTH_REFUSED, "535")


@pytest.mark.feature(152)
@pytest.mark.parametrize(
    ("fault", "step"),
    [
        ("refuse_connect", Step.CONNECT), ("silent_banner", Step.CONNECT), ("reply_421", Step.CONNECT),
        ("auth_535", Step.LOGIN), ("drop_at_mail", Step.FROM),
    ],
)  # fmt: skip
def test_what_a_server_can_do_fails_at_its_step(account: Account, mail_server: Sandbox, fault: str, step: Step) -> None:
    mail_server.faults.command({"fault": fault})
    assert check(account).failed_at is step


@pytest.mark.feature(145)
def test_encryption_that_the_server_does_not_speak_fails_at_its_step(account: Account) -> None:
    assert check(replace(account, security="ssl")).failed_at is Step.TLS


def test_a_certificate_that_nobody_vouches_for_fails_at_encryption(account: Account, settings: Any) -> None:
    settings.SMTP_CA_FILE = ""
    smtp._tls.cache_clear()
    assert check(account).failed_at is Step.TLS
    smtp._tls.cache_clear()


def test_a_port_at_which_nobody_listens_fails_at_the_connection(account: Account, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.MESSAGING_ALLOWED_PRIVATE_TARGETS = [f"127.0.0.1:{port}"]
    assert check(replace(account, port=port)).failed_at is Step.CONNECT


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "169.254.169.254", "[::1]", "no-such.invalid"]
)
def test_a_host_inside_and_one_that_nobody_knows_answer_alike(account: Account, host: str) -> None:
    assert check(replace(account, host=host, port=587)) == Checked(Step.NAME, FailureKind.TARGET_REFUSED)


def test_a_refused_name_never_answers_at_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(module, "LEAST_SECONDS", 2.0)
    monkeypatch.setattr("messaging.providers.smtp_check.time.sleep", waited.append)
    check(replace(account, host="127.0.0.1", port=587))
    assert len(waited) == 1 and 1.0 < waited[0] <= 2.0


def test_a_server_that_never_comes_to_an_end_is_given_up(
    account: Account, mail_server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SECONDS", 0.1)
    mail_server.faults.command({"fault": "silent_banner"})
    assert check(account) == Checked(Step.CONNECT, FailureKind.UNREACHABLE)
