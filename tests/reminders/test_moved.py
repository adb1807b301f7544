"""A moved visit is reminded of at its new time only, a cancelled one not at all, by whichever way it was changed."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from appointments.importing.importer import import_agenda
from appointments.models import Appointment
from clinics import clock
from clinics.scope import in_clinic
from reminders.compose import moment_in_words
from reminders.drain import drain
from reminders.lanes import Lanes
from reminders.material import gather
from sandbox.server import Sandbox
from tests.agenda_files import agenda, row
from tests.reminders.sending import DAY, received
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REFS = ("moved", "cancelled", "left")
Change = Callable[[World, datetime], None]


def file(world: World, start: datetime, **status: str) -> None:
    """Imports the three appointments, or those alone whose status is given by reference."""
    rows = [
        row(
            appointment_ref=ref, patient_ref=ref, email=f"{ref}@correo.example", start=start.isoformat(" ", "minutes"),
            status=status.get(ref, "programada"),
        )
        for ref in (status or REFS)
    ]  # fmt: skip
    with in_clinic(world.clinic.pk):
        report = import_agenda(world.clinic, agenda(rows, without=["booked_at", "end"]), clock.now())
    assert report.refused == 0


def by_a_second_file(world: World, later: datetime) -> None:
    file(world, later, moved="programada", cancelled="anulada")


def by_raw_sql(world: World, later: datetime) -> None:
    with in_clinic(world.clinic.pk), connection.cursor() as cursor:
        cursor.execute(
            'UPDATE appointments_appointment SET start = %s, "end" = %s WHERE ref = %s',
            [later, later + HOUR, "moved"],
        )
        cursor.execute("UPDATE appointments_appointment SET status = 'cancelled' WHERE ref = 'cancelled'")


def by_shell(world: World, later: datetime) -> None:
    with in_clinic(world.clinic.pk):
        moved = Appointment.objects.get(ref="moved")
        moved.start, moved.end = later, later + HOUR
        moved.save()
        Appointment.objects.filter(ref="cancelled").update(status="cancelled")


def go_to(moment: datetime) -> None:
    clock.move_to(moment - clock.real_now())


def subject_for(world: World, start: datetime) -> str:
    """The subject of a reminder of that time, in the clinic's words."""
    with in_clinic(world.clinic.pk):
        appointment = Appointment.objects.get(ref="left")
        appointment.start = start
        return "Su cita: " + moment_in_words(gather(world.clinic, [appointment.pk]), appointment, "es")


@pytest.mark.parametrize("change", [by_a_second_file, by_raw_sql, by_shell])
def test_the_new_time_alone_is_reminded_of_and_a_cancelled_visit_not_at_all(
    live: World, mail_server: Sandbox, lanes: Lanes, change: Change
) -> None:
    before = len(received(mail_server, live))
    start = clock.now().replace(second=0, microsecond=0) + DAY + 3 * HOUR
    later = start + 5 * HOUR
    file(live, start)
    drain(lanes, 10)  # planned for the first time
    change(live, later)
    drain(lanes, 10)
    go_to(start - DAY + MINUTE)
    drain(lanes, 10)
    assert [one["recipient"] for one in received(mail_server, live)[before:]] == ["left@correo.example"]
    go_to(later - DAY + MINUTE)
    drain(lanes, 10)
    arrived = [(one["recipient"], one["subject"]) for one in received(mail_server, live)[before + 1 :]]
    assert arrived == [("moved@correo.example", subject_for(live, later))]


@pytest.mark.parametrize("change", [by_a_second_file, by_raw_sql, by_shell])
def test_a_change_that_no_drain_has_seen_yet_counts_when_the_moment_comes(
    live: World, mail_server: Sandbox, lanes: Lanes, change: Change
) -> None:
    before = len(received(mail_server, live))
    start = clock.now().replace(second=0, microsecond=0) + DAY + HOUR
    file(live, start)
    drain(lanes, 10)
    go_to(start - DAY + MINUTE)
    change(live, start + 5 * HOUR)
    drain(lanes, 10)
    assert [one["recipient"] for one in received(mail_server, live)[before:]] == ["left@correo.example"]
