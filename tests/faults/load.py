"""What is there to send? Clinics with so many reminders that are due now, each to an address of its own.

Runs as a program with the stack's environment, as the app role: `python -m tests.faults.load CLINICS REMINDERS`.
The appointments are written and nothing else: the plan is made by the drain, so a campaign's faults strike there too.
"""

import os
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.world import World

_BATCH = 1000
#: Addresses are unique a reminder: whoever counts arrivals by address counts reminders.
ADDRESS = "p{number:06d}@{slug}.example"


def main(clinics: int, reminders: int) -> None:
    """Writes `reminders` appointments, spread evenly over `clinics` new clinics."""
    from clinics.clock import now

    moment = now()
    for index in range(clinics):
        share = range(index, reminders, clinics)
        _fill(f"clinic-{index + 1}", share, moment)


def _fill(slug: str, numbers: range, moment: datetime) -> None:
    from clinics.scope import in_clinic
    from reminders.kinds import LatePolicy
    from tests.world import make_world

    host, port = os.environ["SANDBOX_SMTP"].split(":")
    world = make_world(slug, smtp_port=int(port))
    world.clinic.quiet_until = world.clinic.quiet_from  # a campaign passes at any hour
    world.clinic.save()
    with in_clinic(world.clinic.pk):
        world.sender.host = host
        world.sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
        world.sender.save()
        world.rule.late_policy = LatePolicy.SEND_NOW
        world.rule.save()
    for first in range(0, len(numbers), _BATCH):
        with in_clinic(world.clinic.pk):
            _book(world, numbers[first : first + _BATCH], moment)


def _book(world: "World", numbers: range, moment: datetime) -> None:
    from appointments.models import Appointment
    from patients.models import Patient
    from tests.world import PATIENT

    clinic = world.clinic
    patients = Patient.objects.bulk_create(
        Patient(clinic=clinic, **{**PATIENT, "email": ADDRESS.format(number=number, slug=clinic.slug)})
        for number in numbers
    )
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
    main(int(sys.argv[1]), int(sys.argv[2]))
