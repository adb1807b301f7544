"""Who has an appointment in a campaign that needs each reminder at a moment of its own? For programs with the product's
environment; whoever imports this has set Django up."""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from appointments.models import Appointment
from clinics.scope import in_clinic
from patients.models import Patient
from tests.world import PATIENT, World, make_world

_ADDRESS = "p{number:05d}@{slug}.example"
_LEAD = timedelta(hours=24)
_BATCH = 1000


def open_clinic(index: int) -> World:
    """A clinic that sends its e-mail over the sandbox, at any hour of any day."""
    host, port = os.environ["SANDBOX_SMTP"].split(":")
    world = make_world(f"clinic-{index + 1}", smtp_port=int(port))
    world.clinic.quiet_until = world.clinic.quiet_from
    world.clinic.save()
    with in_clinic(world.clinic.pk):
        world.sender.host = host
        world.sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
        world.sender.save()
    return world


def book(world: World, dues: Sequence[tuple[int, datetime]]) -> list[Appointment]:
    """An appointment for each (number, moment at which its reminder is due), known for long; each patient has an
    address of its own, which holds the number."""
    rows: list[Appointment] = []
    for first in range(0, len(dues), _BATCH):
        with in_clinic(world.clinic.pk):
            rows += _book(world, dues[first : first + _BATCH])
    return rows


def _book(world: World, dues: Iterable[tuple[int, datetime]]) -> list[Appointment]:
    clinic, dues = world.clinic, list(dues)
    patients = Patient.objects.bulk_create(
        Patient(clinic=clinic, **{**PATIENT, "email": _ADDRESS.format(number=number, slug=clinic.slug)})
        for number, _ in dues
    )
    known_since = min(due for _, due in dues) - timedelta(days=40)
    return Appointment.objects.bulk_create(
        Appointment(
            clinic=clinic, patient=patient, practitioner=world.practitioner, location=world.location, type=world.type,
            start=due + _LEAD, end=due + _LEAD + timedelta(minutes=30), booked_at=known_since,
            start_set_at=known_since,
        )
        for (_, due), patient in zip(dues, patients, strict=True)
    )  # fmt: skip
