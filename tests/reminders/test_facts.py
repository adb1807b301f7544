"""Do the rows say what the decision hears? Each gate is closed by the change of one row, and opened by no other."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from appointments.models import Appointment, ChannelFlag, RemindedElsewhere
from clinics.models import Clinic, Location
from clinics.scope import in_clinic
from messaging.models import Sender
from patients.models import Patient
from reminders.decision import Decision
from reminders.models import Reminder, Rule, TemplateVersion
from reminders.outlook import live, outlook
from tests.reminders.planning import book, plan
from tests.world import DAY, NOW, World

pytestmark = pytest.mark.django_db
DUE = NOW + DAY


def clinic(**changes: object) -> Callable[[World], object]:
    return lambda world: Clinic.objects.filter(pk=world.clinic.pk).update(**changes)


def patient(**changes: object) -> Callable[[World], object]:
    return lambda world: Patient.objects.update(**changes)


def appointment(**changes: object) -> Callable[[World], object]:
    return lambda world: Appointment.objects.update(**changes)


def rule(**changes: object) -> Callable[[World], object]:
    return lambda world: Rule.objects.update(**changes)


def mark(world: World, occurrence: int = 1, channel: str = "email") -> None:
    RemindedElsewhere.objects.create(
        clinic=world.clinic, appointment=Appointment.objects.get(), occurrence=occurrence, channel=channel,
        how="in_person", marked_at=NOW,
    )  # fmt: skip


def flag(world: World, channel: str = "email", wanted: bool = False) -> None:
    ChannelFlag.objects.create(
        clinic=world.clinic, appointment=Appointment.objects.get(), channel=channel, wanted=wanted
    )


def another_round(world: World) -> None:
    [first] = Reminder.objects.all()
    Reminder.objects.create(
        clinic=world.clinic, appointment=first.appointment, rule=first.rule, trigger=first.trigger, round=2,
        kind=first.kind, channel="email", occurrence=1, state="handed_over", planned_at=NOW, due_at=NOW,
        deadline=NOW, look_at=NOW,
    )  # fmt: skip


CLOSES: dict[str, tuple[Callable[[World], object], set[str]]] = {
    "suspended": (clinic(suspended=True), {"clinic_suspended"}),
    "channel off": (clinic(channels_on=["sms"]), {"channel_off"}),
    "test mode": (clinic(test_mode=True), {"test_mode_guest_list"}),
    "paused": (clinic(paused_until=DUE + timedelta(hours=1)), {"paused", "due"}),
    "rule off": (rule(active=False), {"rule_inactive"}),
    "rule for others": (rule(statuses=["requested"]), {"status_not_eligible"}),
    "rule earlier": (rule(amount=31 * 60), {"deadline"}),
    "rule later": (rule(amount=23 * 60), {"due"}),
    "patient's channel": (rule(channel=""), set()),
    "no patient": (appointment(patient=None), {"no_patient", "merge_field_empty"}),
    "cancelled": (appointment(status="cancelled"), {"cancelled", "status_not_eligible"}),
    "deleted": (appointment(deleted=True), {"deleted"}),
    "moved": (appointment(occurrence=2), {"moved"}),
    "booked just now": (appointment(booked_at=DUE - timedelta(minutes=1)), {"due"}),
    "archived": (patient(archived=True), {"patient_archived"}),
    "notifications": (patient(default_notifications=False), {"default_notifications_off"}),
    "data protection": (patient(consent_data_protection=False), {"consent_data_protection_off"}),
    "e-mail consent": (patient(consent_email=False, consent_sms=True), {"consent_channel_off"}),
    "no address": (patient(email=""), {"no_address"}),
    "no such address": (patient(email="lucia@"), {"address_invalid"}),
    "other language": (patient(language="it"), set()),  # the clinic's own wording is better than none
    "no wording": (lambda world: TemplateVersion.objects.all().delete(), {"no_wording"}),
    "empty field": (lambda world: TemplateVersion.objects.update(body="[CLINICIANPHONE]"), {"merge_field_empty"}),
    "no sender": (lambda world: Sender.objects.update(active=False), {"sender_not_configured"}),
    "marked": (mark, {"reminded_elsewhere"}),
    "marked for all": (lambda world: mark(world, channel=""), {"reminded_elsewhere"}),
    "marked for SMS": (lambda world: mark(world, channel="sms"), set()),
    "marked before a move": (lambda world: mark(world, occurrence=7), set()),
    "flag off": (flag, {"appointment_reminder_off"}),
    "flag on": (lambda world: flag(world, wanted=True), set()),
    "flag of SMS": (lambda world: flag(world, channel="sms"), set()),
    "another clock": (lambda world: Location.objects.update(time_zone="Asia/Tokyo"), set()),
    # Due at four in the morning there: at half past eight the evening before, and now it is too late.
    "night elsewhere": (
        lambda world: Location.objects.update(time_zone="America/New_York"), {"quiet_hours", "deadline"}
    ),
    "sent by another round": (another_round, {"already_sent"}),
}  # fmt: skip


def decided(world: World) -> Decision:
    """On the first reminder, at its moment."""
    with in_clinic(world.clinic.pk):
        answers = live(Clinic.objects.get(pk=world.clinic.pk), list(Reminder.objects.order_by("pk")), DUE)
    return next(iter(answers.values()))


@pytest.mark.parametrize("name", CLOSES)
def test_a_change_of_one_row_closes_its_gate(world: World, name: str) -> None:
    change, expected = CLOSES[name]
    plan(world, book(world))
    assert decided(world).failed == ()
    with in_clinic(world.clinic.pk):
        change(world)
    assert {gate.code for gate in decided(world).failed} == expected


def test_an_ended_reminder_is_answered_as_it_was_seen_then(world: World) -> None:
    plan(world, book(world))
    with in_clinic(world.clinic.pk):
        Reminder.objects.update(state="skipped", gates=[["no_address", False, "email"]])
        [reminder] = Reminder.objects.all()
        [view] = outlook(world.clinic, [reminder], DUE).values()
    assert [(gate.code, gate.passed, gate.value) for gate in view.gates] == [("no_address", False, "email")]
