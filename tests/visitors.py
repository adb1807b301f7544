"""Who opens the pages in tests? People with a role, at a fixed moment of a clinic's Wednesday."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from appointments.models import Appointment
from clinics import clock
from clinics.models import Membership, Role, User
from clinics.scope import in_clinic
from messaging.models import Attempt, AttemptText, Message
from messaging.outcomes import AttemptState, FailureKind, Phase, Purpose
from reminders.kinds import State
from reminders.models import Reminder
from reminders.plan import bring_up_to_date
from tests.world import World

#: Wednesday, 16 January 2041, 10:00 in Madrid: ahead of any machine's clock, as the product's clock only moves forward.
NOW = datetime(2041, 1, 16, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PASSWORD = "correct-horse-2041"


@pytest.fixture(autouse=True)
def quick_pages(settings: Settings) -> None:
    """Pages name their files as they are, so that nothing need be collected first; passwords are hashed cheaply."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.STATIC_ROOT = ""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def wednesday(db: None) -> datetime:
    """The clock stands at NOW (and runs on)."""
    clock.move_to(NOW - clock.real_now())
    return NOW


@pytest.fixture
def desk(world: World, wednesday: datetime) -> Client:
    """The reception's browser, in English, on a Wednesday morning."""
    return client_of(member(world, Role.RECEPTION))


@pytest.fixture
def admin(world: World, wednesday: datetime) -> Client:
    """An administrator's browser, in English, on the same morning."""
    return client_of(member(world, Role.ADMIN, name="Ada Admin"))


def member(world: World | None, role: Role, language: str = "en", name: str = "Marta Soler") -> User:
    """A person with a role in the world's clinic; without a world, in none."""
    user = User.objects.create_user(f"{role}-{User.objects.count()}@people.example", PASSWORD, name=name)
    User.objects.filter(pk=user.pk).update(language=language)
    if world is not None:
        Membership.objects.create(user=user, clinic=world.clinic, role=role)
    return user


def client_of(user: User | None, language: str = "en") -> Client:
    """A browser; with a user it is logged in."""
    client = Client(headers={"accept-language": language})
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def book(world: World, start: datetime, **fields: object) -> Appointment:
    """An appointment booked a week before NOW, with its reminders planned as of then."""
    fields = {"booked_at": NOW - 9 * DAY, "start_set_at": NOW - 9 * DAY, **fields}
    world.clinic.refresh_from_db()  # the defaults of a row just made are still words, not times
    with in_clinic(world.clinic.pk):
        appointment = world.appointment(start, **fields)
        bring_up_to_date(world.clinic, [appointment.pk], NOW - 7 * DAY)
    return appointment


def reminders_of(world: World, appointment: Appointment) -> Sequence[Reminder]:
    """The appointment's reminders, by due moment."""
    with in_clinic(world.clinic.pk):
        return list(Reminder.objects.filter(appointment=appointment).order_by("due_at", "id"))


def put(world: World, reminder: Reminder, state: State, **fields: object) -> Reminder:
    """Sets a reminder's state as the machinery would have left it."""
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=reminder.pk).update(state=state, **fields)
        found: Reminder = Reminder.objects.get(pk=reminder.pk)
    return found


def attempt(
    world: World, reminder: Reminder, state: AttemptState, failure: FailureKind | None = None, code: str = ""
) -> Attempt:
    """A further attempt of a reminder, with its message and text."""
    with in_clinic(world.clinic.pk):
        row = Reminder.objects.select_related("message").get(pk=reminder.pk)
        if row.message is None:
            row.message = Message.objects.create(
                clinic=world.clinic, channel="email", purpose=Purpose.REMINDER, address=world.patient.email,
                deadline=row.deadline, created_at=row.due_at,
            )  # fmt: skip
            row.save(update_fields=["message"])
        number = Attempt.objects.filter(message=row.message).count() + 1
        began = row.due_at + timedelta(minutes=number)
        made: Attempt = Attempt.objects.create(
            clinic=world.clinic, message=row.message, sender=world.sender, number=number, state=state,
            phase=Phase.RCPT if failure else Phase.REPLY, failure=failure or "", code=code, detail=f"{code} said so",
            body_hash="0" * 64, began_at=began, called_at=began, ended_at=began + timedelta(seconds=2),
        )  # fmt: skip
        AttemptText.objects.create(clinic=world.clinic, attempt=made, subject="Su cita", text="Le esperamos <mañana>.")
    return made
