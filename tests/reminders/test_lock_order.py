"""Whoever changes an appointment and the workers never wait for each other: a page that did would end in an error."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from appointments.models import Appointment, NoticeAnswer, Status
from clinics.models import Clinic
from clinics.scope import in_clinic
from messaging.delivery import Begun
from reminders import queue
from reminders.drain import plan_what_is_behind
from reminders.kinds import State
from reminders.models import Reminder, Told
from reminders.plan import bring_up_to_date
from reminders.prepare import prepare
from reminders.settle import settle_lost, settle_stopped
from tests.locks import beside, wait_until_somebody_waits
from tests.reminders.sending import DAY, book, leases_run_out, now, only_attempt, only_reminder
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("F32", "F33", enters="worker")]
Settle = Callable[[tuple[int, Begun]], object]


def begun(world: World) -> tuple[Appointment, tuple[int, Begun]]:
    """A reminder that is begun and not called."""
    row = book(world)
    plan_what_is_behind()
    [claims] = queue.claim(now(), ()).values()
    with in_clinic(world.clinic.pk):
        [one] = prepare(Clinic.objects.get(pk=world.clinic.pk), claims, now())
        return row, one


@pytest.mark.parametrize("settle", [lambda one: settle_lost([one[0]], now()), lambda one: settle_stopped([one], now())])
def test_settling_waits_for_no_attempt_that_a_change_is_just_ending(live: World, settle: Settle) -> None:
    row, one = begun(live)
    leases_run_out(live)
    with in_clinic(live.clinic.pk):
        Appointment.objects.filter(pk=row.pk).update(status=Status.CANCELLED)
        began = time.monotonic()
        settling = beside(live.clinic.pk, lambda: settle(one))
        settling.join(20)
        assert time.monotonic() - began < 4
        bring_up_to_date(Clinic.objects.get(pk=live.clinic.pk), [row.pk], now())
    assert only_attempt(live).failure == "never_called"
    with in_clinic(live.clinic.pk):
        settle_lost([one[0]], now())
    assert only_reminder(live).state == State.PLANNED  # it is decided anew


def test_a_plan_holds_nothing_that_a_settling_needs_while_it_waits_for_its_reminders(live: World) -> None:
    row = book(live, now() + 3 * DAY)
    plan_what_is_behind()
    with in_clinic(live.clinic.pk):
        Appointment.objects.filter(pk=row.pk).update(start=row.start + DAY, end=row.end + DAY)
        NoticeAnswer.objects.create(
            clinic=live.clinic, appointment=row, revision=2, event="change", notify=False,
            at=now() + timedelta(seconds=1),
        )  # fmt: skip
    clinic = Clinic.objects.get(pk=live.clinic.pk)
    with in_clinic(live.clinic.pk):
        assert list(Reminder.objects.select_for_update(of=("self",)))
        planning = beside(live.clinic.pk, lambda: bring_up_to_date(clinic, [row.pk], now()))
        wait_until_somebody_waits()
        assert list(Told.objects.select_for_update(of=("self",), nowait=True))
    planning.join(20)
    with in_clinic(live.clinic.pk):
        [told] = Told.objects.all()
        assert "former" in told.facts  # the plan went on, and noted what staff had said
