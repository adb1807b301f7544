"""The way of a reminder by SMS: sent, told of by callbacks, and asked about where it was cut off. True sockets."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from clinics.clock import real_now
from clinics.scope import in_clinic
from messaging.models import Attempt, Receipt
from messaging.outcomes import AttemptState, FailureKind
from patients.models import LineType, Phone
from reminders.asking import MOST_UNANSWERED
from reminders.drain import drain
from reminders.kinds import State
from reminders.lanes import Lanes
from reminders.news import settle_what_was_lost
from sandbox.server import Sandbox
from tests.reminders.conftest import NUMBER
from tests.reminders.sending import attempts, book, leases_run_out, next_try_comes, only_attempt, only_reminder
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def eventually(holds: Callable[[], bool]) -> None:
    """Waits for what another process or thread does; fails after ten seconds."""
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until, "it did not come about in ten seconds"


def receipts(world: World) -> set[str]:
    with in_clinic(world.clinic.pk):
        return set(Receipt.objects.values_list("state", flat=True))


@pytest.mark.feature(65, 126)
def test_a_reminder_by_sms_arrives_and_its_delivery_is_told(texting: World, lanes: Lanes, mail_server: Sandbox) -> None:
    book(texting)
    assert drain(lanes, 5) == 1
    assert only_reminder(texting).state == State.HANDED_OVER
    eventually(lambda: "delivered" in receipts(texting))
    drain(lanes, 5)
    attempt = only_attempt(texting)
    assert (attempt.state, attempt.message.address) == (AttemptState.DELIVERED, NUMBER)
    [message] = mail_server.sms()
    assert message["body"].startswith("Lucía: ")


def test_an_undelivered_message_turns_what_was_sent_into_an_error(
    texting: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    mail_server.faults.command({"fault": "sms_undelivered", "code": 30003})
    book(texting)
    drain(lanes, 5)
    eventually(lambda: "failed" in receipts(texting))
    drain(lanes, 5)
    reminder = only_reminder(texting)
    assert (reminder.state, reminder.failure) == (State.FAILED, FailureKind.UNREACHABLE_PHONE)


@pytest.mark.parametrize("fault", ["sms_500_sent", "sms_reset_sent"])
def test_what_was_cut_off_and_sent_is_settled_by_its_callback_and_never_sent_twice(
    texting: World, lanes: Lanes, mail_server: Sandbox, fault: str
) -> None:
    mail_server.faults.command({"fault": fault, "times": 1})
    book(texting)
    drain(lanes, 5)
    eventually(lambda: "delivered" in receipts(texting))
    drain(lanes, 5)
    assert only_reminder(texting).state == State.HANDED_OVER
    assert len(mail_server.sms()) == 1


def look(world: World, lanes: Lanes) -> None:
    """Instead of waiting a minute: the provider is asked now, and its answer taken up."""
    leases_run_out(world)
    drain(lanes, 5)
    eventually(lambda: not lanes.asking._answers.empty() or only_reminder(world).state != State.SENDING)
    drain(lanes, 5)


def test_what_was_cut_off_and_sent_is_found_by_asking_where_no_callback_comes(
    texting: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    mail_server.faults.command({"fault": "callback_none"})
    mail_server.faults.command({"fault": "sms_reset_sent", "times": 1})
    book(texting)
    drain(lanes, 5)
    assert (only_attempt(texting).state, only_reminder(texting).state) == (AttemptState.UNKNOWN, State.SENDING)
    look(texting, lanes)
    assert (only_attempt(texting).state, only_reminder(texting).state) == (AttemptState.ACCEPTED, State.HANDED_OVER)
    assert only_attempt(texting).provider_ref == mail_server.sms()[0]["sid"]


def test_what_was_cut_off_and_not_sent_goes_again_after_two_looks(
    texting: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    mail_server.faults.command({"fault": "sms_reset_not_sent", "times": 1})
    book(texting)
    drain(lanes, 5)
    look(texting, lanes)
    assert only_reminder(texting).state == State.SENDING
    look(texting, lanes)
    assert (only_reminder(texting).state, only_attempt(texting).failure) == (State.PLANNED, "not_found_there")
    next_try_comes(texting)
    assert drain(lanes, 5) == 1
    assert [attempt.state for attempt in attempts(texting)][0] == AttemptState.FAILED
    assert only_reminder(texting).state == State.HANDED_OVER
    assert len(mail_server.sms()) == 1


def test_what_nobody_can_tell_is_uncertain_once_it_was_asked_for_long_enough(
    texting: World, lanes: Lanes, mail_server: Sandbox, settings: Any
) -> None:
    settings.LOOK_SECONDS, settings.RECONCILE_SECONDS = 60, 120
    mail_server.faults.command({"fault": "callback_none"})
    mail_server.faults.command({"fault": "sms_reset_not_sent", "times": 1})
    book(texting)
    drain(lanes, 5)
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"  # whoever is asked does not answer
    look(texting, lanes)
    assert only_reminder(texting).state == State.SENDING
    look(texting, lanes)
    assert (only_reminder(texting).state, only_attempt(texting).looks) == (State.UNCERTAIN, 2)


def test_a_question_whose_asker_died_is_no_look(
    texting: World, lanes: Lanes, mail_server: Sandbox, settings: Any
) -> None:
    settings.LOOK_SECONDS, settings.RECONCILE_SECONDS = 60, 120
    mail_server.faults.command({"fault": "callback_none"})
    mail_server.faults.command({"fault": "sms_reset_sent", "times": 1})
    book(texting)
    drain(lanes, 5)
    for _ in range(4):  # each time a worker would ask, and be killed before the answer came
        leases_run_out(texting)
        assert len(settle_what_was_lost()) == 1
    assert (only_reminder(texting).state, only_attempt(texting).looks) == (State.SENDING, 0)
    look(texting, lanes)
    assert only_reminder(texting).state == State.HANDED_OVER


def unheard_for_an_hour(world: World, lanes: Lanes) -> None:
    """Instead of waiting: it was handed over an hour ago, the provider is asked, and its answer is taken up."""
    with in_clinic(world.clinic.pk):
        Attempt.objects.update(called_at=real_now() - timedelta(hours=1), next_look_at=real_now())
    drain(lanes, 5)
    eventually(lambda: not lanes.asking._answers.empty())
    drain(lanes, 5)  # puts it into the inbox
    drain(lanes, 5)  # applies what is in the inbox


@pytest.mark.feature("B14")
@pytest.mark.parametrize("fate", ["delivered", "undelivered"])
def test_what_no_callback_tells_of_is_asked_for(texting: World, lanes: Lanes, mail_server: Sandbox, fate: str) -> None:
    mail_server.faults.command({"fault": "callback_none"})
    if fate == "undelivered":
        mail_server.faults.command({"fault": "sms_undelivered", "code": 30003})
    book(texting)
    drain(lanes, 5)
    eventually(lambda: mail_server.sms()[0]["status"] == fate)
    assert (receipts(texting), only_attempt(texting).state) == (set(), AttemptState.ACCEPTED)
    unheard_for_an_hour(texting, lanes)
    state, failure = (State.HANDED_OVER, "") if fate == "delivered" else (State.FAILED, FailureKind.UNREACHABLE_PHONE)
    assert (only_reminder(texting).state, only_reminder(texting).failure) == (state, failure)
    assert only_attempt(texting).state == ("delivered" if fate == "delivered" else AttemptState.FAILED)
    assert len(mail_server.sms()) == 1
    assert lanes.asking.room() == MOST_UNANSWERED


@pytest.mark.feature(56)
def test_a_landline_gets_no_text_and_the_gate_says_so(texting: World, lanes: Lanes, mail_server: Sandbox) -> None:
    with in_clinic(texting.clinic.pk):
        Phone.objects.update(line_type=LineType.FIXED)
    book(texting)
    assert drain(lanes, 5) == 0
    reminder = only_reminder(texting)
    assert reminder.state == State.SKIPPED
    assert [code for code, passed, _ in reminder.gates if passed is False] == ["landline"]
    assert mail_server.sms() == []
