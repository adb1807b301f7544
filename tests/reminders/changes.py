"""Changes of the settings, of every sort that reminders rest on, and an agenda of all sorts to make them in."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from appointments.models import Appointment, RemindedElsewhere, Status
from clinics.closed_days import Closing
from clinics.setting_log import Act
from messaging.channels import Channel
from messaging.models import Sender
from patients.models import LineType, Patient, Phone
from reminders.kinds import Kind, TimingKind
from reminders.models import Rule, Template, TemplateVersion
from reminders.pausing import pause
from reminders.plan import bring_up_to_date
from reminders.replanning import change_clinic, close_days
from reminders.rule_writing import described, switch_rule, write_rule
from reminders.timing import Timing
from tests.world import DAY, NOW, World

HOUR = timedelta(hours=1)
ACT = Act(None, NOW)


def booked(world: World, start: timedelta, **fields: object) -> Appointment:
    """Booked and planned a week ago."""
    appointment = world.appointment(NOW + start, **fields)
    bring_up_to_date(world.clinic, [appointment.pk], NOW - 7 * DAY)
    return appointment


def timed(world: World, minutes: int) -> Callable[[], object]:
    wanted = replace(described(world.rule), timing=Timing(TimingKind.BEFORE_ELAPSED, minutes))
    return lambda: write_rule(world.clinic, world.rule, wanted, ACT)


def with_sms(world: World) -> None:
    world.clinic.channels_on = ["email", "sms"]
    world.clinic.save(update_fields=["channels_on"])
    Sender.objects.create(
        clinic=world.clinic, channel=Channel.SMS, provider="twilio", address="+34600000000", username="AC1"
    )
    template = Template.objects.create(
        clinic=world.clinic, kind=Kind.REMINDER, channel=Channel.SMS, language="es", version=1
    )
    TemplateVersion.objects.create(
        clinic=world.clinic, template=template, version=1, subject="", body="Cita: [APPOINTMENT]", written_at=NOW
    )
    Phone.objects.create(
        clinic=world.clinic, patient=world.patient, position=1, as_typed="611 111 111", e164="+34611111111",
        line_type=LineType.MOBILE, use_for_reminders=True,
    )  # fmt: skip
    Patient.objects.filter(pk=world.patient.pk).update(consent_sms=True)


def agenda(world: World, dice: random.Random) -> None:
    """Appointments of all sorts: near and far, of several patients, planned long ago, just now or not at all."""
    with_sms(world)
    Rule.objects.create(
        clinic=world.clinic, kind=Kind.REMINDER, timing=TimingKind.DAYS_BEFORE_AT, amount=2, at_time=time(10),
        channel="", statuses=["scheduled"], working_days=True, fallback_channel="sms",
    )  # fmt: skip
    patients = [
        world.patient,
        world.another_patient(preferred_channel="sms"),
        world.another_patient(consent_email=False),
        world.another_patient(email="", consent_sms=True),
    ]
    for _ in range(14):
        start = timedelta(minutes=15 * dice.randrange(1, 4 * 24 * 9))
        status = dice.choice([Status.SCHEDULED, Status.SCHEDULED, Status.CONFIRMED, Status.CANCELLED])
        row = world.appointment(NOW + start, patient=dice.choice(patients), status=status)
        if dice.random() < 0.2:
            RemindedElsewhere.objects.create(
                clinic=world.clinic, appointment=row, occurrence=1, how="phone", marked_at=NOW
            )
        if planned := dice.choice([NOW - 7 * DAY, NOW - HOUR, None]):
            bring_up_to_date(world.clinic, [row.pk], planned)


def changes(world: World, dice: random.Random) -> list[Callable[[], object]]:
    clinic, rule = world.clinic, world.rule
    days, hours = dice.randrange(1, 6), dice.randrange(1, 100)
    closing = Closing(date(2027, 1, 13 + days), date(2027, 1, 14 + days), "Obras", None)
    fields: list[dict[str, Any]] = [
        {"channels_on": ["sms"]},
        {"default_channel": "sms"},
        {"quiet_from": time(dice.randrange(12, 20)), "quiet_until": time(11)},
        {"closed_weekdays": [dice.randrange(1, 8), 7]},
        {"time_zone": "Asia/Tokyo"},
        {"test_mode": True},
    ]
    return [
        timed(world, dice.choice([60, 180, 30 * 60, 72 * 60])),
        lambda: switch_rule(clinic, rule, False, ACT),
        lambda: write_rule(clinic, None, replace(described(rule), timing=Timing(TimingKind.BEFORE_ELAPSED, 90)), ACT),
        lambda: write_rule(clinic, rule, replace(described(rule), channel="", statuses=("confirmed",)), ACT),
        lambda: close_days(clinic, closing, ACT),
        lambda: pause(clinic, NOW + hours * HOUR, ACT),
        *((lambda given=one: change_clinic(clinic, given, ACT)) for one in fields),
    ]
