"""What the comparisons stand on: lanes, a mail and SMS sandbox in this process, and a clinic on both sides."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from clinics.models import User
from messaging.providers import twilio
from reminders import drain
from reminders.lanes import Lanes
from sandbox.server import Sandbox
from tests.forecast.begin import begin_pair
from tests.forecast.pair import Pair
from tests.forecast.standing_clock import let_go


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes(threads=2, lease_seconds=600)
    yield made
    made.close()


@pytest.fixture
def outside(
    settings: Any, mail_server: Sandbox, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """The product's senders reach the sandbox, and its clock may be made to stand."""
    settings.SMTP_CA_FILE = str(mail_server.ca_file)
    settings.MESSAGING_ALLOWED_PRIVATE_TARGETS = [f"127.0.0.1:{mail_server.smtp_port}"]
    settings.LEASE_SECONDS = 600  # no claim is lost on a slow machine
    monkeypatch.setattr(drain, "PLAN_SECONDS", 600)  # nor is anything sent there before all is planned
    monkeypatch.setattr(drain, "WALK_FIRST_SECONDS", 600)
    settings.TWILIO_BASE_URL = f"http://127.0.0.1:{mail_server.http_port}"
    twilio._http.cache_clear()
    yield mail_server
    let_go()
    mail_server.forget()
    twilio._http.cache_clear()


@pytest.fixture
def user(transactional_db: None) -> User:
    return User.objects.create(email="recepcion@clinica.example", name="Recepción")


@pytest.fixture
def pair(user: User, lanes: Lanes, outside: Sandbox) -> Pair:
    """A clinic on a Wednesday morning in winter, with a patient, and wordings for everything; no rule yet."""
    return begin_pair(user, lanes, outside, datetime(2027, 1, 13, 9, tzinfo=UTC))
