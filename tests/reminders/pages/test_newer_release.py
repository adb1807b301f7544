"""A newer release works on the same database: what it writes that this one does not know is shown, and left to it."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from clinics.scope import in_clinic
from messaging.models import Attempt
from messaging.outcomes import AttemptState
from reminders.kinds import State
from reminders.models import Reminder
from reminders.plan import bring_up_to_date
from reminders.settle import settle_calls
from tests.visitors import DAY, NOW, attempt, book, reminders_of
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.feature("B14", enters="page")]
NEWER = {"state": "parked_new", "failure": "no_credit_new"}


@pytest.fixture
def parked(world: World) -> Reminder:
    """A reminder due an hour ago, with an attempt, both in states of which this release knows nothing."""
    reminder = reminders_of(world, book(world, NOW + DAY - DAY / 24))[0]
    made = attempt(world, reminder, AttemptState.ACCEPTED)
    with in_clinic(world.clinic.pk):
        Attempt.objects.filter(pk=made.pk).update(state="held_new", failure="no_credit_new")
        Reminder.objects.filter(pk=reminder.pk).update(**NEWER)
        found: Reminder = Reminder.objects.get(pk=reminder.pk)
    return found


@pytest.mark.parametrize("page", ["agenda", "log", "gaps", "appointment", "appointment_why", "reminder", "patient"])
def test_every_page_shows_it(world: World, desk: Client, parked: Reminder, page: str) -> None:
    of = {"reminder": [parked.pk], "patient": [world.patient.pk]}
    of |= dict.fromkeys(("appointment", "appointment_why"), [parked.appointment_id])
    path = reverse(page, args=[world.clinic.slug, *of.get(page, [])])
    answer = desk.get(path, headers={"HX-Request": "true"} if page == "appointment_why" else {})
    assert answer.status_code == 200


def test_the_plan_leaves_it_alone(world: World, parked: Reminder) -> None:
    with in_clinic(world.clinic.pk):
        bring_up_to_date(world.clinic, [parked.appointment_id], NOW)
        assert Reminder.objects.filter(pk=parked.pk, **NEWER).exists()


def test_an_attempt_of_which_only_the_newer_one_knows_is_not_taken_for_sent(world: World, parked: Reminder) -> None:
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=parked.pk).update(state=State.SENDING)
        settle_calls([parked.pk], NOW)
        assert Reminder.objects.get(pk=parked.pk).state == State.SENDING


def test_why_is_answered(world: World, parked: Reminder, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("explain", str(parked.appointment_id), clinic=world.clinic.slug)
    assert capsys.readouterr().out
