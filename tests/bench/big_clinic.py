"""What is planned again? A clinic with so many appointments to come, and another whose reminders go out meanwhile.

Runs as a program with a stack's environment, as the app role: `python -m tests.bench.big_clinic fill|others|change|rows
…`; what a part has found it prints as JSON.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clinics.models import Clinic
    from tests.world import World

_BATCH = 5000
_BIG, _OTHER = "big", "other"
#: How far apart the other clinic's reminders fall due.
APART = timedelta(milliseconds=500)
_SOON = timedelta(seconds=5)
#: The appointments of the big clinic begin from the day after tomorrow and half a year on: none falls due meanwhile.
_FROM, _SPAN = timedelta(days=4), timedelta(days=180)
ADDRESS = "p{number:06d}@" + _OTHER + ".example"
_ACROSS = 100


def fill(count: int) -> None:
    """A clinic with `count` appointments in half a year, of a tenth as many patients; the drain plans them."""
    from clinics.scope import in_clinic

    world = _open_always(_BIG)
    with in_clinic(world.clinic.pk):
        patients = _patients(world, max(1, count // 10))
    for first in range(0, count, _BATCH):
        with in_clinic(world.clinic.pk):
            numbers = range(first, min(first + _BATCH, count))
            _book(world, [(number, patients[number % len(patients)]) for number in numbers], count)


def others(count: int) -> dict[str, str]:
    """A clinic of which `count` reminders fall due one after the other, from in a few seconds on, planned already; for
    each address that moment."""
    from appointments.models import Appointment
    from clinics.clock import now
    from clinics.scope import in_clinic
    from reminders.models import Reminder
    from reminders.plan import bring_up_to_date

    world = _open_always(_OTHER)
    with in_clinic(world.clinic.pk):
        world.sender.host = os.environ["SANDBOX_SMTP"].split(":")[0]
        world.sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
        world.sender.save()
        patients, moment = _patients(world, count), now()
        starts = [moment + _SOON + timedelta(hours=24) + number * APART for number in range(count)]
        _write(world, list(zip(starts, patients, strict=True)), moment)
        bring_up_to_date(world.clinic, list(Appointment.objects.values_list("pk", flat=True)), moment)
        rows = Reminder.objects.filter(state="planned").values_list("appointment__patient__email", "due_at")
        return {address: due.isoformat() for address, due in rows}


def change() -> float:
    """The big clinic reminds two days before instead of one, as its settings page would do it. Gives when that was
    asked for, in seconds since 1970."""
    from clinics.clock import now
    from clinics.scope import in_clinic
    from clinics.setting_log import Act
    from reminders.models import Rule
    from reminders.rule_writing import described, write_rule
    from reminders.timing import Timing

    clinic, asked = _clinic(_BIG), time.time()
    with in_clinic(clinic.pk):
        rule = Rule.objects.get()
        wanted = described(rule)
        longer = Timing(wanted.timing.kind, 2 * wanted.timing.amount)
        write_rule(clinic, rule, type(wanted)(**{**vars(wanted), "timing": longer}), Act(None, now()))
    return asked


def rows(count: int, rounds: int) -> list[tuple[float, float]]:
    """Seconds to write `count` re-planned reminders: (as the plan writes them, each saved by itself), by turns. Nothing
    of it stays."""
    from django.db import transaction

    from clinics.scope import in_clinic
    from reminders.models import Reminder

    took = []
    for number in range(rounds):
        with in_clinic(_clinic(_BIG).pk):
            own = list(Reminder.objects.order_by("pk")[:count])
            sides = (_at_once, _each) if number % 2 == 0 else (_each, _at_once)
            seconds = {}
            for side in sides:
                began = time.perf_counter()
                side(own)
                seconds[side] = time.perf_counter() - began
            took.append((seconds[_at_once], seconds[_each]))
            transaction.set_rollback(True)
    return took


def _at_once(own: list[Any]) -> None:
    from clinics.rows import update_rows
    from reminders.models import Reminder
    from reminders.plan import CHANGED

    update_rows(Reminder, _moved(own), CHANGED)


def _each(own: list[Any]) -> None:
    for reminder in _moved(own):
        reminder.save()


def _moved(own: list[Any]) -> list[Any]:
    for reminder in own:
        reminder.due_at -= timedelta(hours=24)
        reminder.look_at, reminder.deadline = reminder.due_at, reminder.deadline - timedelta(hours=24)
    return own


def _open_always(slug: str) -> "World":
    from tests.world import make_world

    world = make_world(slug, smtp_port=int(os.environ["SANDBOX_SMTP"].split(":")[1]))
    world.clinic.quiet_until = world.clinic.quiet_from  # the benchmark passes at any hour
    world.clinic.save()
    return world


def _clinic(slug: str) -> "Clinic":
    from clinics.models import Clinic

    found: Clinic = Clinic.objects.get(slug=slug)
    return found


def _patients(world: "World", count: int) -> list[Any]:
    from patients.models import Patient
    from tests.world import PATIENT

    made: list[Any] = Patient.objects.bulk_create(
        Patient(clinic=world.clinic, **{**PATIENT, "email": ADDRESS.format(number=number)}) for number in range(count)
    )
    return made


def _book(world: "World", whose: list[tuple[int, Any]], count: int) -> None:
    from clinics.clock import now

    moment = now()
    slots = max(1, count // _ACROSS)
    apart = _SPAN / slots
    _write(world, [(moment + _FROM + (number % slots) * apart, patient) for number, patient in whose], moment)


def _write(world: "World", booked: list[tuple[datetime, Any]], moment: datetime) -> None:
    from appointments.models import Appointment

    known_since = moment - timedelta(days=7)
    Appointment.objects.bulk_create(
        Appointment(
            clinic=world.clinic, patient=patient, practitioner=world.practitioner, location=world.location,
            type=world.type, start=start, end=start + timedelta(minutes=30), booked_at=known_since,
            start_set_at=known_since,
        )
        for start, patient in booked
    )  # fmt: skip


_PARTS: dict[str, Callable[..., Any]] = {"fill": fill, "others": others, "change": change, "rows": rows}

if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_PARTS[sys.argv[1]](*map(int, sys.argv[2:]))))
