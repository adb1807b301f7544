"""The way of one reminder, over the true code and a true SMTP server."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from appointments.models import Appointment
from clinics.scope import in_clinic
from messaging.models import Attempt, Message
from messaging.outcomes import AttemptState
from reminders.drain import drain
from reminders.kinds import State
from reminders.lanes import Lanes
from reminders.models import Reminder
from sandbox.server import Sandbox
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes(threads=4, lease_seconds=60)
    yield made
    made.close()


@pytest.fixture
def live(settings, mail_server: Sandbox) -> World:
    """A clinic whose sender reaches the test's mail server, open at all hours so that the real clock may be any."""
    settings.SMTP_CA_FILE = str(mail_server.ca_file)
    settings.MESSAGING_ALLOWED_PRIVATE_TARGETS = [f"127.0.0.1:{mail_server.smtp_port}"]
    world = make_world("clinica-en-vivo", smtp_port=mail_server.smtp_port)
    world.clinic.quiet_from = world.clinic.quiet_until
    world.clinic.save()
    return world


def now() -> datetime:
    return timezone.now()


def book(world: World, start: datetime, **fields: object) -> Appointment:
    with in_clinic(world.clinic.pk):
        return world.appointment(start, booked_at=now() - 9 * DAY, start_set_at=now() - 9 * DAY, **fields)


def only_reminder(world: World) -> Reminder:
    with in_clinic(world.clinic.pk):
        return Reminder.objects.get()


def test_a_due_reminder_arrives_and_is_in_the_log(live: World, lanes: Lanes, mail_server: Sandbox) -> None:
    book(live, now() + DAY - timedelta(minutes=1))
    assert drain(lanes, 5) == 1
    reminder = only_reminder(live)
    assert reminder.state == State.HANDED_OVER
    with in_clinic(live.clinic.pk):
        attempt = Attempt.objects.get()
        message = Message.objects.get()
    assert (attempt.state, message.address) == (AttemptState.ACCEPTED, "lucia@correo.example")
    assert attempt.called_at is not None
    assert message.token in attempt.provider_ref
