"""What the tests of the drain stand on: lanes, and a clinic whose sender reaches the test's mail server."""

from collections.abc import Iterator
from typing import Any

import pytest

from reminders.lanes import Lanes
from sandbox.server import Sandbox
from tests.reminders.sending import open_at_all_hours
from tests.world import World, make_world


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes(threads=4, lease_seconds=60)
    yield made
    made.close()


@pytest.fixture
def live(settings: Any, mail_server: Sandbox) -> World:
    """A clinic whose sender reaches the test's mail server, open at all hours so that the real clock may be any."""
    mail_server.faults.clear()
    settings.SMTP_CA_FILE = str(mail_server.ca_file)
    settings.MESSAGING_ALLOWED_PRIVATE_TARGETS = [f"127.0.0.1:{mail_server.smtp_port}"]
    settings.SMTP_TIMEOUT_SECONDS = 2
    return open_at_all_hours(make_world("clinica-en-vivo", smtp_port=mail_server.smtp_port))
