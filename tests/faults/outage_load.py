"""Whose reminders fall due while the product is away? Clinics in four time zones, with visits far off and visits near.

Runs as a program with the stack's environment, as the app role: `python -m tests.faults.outage_load BEGINS DUE SEED`.
The product plans them before the outage, as on any day; what it makes of them afterwards is what the campaign looks at.
"""

import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from tests.world import World

HOUR = timedelta(hours=1)
OUTAGE = 6 * HOUR
#: When the outage begins: a working Wednesday, in winter.
BEGINS = datetime(2027, 1, 13, 12, 0, tzinfo=UTC)
#: At its end it is evening in Madrid (19:00), night in Dubai (22:00), and day in both Americas.
ZONES = ("Europe/Madrid", "Asia/Dubai", "America/Sao_Paulo", "America/New_York")
QUIET_FROM, QUIET_UNTIL = 21, 8
#: The steps of every clinic's series. The two long ones of a visit may both fall due within the outage.
LEADS = (24 * HOUR, 20 * HOUR, 2 * HOUR)
_BATCH = 500


@dataclass(frozen=True)
class Visit:
    """An appointment by its number, the clinic's zone, and its start."""

    number: int
    zone: str
    start: datetime

    @property
    def address(self) -> str:
        """Where its patient is written to, and nobody else."""
        return f"p{self.number:06d}@{slug(self.zone)}.example"

    def due(self) -> Iterator[tuple[timedelta, datetime]]:
        """(lead, moment) of the steps that fall due within the outage."""
        for lead in LEADS:
            if BEGINS < self.start - lead < BEGINS + OUTAGE:
                yield lead, self.start - lead


def slug(zone: str) -> str:
    """The name of the clinic there."""
    return zone.rpartition("/")[2].lower().replace("_", "-")


def visits(count: int, seed: int) -> list[Visit]:
    """So many visits that about `count` steps are due within the outage, none in quiet hours."""
    chance, made, steps = random.Random(seed), list[Visit](), 0
    while steps < count:
        zone = ZONES[len(made) % len(ZONES)]
        lead = LEADS[0] if chance.random() < 0.75 else LEADS[2]
        due = BEGINS + chance.uniform(0.001, 0.999) * OUTAGE
        one = Visit(len(made), zone, (due + lead).replace(microsecond=0))
        if all(awake(moment, zone) for _, moment in one.due()):
            made.append(one)
            steps += len(list(one.due()))
    return made


def awake(moment: datetime, zone: str) -> bool:
    """Whether it is no quiet hour there."""
    return QUIET_UNTIL <= moment.astimezone(ZoneInfo(zone)).hour < QUIET_FROM


def main(count: int, seed: int) -> None:
    """Makes the clinics and their visits, and has them planned."""
    every = visits(count, seed)
    for zone in ZONES:
        _fill(zone, [one for one in every if one.zone == zone])


def _fill(zone: str, own: list[Visit]) -> None:
    from clinics.clock import now
    from clinics.scope import in_clinic
    from reminders.plan import bring_up_to_date

    world = _world(zone)
    for first in range(0, len(own), _BATCH):
        with in_clinic(world.clinic.pk):
            ids = _book(world, own[first : first + _BATCH])
            bring_up_to_date(world.clinic, ids, now())


def _world(zone: str) -> "World":
    from clinics.scope import in_clinic
    from reminders.kinds import LatePolicy
    from reminders.models import Rule
    from tests.world import make_world

    host, port = os.environ["SANDBOX_SMTP"].split(":")
    world = make_world(slug(zone), smtp_port=int(port))
    world.clinic.time_zone = zone
    world.clinic.save()
    with in_clinic(world.clinic.pk):
        world.sender.host = host
        world.sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
        world.sender.save()
        rule = world.rule
        rule.late_policy = LatePolicy.SKIP  # what had passed before the outage is not its matter
        for lead in LEADS:
            rule.amount = lead.total_seconds() // 60
            rule.save()
            rule = Rule(**{
                field.attname: getattr(rule, field.attname) for field in Rule._meta.concrete_fields
                if not field.primary_key
            })  # fmt: skip
    return world


def _book(world: "World", own: list[Visit]) -> list[int]:
    from appointments.models import Appointment
    from patients.models import Patient
    from tests.world import PATIENT

    clinic, booked = world.clinic, BEGINS - timedelta(days=7)
    patients = Patient.objects.bulk_create(
        Patient(clinic=clinic, **{**PATIENT, "email": one.address}) for one in own
    )  # fmt: skip
    made = Appointment.objects.bulk_create(
        Appointment(
            clinic=clinic, patient=patient, practitioner=world.practitioner, location=world.location, type=world.type,
            start=one.start, end=one.start + timedelta(minutes=30), booked_at=booked, start_set_at=booked,
        )
        for one, patient in zip(own, patients, strict=True)
    )  # fmt: skip
    return [one.pk for one in made]


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]))
