"""What does a person's "send now" waive, and what refuses it? By the names of all gates that are closed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from appointments.models import Appointment, RemindedElsewhere
from clinics.models import Clinic, User
from clinics.scope import in_clinic
from patients.models import Patient
from reminders.kinds import Kind, Origin
from reminders.models import PackageSwitch, Rule
from reminders.send_now import Outcome
from tests.reminders.by_hand import HOUR, ana, ask, offered, planned, send
from tests.reminders.planning import book, rows
from tests.world import DAY, NOW, World

__all__ = ["ana"]
pytestmark = pytest.mark.django_db


@pytest.mark.feature(3)
def test_by_hand_it_goes_in_quiet_hours_late_confirmed_and_over_a_channel_that_is_not_preferred(
    world: World, ana: User
) -> None:
    with in_clinic(world.clinic.pk):
        Rule.objects.update(channel="", stop_when_confirmed=True)
        Patient.objects.update(preferred_channel="sms")
        Clinic.objects.filter(pk=world.clinic.pk).update(closed_weekdays=[1, 2, 3, 4, 5, 6, 7])
    row = book(world, NOW + 30 * timedelta(minutes=1), status="confirmed")
    assert send(world, ask(row, ana)).outcome is Outcome.GOES


CLOSED: dict[str, Callable[[World, Appointment], object]] = {
    "paused": lambda world, row: Clinic.objects.update(paused_until=NOW + DAY),
    "clinic_suspended": lambda world, row: Clinic.objects.update(suspended=True),
    "channel_off": lambda world, row: Clinic.objects.update(channels_on=[]),
    "test_mode_guest_list": lambda world, row: Clinic.objects.update(test_mode=True),
    "kind_off_for_practitioner": lambda world, row: PackageSwitch.objects.create(
        clinic=world.clinic, practitioner=world.practitioner, kind=Kind.REMINDER, on=False
    ),
    "no_patient": lambda world, row: Appointment.objects.update(patient=None),
    "cancelled": lambda world, row: Appointment.objects.update(status="cancelled"),
    "deleted": lambda world, row: Appointment.objects.update(deleted=True),
    "in_the_past": lambda world, row: Appointment.objects.update(start=NOW - HOUR, end=NOW),
    "reminded_elsewhere": lambda world, row: RemindedElsewhere.objects.create(
        clinic=world.clinic, appointment=row, occurrence=1, channel="", how="phone", marked_at=NOW
    ),
    "patient_archived": lambda world, row: Patient.objects.update(archived=True),
    "default_notifications_off": lambda world, row: Patient.objects.update(default_notifications=False),
    "consent_data_protection_off": lambda world, row: Patient.objects.update(consent_data_protection=False),
    "consent_channel_off": lambda world, row: Patient.objects.update(consent_email=False),
    "no_address": lambda world, row: Patient.objects.update(email=""),
    "sender_not_configured": lambda world, row: type(world.sender).objects.update(active=False),
}


@pytest.mark.feature(4)
@pytest.mark.parametrize("code", CLOSED)
def test_what_nobody_waives_refuses_it_by_its_name(world: World, ana: User, code: str) -> None:
    row, _ = planned(world)
    with in_clinic(world.clinic.pk):
        CLOSED[code](world, row)
    offer = offered(world, row)
    assert [gate.code for gate in offer.reasons] == [code]
    answer = send(world, ask(row, ana))
    assert (answer.outcome, answer.reminder) == (Outcome.REFUSED, None)
    assert [one.origin for one in rows(world)] in ([Origin.AUTOMATIC], [Origin.AUTOMATIC] * 2)


@pytest.mark.feature(4)
def test_all_closed_gates_are_named_not_the_first(world: World) -> None:
    row, _ = planned(world)
    with in_clinic(world.clinic.pk):
        Patient.objects.update(consent_email=False, default_notifications=False, email="")
    assert [gate.code for gate in offered(world, row).reasons] == [
        "default_notifications_off", "consent_channel_off", "no_address",
    ]  # fmt: skip


def test_a_refused_form_may_be_sent_again_once_its_cause_is_mended(world: World, ana: User) -> None:
    row, _ = planned(world)
    with in_clinic(world.clinic.pk):
        Patient.objects.update(email="")
    asked = ask(row, ana)
    assert send(world, asked).outcome is Outcome.REFUSED
    with in_clinic(world.clinic.pk):
        Patient.objects.update(email="lucia@correo.example")
    assert send(world, asked).outcome is Outcome.GOES


def test_what_was_sent_by_hand_and_then_may_not_go_is_refused_not_on_its_way(world: World, ana: User) -> None:
    row, _ = planned(world)
    send(world, ask(row, ana))
    with in_clinic(world.clinic.pk):
        Patient.objects.update(consent_email=False)
    offer = offered(world, row)
    assert offer.on_its_way is None
    assert [gate.code for gate in offer.reasons] == ["consent_channel_off"]
