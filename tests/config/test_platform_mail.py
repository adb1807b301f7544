"""Mail to staff: it leaves by the platform's account, and a mail server that is away breaks no page."""

from typing import Any

import pytest
from django.core.mail import get_connection, send_mail
from django.test import Client

from clinics.models import User
from sandbox.server import Sandbox

BACKEND = "config.platform_mail.PlatformMail"


@pytest.fixture
def platform(settings: Any, mail_server: Sandbox) -> Sandbox:
    """The platform's account lies at the sandbox, whose certificate only SMTP_CA_FILE vouches for."""
    mail_server.faults.clear()
    settings.EMAIL_BACKEND, settings.EMAIL_USE_TLS = BACKEND, True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.smtp_port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "platform", "secreto"
    settings.SMTP_CA_FILE = str(mail_server.ca_file)
    return mail_server


def mails_to(server: Sandbox, address: str) -> list[dict[str, Any]]:
    return [mail for mail in server.truth() if mail["recipient"] == address]


def test_it_leaves_encrypted_over_the_platforms_account(platform: Sandbox) -> None:
    send_mail("Subject", "Text", "avisa@platform.example", ["one@staff.example"], connection=get_connection(BACKEND))
    [mail] = mails_to(platform, "one@staff.example")
    assert (mail["account"], mail["subject"]) == ("platform", "Subject")


@pytest.mark.django_db
def test_a_password_reset_arrives(platform: Sandbox) -> None:
    User.objects.create_user("reset@staff.example", "una-clave-larga")
    answer = Client().post("/accounts/password/reset/", {"email": "reset@staff.example"})
    assert answer.status_code == 302
    assert len(mails_to(platform, "reset@staff.example")) == 1


@pytest.mark.django_db
def test_a_mail_server_that_is_away_breaks_no_page_and_tells_nothing(platform: Sandbox, settings: Any) -> None:
    settings.EMAIL_PORT = 9
    User.objects.create_user("known@staff.example", "una-clave-larga")
    answers = [
        Client().post("/accounts/password/reset/", {"email": email})
        for email in ("known@staff.example", "unknown@staff.example")
    ]
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (302, answers[0].headers["Location"])
    ] * 2
