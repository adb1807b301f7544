"""Notices and "send now": a reminder is what is sent by hand; a notice goes again only where somebody asks for it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from appointments.models import Appointment, NoticeAnswer
from clinics.models import User
from clinics.scope import in_clinic
from messaging.channels import Channel
from reminders.kinds import Kind, Origin, State, TimingKind
from reminders.models import Reminder, Template, TemplateVersion
from reminders.send_now import Ask, Outcome, Sent, send_now
from tests.reminders.planning import another_rule, book, change, plan, rows
from tests.world import DAY, NOW, World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
START = NOW + 2 * DAY


@pytest.fixture
def ana(world: World) -> User:
    made: User = User.objects.create_user("ana@people.example", "x", name="Ana Gil")
    return made


def notice(world: World, kind: Kind) -> None:
    """The clinic has such a notice, with words."""
    another_rule(world, kind=kind, timing=TimingKind.ON_EVENT, amount=0)
    with in_clinic(world.clinic.pk):
        made = Template.objects.create(clinic=world.clinic, kind=kind, channel=Channel.EMAIL, language="es", version=1)
        TemplateVersion.objects.create(
            clinic=world.clinic, template=made, version=1, subject="Aviso", body="[APPOINTMENT]", written_at=NOW
        )


def agreed(world: World, row: Appointment, event: Kind, **fields: object) -> Reminder:
    """Changes the appointment, staff say that the patient is told, and the notice is planned."""
    change(world, row, **fields)
    with in_clinic(world.clinic.pk):
        row.refresh_from_db()
        NoticeAnswer.objects.create(
            clinic=world.clinic, appointment=row, revision=row.revision, event=event, notify=True, at=NOW
        )
        Appointment.objects.filter(pk=row.pk).update(planned_revision=0)
    plan(world, row)
    return next(one for one in rows(world) if one.kind == event)


def send(world: World, row: Appointment, by: User, again: int | None = None) -> Sent:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        return send_now(world.clinic, Ask(row.pk, Channel.EMAIL, by, uuid4(), again), NOW)


def test_a_notice_that_waits_for_its_grace_is_not_what_is_sent(world: World, ana: User) -> None:
    notice(world, Kind.CHANGE)
    row = book(world, START)
    plan(world, row)
    waiting = agreed(world, row, Kind.CHANGE, start=START + HOUR, end=START + 2 * HOUR)
    made = send(world, row, ana).reminder
    assert made is not None and made.kind == Kind.REMINDER
    with in_clinic(world.clinic.pk):
        assert Reminder.objects.get(pk=waiting.pk).origin == Origin.AUTOMATIC


@pytest.mark.feature("N1")
def test_a_missed_notice_goes_again_where_somebody_asks_for_it(world: World, ana: User) -> None:
    notice(world, Kind.CHANGE)
    row = book(world, START)
    plan(world, row)
    missed = agreed(world, row, Kind.CHANGE, start=START + HOUR, end=START + 2 * HOUR)
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=missed.pk).update(state=State.FAILED, ended_at=NOW)
    made = send(world, row, ana, again=missed.pk).reminder
    assert made is not None and (made.kind, made.trigger, made.round) == (Kind.CHANGE, missed.trigger, 2)
    assert (made.event_at, made.due_at, made.look_at) == (NOW, NOW, NOW)  # who says "now" waives the grace


def test_of_a_cancelled_appointment_its_cancellation_goes_and_nothing_else(world: World, ana: User) -> None:
    notice(world, Kind.CANCELLATION)
    row = book(world, START)
    plan(world, row)
    missed = agreed(world, row, Kind.CANCELLATION, status="cancelled")
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=missed.pk).update(state=State.SKIPPED, ended_at=NOW)
    made = send(world, row, ana).reminder
    assert made is not None and (made.kind, made.round) == (Kind.CANCELLATION, 2)


def test_a_cancelled_appointment_without_a_missed_notice_is_refused(world: World, ana: User) -> None:
    row = book(world, START)
    plan(world, row)
    change(world, row, status="cancelled")
    assert send(world, row, ana).outcome is Outcome.REFUSED
