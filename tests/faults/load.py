"""What is there to send? Clinics with so many reminders that are due now, each to an address of its own.

Runs as a program with the stack's environment, as the app role: `python -m tests.faults.load CLINICS REMINDERS SMS`.
The appointments are written and nothing else: the plan is made by the drain, so a campaign's faults strike there too.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patients.models import Patient
    from tests.world import World

_BATCH = 1000
#: Addresses are unique a reminder: whoever counts arrivals by address counts reminders.
ADDRESS = "p{number:06d}@{slug}.example"
#: The same for an SMS, in E.164.
PHONE = "+346{number:08d}"


def main(clinics: int, reminders: int, sms: float) -> None:
    """Writes `reminders` appointments, spread evenly over `clinics` new clinics. Of each clinic's patients, the share
    `sms` prefers SMS."""
    from clinics.clock import now

    moment = now()
    for index in range(clinics):
        share = range(index, reminders, clinics)
        _fill(index, share, sms, moment)


def _fill(index: int, numbers: range, sms: float, moment: datetime) -> None:
    from clinics.scope import in_clinic
    from reminders.kinds import LatePolicy
    from tests.world import make_world

    host, port = os.environ["SANDBOX_SMTP"].split(":")
    world = make_world(f"clinic-{index + 1}", smtp_port=int(port))
    world.clinic.quiet_until = world.clinic.quiet_from  # a campaign passes at any hour
    world.clinic.channels_on = ["email", "sms"]
    world.clinic.save()
    with in_clinic(world.clinic.pk):
        world.sender.host = host
        world.sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
        world.sender.save()
        world.rule.late_policy = LatePolicy.SEND_NOW
        world.rule.channel = ""  # the patient's preferred one
        world.rule.save()
        _give_sms(world, account=f"AC{index + 1:032x}")
    for first in range(0, len(numbers), _BATCH):
        with in_clinic(world.clinic.pk):
            _book(world, numbers[first : first + _BATCH], sms, moment)


def _give_sms(world: "World", account: str) -> None:
    from messaging.channels import Channel
    from messaging.models import Sender
    from reminders.kinds import Kind
    from reminders.wordings import NewWording, write_wording

    words = NewWording(Kind.REMINDER, Channel.SMS, "es", "", "[CLIENTFIRSTNAME]: [APPOINTMENT]. [CLINIC]")
    write_wording(world.clinic, words, None, datetime.now(UTC))
    sender = Sender.objects.create(
        clinic=world.clinic, channel=Channel.SMS, provider="twilio", address="Clinica", username=account
    )
    sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
    sender.save()


def _patients(world: "World", numbers: range, sms: float) -> "list[Patient]":
    """With phones for those who prefer SMS; who prefers it is spread evenly."""
    from patients.models import LineType, Patient, Phone
    from tests.world import PATIENT

    clinic, texted = world.clinic, [int((at + 1) * sms) > int(at * sms) for at in range(len(numbers))]
    patients = Patient.objects.bulk_create(
        Patient(
            clinic=clinic, consent_sms=by_sms, preferred_channel="sms" if by_sms else "email",
            **{**PATIENT, "email": ADDRESS.format(number=number, slug=clinic.slug)},
        )
        for number, by_sms in zip(numbers, texted, strict=True)
    )  # fmt: skip
    Phone.objects.bulk_create(
        Phone(
            clinic=clinic, patient=patient, position=1, as_typed=(phone := PHONE.format(number=number)), e164=phone,
            line_type=LineType.MOBILE, use_for_reminders=True,
        )
        for number, patient, by_sms in zip(numbers, patients, texted, strict=True) if by_sms
    )  # fmt: skip
    return patients


def _book(world: "World", numbers: range, sms: float, moment: datetime) -> None:
    from appointments.models import Appointment

    clinic, patients = world.clinic, _patients(world, numbers, sms)
    known_since = moment - timedelta(days=7)
    Appointment.objects.bulk_create(
        Appointment(
            clinic=clinic, patient=patient, practitioner=world.practitioner, location=world.location, type=world.type,
            start=(start := moment + timedelta(hours=24) - timedelta(seconds=60 + number % 600)),
            end=start + timedelta(minutes=30), booked_at=known_since, start_set_at=known_since,
        )
        for number, patient in zip(numbers, patients, strict=True)
    )  # fmt: skip


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
