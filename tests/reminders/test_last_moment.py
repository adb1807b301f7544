"""What is changed between the begin of a reminder and its call stops the call; what is being called goes."""

from collections.abc import Callable

import pytest

from appointments.models import Appointment, ChannelFlag, RemindedElsewhere, Status
from clinics.models import Clinic
from clinics.scope import in_clinic
from messaging.marks import write_marks
from messaging.models import Attempt
from patients.models import Patient
from reminders import queue
from reminders.drain import drain, plan_what_is_behind
from reminders.kinds import State
from reminders.lanes import Lanes
from reminders.models import Reminder
from reminders.prepare import prepare
from reminders.settle import settle_calls
from tests.reminders.sending import DAY, book, now, only_attempt, reminders
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("F32", "F33", enters="worker")]


def begun(world: World) -> tuple[Appointment, Attempt]:
    """A reminder that is begun and not called."""
    row = book(world)
    plan_what_is_behind()
    [claims] = queue.claim(now(), ()).values()
    with in_clinic(world.clinic.pk):
        prepare(Clinic.objects.get(pk=world.clinic.pk), claims, now())
    attempt = only_attempt(world)
    assert (attempt.state, attempt.called_at) == ("sending", None)
    return row, attempt


def move(row: Appointment) -> None:
    Appointment.objects.filter(pk=row.pk).update(start=row.start + DAY, end=row.end + DAY)


def cancel(row: Appointment) -> None:
    Appointment.objects.filter(pk=row.pk).update(status=Status.CANCELLED)


def delete(row: Appointment) -> None:
    Appointment.objects.filter(pk=row.pk).update(deleted=True)


def withdraw(row: Appointment) -> None:
    Patient.objects.filter(pk=row.patient_id).update(consent_email=False)


def mark(row: Appointment) -> None:
    RemindedElsewhere.objects.create(
        clinic=row.clinic, appointment=row, occurrence=row.occurrence, channel="email", how="phone", marked_at=now()
    )


def flag(row: Appointment) -> None:
    ChannelFlag.objects.create(clinic=row.clinic, appointment=row, channel="email", wanted=False)


CHANGES: dict[Callable[[Appointment], None], State] = {
    move: State.PLANNED, cancel: State.CANCELLED, delete: State.CANCELLED, withdraw: State.SKIPPED,
    mark: State.SKIPPED, flag: State.SKIPPED,
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_after_the_begin_stops_the_call(
    live: World, lanes: Lanes, change: Callable[[Appointment], None]
) -> None:
    row, attempt = begun(live)
    with in_clinic(live.clinic.pk):
        change(row)
    assert write_marks([], [attempt.pk]) == set()
    stopped = only_attempt(live)
    assert (stopped.state, stopped.failure, stopped.called_at) == ("failed", "never_called", None)
    with in_clinic(live.clinic.pk):
        settle_calls([one.pk for one in Reminder.objects.all()], now())
    drain(lanes, 5)
    states = {one.state for one in reminders(live)}
    assert CHANGES[change] in states and State.HANDED_OVER not in states


@pytest.mark.parametrize("change", CHANGES)
def test_a_call_that_has_begun_goes_on(live: World, change: Callable[[Appointment], None]) -> None:
    row, attempt = begun(live)
    assert write_marks([], [attempt.pk]) == {attempt.pk}
    with in_clinic(live.clinic.pk):
        change(row)
    assert only_attempt(live).state == "sending"


@pytest.mark.feature("B4")
def test_that_the_patient_confirms_stops_no_call(live: World) -> None:
    row, attempt = begun(live)
    with in_clinic(live.clinic.pk):
        Appointment.objects.filter(pk=row.pk).update(status=Status.CONFIRMED)
    assert write_marks([], [attempt.pk]) == {attempt.pk}


def test_what_changes_nothing_of_it_stops_nothing(live: World) -> None:
    row, attempt = begun(live)
    with in_clinic(live.clinic.pk):
        Appointment.objects.filter(pk=row.pk).update(planned_revision=0)
        Patient.objects.filter(pk=row.patient_id).update(consent_email=True)
        another = live.another_patient(email="otra@correo.example")
        Patient.objects.filter(pk=another.pk).update(consent_email=False)
    assert write_marks([], [attempt.pk]) == {attempt.pk}
