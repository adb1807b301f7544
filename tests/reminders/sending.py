"""Short words for the tests of the drain: book what is due, look at reminder and attempts, let leases run out."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from appointments.models import Appointment
from clinics.scope import in_clinic
from messaging.models import Attempt
from reminders.models import Reminder
from sandbox.server import Sandbox
from tests.world import World

DAY = timedelta(days=1)
#: Of an appointment whose reminder has been due for a minute.
SOON = DAY - timedelta(minutes=1)


def now() -> datetime:
    return timezone.now()


def open_at_all_hours(world: World) -> World:
    world.clinic.quiet_from = world.clinic.quiet_until
    world.clinic.save()
    return world


def book(world: World, start: datetime | None = None, **fields: object) -> Appointment:
    """An appointment known for long; without a start, its reminder is due."""
    given = {"booked_at": now() - 9 * DAY, "start_set_at": now() - 9 * DAY, **fields}
    with in_clinic(world.clinic.pk):
        return world.appointment(start or now() + SOON, **given)


def book_many(world: World, count: int) -> None:
    """As many due reminders, each to an address of its own."""
    with in_clinic(world.clinic.pk):
        for number in range(count):
            patient = world.another_patient(email=f"p{number}@{world.clinic.slug}.example")
            world.appointment(now() + SOON, patient=patient, booked_at=now() - 9 * DAY, start_set_at=now() - 9 * DAY)


def reminders(world: World) -> list[Reminder]:
    with in_clinic(world.clinic.pk):
        return list(Reminder.objects.order_by("pk"))


def only_reminder(world: World) -> Reminder:
    [found] = reminders(world)
    return found


def attempts(world: World) -> list[Attempt]:
    with in_clinic(world.clinic.pk):
        return list(Attempt.objects.select_related("message").order_by("message", "number"))


def only_attempt(world: World) -> Attempt:
    [found] = attempts(world)
    return found


def change_reminders(world: World, **fields: object) -> None:
    with in_clinic(world.clinic.pk):
        Reminder.objects.update(**fields)


def leases_run_out(world: World) -> None:
    """Instead of waiting: every lease, and every wait for evidence, is over."""
    with in_clinic(world.clinic.pk), connection.cursor() as cursor:
        cursor.execute("UPDATE reminders_reminder SET lease_until = clock_timestamp() - interval '1 second'")


def next_try_comes(world: World) -> None:
    """Instead of waiting: what waits for its next try is looked at now."""
    change_reminders(world, look_at=now() - timedelta(seconds=1))


def received(mail_server: Sandbox, world: World) -> list[dict[str, object]]:
    """Every message whose final dot the server saw from this clinic, oldest first."""
    return [one for one in mail_server.truth() if one["account"] == world.sender.username]
