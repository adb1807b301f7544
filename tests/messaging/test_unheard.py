"""What the provider does not say by itself is asked for, at its times, and given up after the last."""

from datetime import timedelta
from typing import Any

import pytest

from clinics.clock import real_now
from clinics.scope import in_clinic
from messaging import unheard
from messaging.channels import Channel
from messaging.delivery import Draft, begin
from messaging.marks import Ended, write_marks
from messaging.models import Attempt, Receipt, Sender
from messaging.outcomes import Accepted, AttemptState, Purpose
from messaging.providers import CannotTell, Report
from messaging.receipts import apply, store, waiting
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("B14")]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SENT = Report("SM1:sent:", AttemptState.ACCEPTED, "SM1")
DELIVERED = Report("SM1:delivered:", AttemptState.DELIVERED, "SM1")


def handed_over(world: World, provider: str = "twilio") -> Attempt:
    """An attempt that its provider has just taken over."""
    with in_clinic(world.clinic.pk):
        sender = world.sender
        if provider == "twilio":
            sender = Sender.objects.create(
                clinic=world.clinic, channel=Channel.SMS, provider="twilio", address="Clinica", username="AC1"
            )
        draft = Draft(None, Channel.SMS, Purpose.TEST, "+34600000000", NOW + HOUR, "", "Hola", "")
        [begun] = begin(world.clinic.pk, sender, [draft], NOW)
    write_marks([], [begun.attempt_id])
    write_marks([Ended(begun.attempt_id, Accepted("SM1", "queued"))], [])
    return read(world, begun.attempt_id)


def read(world: World, attempt_id: int) -> Attempt:
    with in_clinic(world.clinic.pk):
        found: Attempt = Attempt.objects.get(pk=attempt_id)
        return found


def ages(world: World, attempt: Attempt, age: timedelta) -> None:
    """Instead of waiting: it was handed over so long ago; what was to be asked by now is due."""
    real = real_now()
    with in_clinic(world.clinic.pk):
        Attempt.objects.filter(pk=attempt.pk).update(called_at=real - age, next_look_at=real)


def ask(world: World, said: Report | CannotTell) -> bool:
    """One drain asks and takes the answer; whether there was anything to ask."""
    for clinic_id, attempt_ids in unheard.overdue(10).items():
        with in_clinic(clinic_id):
            questions = unheard.take(attempt_ids)
        for question in questions:
            with in_clinic(clinic_id):
                unheard.take_answer(clinic_id, question, said)
        return bool(questions)
    return False


def wait_of(attempt: Attempt) -> timedelta | None:
    """How long after the call it is asked about next."""
    if attempt.next_look_at is None:
        return None
    assert attempt.called_at is not None
    return attempt.next_look_at - attempt.called_at


def test_it_is_first_asked_about_after_a_quarter_of_an_hour(world: World) -> None:
    attempt = handed_over(world)
    wait = wait_of(attempt)
    assert wait is not None and 14 * MINUTE < wait <= 15 * MINUTE
    assert unheard.overdue(10) == {}


def test_where_the_provider_reports_nothing_it_is_never_asked(world: World) -> None:
    attempt = handed_over(world, "smtp")
    assert attempt.next_look_at is None and not attempt.no_receipt


@pytest.mark.parametrize(
    ("age", "next_look"),
    [
        (15 * MINUTE - timedelta(seconds=20), HOUR),
        (HOUR, 6 * HOUR),
        (6 * HOUR, 24 * HOUR),
        (24 * HOUR, 72 * HOUR),
        (72 * HOUR, None),
        (30 * HOUR, 72 * HOUR),  # what an absence of ours has passed over is not made up for
        (100 * HOUR, None),
    ],
)
def test_the_looks_grow_apart_and_end_after_three_days(
    world: World, age: timedelta, next_look: timedelta | None
) -> None:
    attempt = handed_over(world)
    ages(world, attempt, age)
    assert ask(world, SENT)
    asked = read(world, attempt.pk)
    assert (wait_of(asked), asked.state, asked.no_receipt) == (next_look, AttemptState.ACCEPTED, next_look is None)
    assert unheard.overdue(10) == {}


def test_a_provider_that_cannot_tell_is_asked_again_at_the_next_time(world: World) -> None:
    attempt = handed_over(world)
    ages(world, attempt, HOUR)
    ask(world, CannotTell())
    assert wait_of(read(world, attempt.pk)) == 6 * HOUR
    with in_clinic(world.clinic.pk):
        assert not Receipt.objects.exists()


def test_an_answer_is_a_receipt_once_however_often_it_is_told(world: World) -> None:
    attempt = handed_over(world)
    for age in (HOUR, 6 * HOUR):
        ages(world, attempt, age)
        ask(world, SENT)
    ages(world, attempt, 24 * HOUR)
    ask(world, DELIVERED)
    with in_clinic(world.clinic.pk):
        store(world.clinic.pk, attempt.pk, DELIVERED)  # the callback comes after all
        assert sorted(Receipt.objects.values_list("event", flat=True)) == ["SM1:delivered:", "SM1:sent:"]
    with in_clinic(world.clinic.pk):
        assert apply(waiting_here(), NOW) == [attempt.message_id]
    assert read(world, attempt.pk).state == AttemptState.DELIVERED
    ages(world, attempt, 80 * HOUR)
    assert not ask(world, SENT)  # of what has an end nobody is asked


def waiting_here() -> list[int]:
    [ids] = waiting().values()
    return ids


def test_a_callback_counts_also_after_it_was_given_up(world: World) -> None:
    attempt = handed_over(world)
    ages(world, attempt, 72 * HOUR)
    ask(world, SENT)
    assert read(world, attempt.pk).no_receipt
    with in_clinic(world.clinic.pk):
        store(world.clinic.pk, attempt.pk, DELIVERED)
    with in_clinic(world.clinic.pk):
        apply(waiting_here(), NOW)
    late = read(world, attempt.pk)
    assert (late.state, late.no_receipt) == (AttemptState.DELIVERED, False)


def test_two_drains_ask_once_and_a_dead_askers_question_is_asked_again(world: World) -> None:
    attempt = handed_over(world)
    ages(world, attempt, HOUR)
    with in_clinic(world.clinic.pk):
        assert [one.attempt_id for one in unheard.take([attempt.pk])] == [attempt.pk]
    with in_clinic(world.clinic.pk):
        assert unheard.take([attempt.pk]) == []
    taken = read(world, attempt.pk).next_look_at
    assert taken is not None and timedelta(0) < taken - real_now() <= unheard.LEASE
    ages(world, attempt, HOUR)
    assert ask(world, SENT)


def test_what_was_taken_over_without_a_reference_cannot_be_looked_up(world: World) -> None:
    attempt = handed_over(world)
    with in_clinic(world.clinic.pk):
        Attempt.objects.update(provider_ref="")
    ages(world, attempt, HOUR)
    with in_clinic(world.clinic.pk):
        [question] = unheard.take([attempt.pk])
    assert question.ask() == CannotTell()


def test_a_secret_that_cannot_be_opened_stops_no_other(world: World) -> None:
    attempt = handed_over(world)
    with in_clinic(world.clinic.pk):
        Sender.objects.update(sealed_secret="k1:broken")
    ages(world, attempt, HOUR)
    assert ask(world, CannotTell())


def test_the_waits_are_a_setting(world: World, settings: Any) -> None:
    settings.RECEIPT_SECONDS = [1, 5]
    attempt = handed_over(world)
    ages(world, attempt, timedelta(seconds=1))
    ask(world, SENT)
    assert wait_of(read(world, attempt.pk)) == timedelta(seconds=5)
