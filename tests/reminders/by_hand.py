"""Short words for the tests of "send now": who asks, for what, and what is offered."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from appointments.models import Appointment
from clinics.models import User
from clinics.scope import in_clinic
from messaging.channels import Channel
from reminders.kinds import State
from reminders.models import Reminder
from reminders.offers import Offer, offer_of
from reminders.send_now import Ask, Sent, send_now
from tests.reminders.planning import book, plan, rows
from tests.world import DAY, NOW, World

HOUR = timedelta(hours=1)
#: Its reminder by the world's rule is due a day after NOW.
START = NOW + 2 * DAY


@pytest.fixture
def ana(world: World) -> User:
    made: User = User.objects.create_user("ana@people.example", "x", name="Ana Gil")
    return made


def ask(row: Appointment, by: User, *, token: UUID | None = None, again: int | None = None) -> Ask:
    return Ask(row.pk, Channel.EMAIL, by, token or uuid4(), again)


def send(world: World, asked: Ask, now: datetime = NOW) -> Sent:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        return send_now(world.clinic, asked, now)


def offered(world: World, row: Appointment, now: datetime = NOW, again: int | None = None) -> Offer:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        return offer_of(world.clinic, row, Channel.EMAIL, now, again)


def put(world: World, reminder: Reminder, state: State, **fields: object) -> None:
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=reminder.pk).update(state=state, **fields)


def went(world: World, reminder: Reminder, ago: timedelta) -> None:
    at = NOW - ago
    put(world, reminder, State.HANDED_OVER, decided_at=at, handed_over_at=at, ended_at=at)


def planned(world: World, **fields: object) -> tuple[Appointment, Reminder]:
    row = book(world, START, **fields)
    plan(world, row)
    return row, rows(world)[0]
