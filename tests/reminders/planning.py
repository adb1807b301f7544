"""Short words for the tests of the plan: book, plan, change, and look at what became of it."""

from datetime import datetime
from typing import Any

from appointments.models import Appointment
from clinics.scope import in_clinic
from messaging.channels import Channel
from reminders.kinds import Kind, TimingKind
from reminders.models import Reminder, Rule
from reminders.plan import bring_up_to_date
from tests.world import DAY, NOW, World


def plan(world: World, *appointments: Appointment, now: datetime = NOW) -> int:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        return bring_up_to_date(world.clinic, [one.pk for one in appointments], now)


def book(world: World, start: datetime = NOW + 2 * DAY, **fields: object) -> Appointment:
    with in_clinic(world.clinic.pk):
        return world.appointment(start, **fields)


def rows(world: World) -> list[Reminder]:
    with in_clinic(world.clinic.pk):
        return list(Reminder.objects.order_by("pk"))


def states(world: World) -> list[tuple[str, str]]:
    return [(one.trigger, one.state) for one in rows(world)]


def change(world: World, appointment: Appointment, **fields: object) -> None:
    with in_clinic(world.clinic.pk):
        assert Appointment.objects.filter(pk=appointment.pk).update(**fields) == 1


def another_rule(world: World, **fields: object) -> Rule:
    given: dict[str, Any] = {
        "kind": Kind.REMINDER, "timing": TimingKind.BEFORE_ELAPSED, "amount": 120, "channel": Channel.EMAIL,
        "statuses": ["scheduled", "confirmed"],
    }  # fmt: skip
    with in_clinic(world.clinic.pk):
        rule: Rule = Rule.objects.create(clinic=world.clinic, **{**given, **fields})
        return rule


def edit_rule(world: World, **fields: object) -> None:
    """As the writer of rules does: the appointments to come are planned again."""
    with in_clinic(world.clinic.pk):
        Rule.objects.filter(pk=world.rule.pk).update(**fields)
        Appointment.objects.update(planned_revision=0)
