"""The way of one reminder, over the true code and a true SMTP server that misbehaves on command."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from appointments.models import Appointment
from clinics.clock import real_now
from clinics.scope import in_clinic
from messaging import sender_state
from messaging.models import Attempt, Sender, SenderState
from messaging.outcomes import AttemptState, FailureKind, Phase
from patients.models import Patient
from reminders import drain as the_drain
from reminders import queue
from reminders.drain import drain
from reminders.kinds import State
from reminders.lanes import Lanes
from reminders.models import Heartbeat
from sandbox.server import Sandbox
from tests.reminders.sending import (
    attempts,
    book,
    book_many,
    change_reminders,
    leases_run_out,
    next_try_comes,
    now,
    only_attempt,
    only_reminder,
    reminders,
)
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forget(mail_server: Sandbox) -> None:
    """Each test counts its own mails: accounts are named by clinic, and so are they."""
    mail_server.faults.clear()


def new_mails(mail_server: Sandbox, before: int) -> list[dict[str, Any]]:
    return mail_server.truth()[before:]


@pytest.mark.feature("45")
def test_a_due_reminder_arrives_and_is_in_the_log(live: World, lanes: Lanes, mail_server: Sandbox) -> None:
    before = len(mail_server.truth())
    book(live)
    assert drain(lanes, 5) == 1
    reminder, attempt = only_reminder(live), only_attempt(live)
    assert (reminder.state, reminder.tries, reminder.lease_until) == (State.HANDED_OVER, 1, None)
    assert (attempt.state, attempt.message.address) == (AttemptState.ACCEPTED, "lucia@correo.example")
    assert attempt.called_at is not None
    assert attempt.message.token in attempt.provider_ref
    [mail] = new_mails(mail_server, before)
    assert mail["accepted"]
    assert mail["message_id"] == attempt.provider_ref
    assert "Su cita" in str(mail["subject"])
    assert drain(lanes, 5) == 0
    assert len(new_mails(mail_server, before)) == 1


#: fault → failure, phase, state of the reminder
FAULTS: dict[str, tuple[FailureKind, Phase, State]] = {
    "refuse_connect": (FailureKind.UNREACHABLE, Phase.CONNECT, State.PLANNED),
    "silent_banner": (FailureKind.UNREACHABLE, Phase.CONNECT, State.PLANNED),
    "reply_421": (FailureKind.UNREACHABLE, Phase.CONNECT, State.PLANNED),
    "auth_535": (FailureKind.AUTH_REFUSED, Phase.AUTH, State.PLANNED),
    "drop_at_mail": (FailureKind.UNREACHABLE, Phase.MAIL, State.PLANNED),
    "defer_rcpt": (FailureKind.DEFERRED, Phase.RCPT, State.PLANNED),
    "refuse_rcpt": (FailureKind.ADDRESS_REFUSED, Phase.RCPT, State.FAILED),
    "defer_after_dot": (FailureKind.DEFERRED, Phase.REPLY, State.PLANNED),
    "refuse_after_dot": (FailureKind.CONTENT_REFUSED, Phase.REPLY, State.FAILED),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.feature("45")
def test_each_misbehaviour_has_its_class_and_what_may_goes_again_as_the_same_message(
    live: World, lanes: Lanes, mail_server: Sandbox, fault: str
) -> None:
    kind, phase, state = FAULTS[fault]
    before = len(mail_server.truth())
    mail_server.faults.command({"fault": fault})
    book(live)
    asked = now()
    assert drain(lanes, 8) == 1
    reminder, attempt = only_reminder(live), only_attempt(live)
    assert (attempt.state, attempt.failure, attempt.phase) == (AttemptState.FAILED, kind, phase)
    assert (reminder.state, reminder.failure, reminder.tries) == (state, kind, 1)
    mail_server.faults.clear()
    if state is State.FAILED:
        assert reminder.ended_at is not None
        next_try_comes(live)
        assert drain(lanes, 5) == 0
        return
    assert timedelta(seconds=30) <= reminder.look_at - asked <= timedelta(seconds=100)
    assert drain(lanes, 5) == 0  # not before its next try
    next_try_comes(live)
    rest_is_over(live)
    assert drain(lanes, 5) == 1
    first, second = attempts(live)
    assert (first.message_id, second.number, second.state) == (second.message_id, 2, AttemptState.ACCEPTED)
    mails = new_mails(mail_server, before)
    assert [mail["accepted"] for mail in mails][-1]
    assert len([mail for mail in mails if mail["kept"]]) == 1
    assert {mail["message_id"] for mail in mails} == {second.provider_ref}
    reminder = only_reminder(live)
    assert (reminder.state, reminder.tries, reminder.failure) == (State.HANDED_OVER, 2, "")


@pytest.mark.parametrize("fault", ["drop_after_dot", "hang_after_dot"])
@pytest.mark.feature("45")
def test_cut_off_after_the_final_dot_it_is_unknown_then_uncertain_and_never_sent_again(
    live: World, lanes: Lanes, mail_server: Sandbox, fault: str, settings: Any
) -> None:
    settings.RECONCILE_SECONDS = 600
    before = len(mail_server.truth())
    mail_server.faults.command({"fault": fault, "seconds": 3})
    book(live)
    asked = now()
    assert drain(lanes, 8) == 1
    reminder, attempt = only_reminder(live), only_attempt(live)
    assert (attempt.state, attempt.phase) == (AttemptState.UNKNOWN, Phase.DOT)
    assert reminder.state == State.SENDING
    assert reminder.lease_until is not None
    assert timedelta(seconds=595) < reminder.lease_until - asked < timedelta(seconds=620)
    mail_server.faults.clear()
    assert drain(lanes, 5) == 0
    leases_run_out(live)
    assert drain(lanes, 5) == 0
    reminder = only_reminder(live)
    assert (reminder.state, reminder.ended_at is not None) == (State.UNCERTAIN, True)
    next_try_comes(live)
    leases_run_out(live)
    assert drain(lanes, 5) == 0
    assert len(new_mails(mail_server, before)) == 1


def test_a_drop_while_a_short_text_is_coming_is_never_taken_for_sent_nor_sent_twice(
    live: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    before = len(mail_server.truth())
    mail_server.faults.command({"fault": "drop_mid_data", "times": 1})
    book(live)
    assert drain(lanes, 8) == 1
    attempt, reminder = only_attempt(live), only_reminder(live)
    # A short text and its dot are one write away from each other: what comes back first decides what can be known.
    assert (attempt.state, attempt.phase, reminder.state) in {
        (AttemptState.FAILED, Phase.DATA, State.PLANNED),
        (AttemptState.UNKNOWN, Phase.DOT, State.SENDING),
    }
    next_try_comes(live)
    assert drain(lanes, 5) == len(new_mails(mail_server, before)) == (1 if reminder.state == State.PLANNED else 0)


@pytest.mark.parametrize("fault", ["drop_at_quit", "hang_at_quit"])
def test_what_happens_after_the_reply_changes_nothing(
    live: World, lanes: Lanes, mail_server: Sandbox, fault: str
) -> None:
    mail_server.faults.command({"fault": fault})
    book(live)
    assert drain(lanes, 5) == 1
    assert only_reminder(live).state == State.HANDED_OVER


def test_one_refused_mailbox_does_not_stop_the_others(live: World, lanes: Lanes, mail_server: Sandbox) -> None:
    mail_server.faults.command({"fault": "refuse_rcpt", "recipient": "p3@*"})
    book_many(live, 8)
    assert drain(lanes, 10) == 8
    assert sorted(one.state for one in reminders(live)) == [State.FAILED] + [State.HANDED_OVER] * 7


def log_ins(mail_server: Sandbox, before: int) -> int:
    """How often a password was refused since then."""
    return len([one for one in mail_server.attempts()[before:] if one["phase"] == Phase.AUTH])


@pytest.mark.feature("45")
def test_a_wrong_password_stops_the_account_instead_of_being_tried_for_each(
    live: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    before = len(mail_server.attempts())
    with in_clinic(live.clinic.pk):
        sender = Sender.objects.get()
        sender.set_secret("equivocada")
        sender.save()
    book_many(live, 30)
    drain(lanes, 10)
    assert log_ins(mail_server, before) <= 2
    assert {one.state for one in reminders(live)} == {State.PLANNED, State.HELD}
    assert len([one for one in attempts(live) if one.called_at is not None]) <= 2
    with in_clinic(live.clinic.pk):
        sender.set_secret("secreto")
        sender.save()
        sender_state.mended(sender)
    drain(lanes, 20)
    assert {one.state for one in reminders(live)} == {State.HANDED_OVER}


def test_what_was_not_called_for_the_accounts_fault_costs_no_try(
    live: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    mail_server.faults.command({"fault": "auth_535"})
    book_many(live, 5)
    drain(lanes, 5)
    assert sorted(one.tries for one in reminders(live)) == [0, 0, 0, 0, 1]


def rest_is_over(world: World) -> None:
    """Instead of waiting: an account that is let be may be tried again."""
    with in_clinic(world.clinic.pk):
        SenderState.objects.filter(open_until__isnull=False).update(open_until=real_now())


def known_for_long(world: World) -> None:
    """The plan saw the appointments in time, and nothing has looked at their reminders since."""
    the_drain.plan_what_is_behind()
    change_reminders(world, planned_at=now() - timedelta(days=9))


def test_a_failure_whose_next_try_would_be_too_late_expires(live: World, lanes: Lanes, mail_server: Sandbox) -> None:
    mail_server.faults.command({"fault": "defer_rcpt"})
    book(live, now() + timedelta(hours=18, seconds=20))  # six hours late in twenty seconds
    known_for_long(live)
    assert drain(lanes, 5) == 1
    assert (only_reminder(live).state, only_reminder(live).failure) == (State.EXPIRED, FailureKind.DEFERRED)


def test_one_that_is_too_late_when_it_is_looked_at_expires_unsent(live: World, lanes: Lanes) -> None:
    book(live, now() + timedelta(hours=17))
    known_for_long(live)
    assert drain(lanes, 5) == 0
    assert only_reminder(live).state == State.EXPIRED
    assert attempts(live) == []


def test_a_gate_that_says_no_at_its_moment_ends_it_with_its_reasons(live: World, lanes: Lanes) -> None:
    with in_clinic(live.clinic.pk):
        Patient.objects.update(consent_email=False, email="")
    book(live)
    assert drain(lanes, 5) == 0
    reminder = only_reminder(live)
    failed = {code for code, passed, _ in reminder.gates if passed is False}
    assert (reminder.state, failed) == (State.SKIPPED, {"consent_channel_off", "no_address"})


def test_a_reminder_that_is_not_due_is_left_alone(live: World, lanes: Lanes) -> None:
    book(live, now() + timedelta(days=3))
    assert drain(lanes, 5) == 0
    assert (only_reminder(live).state, only_reminder(live).epoch) == (State.PLANNED, 0)


def test_a_clinic_that_cannot_be_prepared_stops_no_other(live: World, lanes: Lanes, mail_server: Sandbox) -> None:
    other = make_world("otra-en-vivo", smtp_port=mail_server.smtp_port)
    other.clinic.quiet_from = other.clinic.quiet_until
    other.clinic.save()
    for world in (live, other):
        book(world)
    the_drain.plan_what_is_behind()
    type(live.clinic).objects.filter(pk=live.clinic.pk).update(time_zone="Mars/Olympus")
    drain(lanes, 5)
    assert only_reminder(other).state == State.HANDED_OVER
    assert attempts(live) == []
    assert lanes.busy() == set()


def test_every_drain_leaves_a_heartbeat(live: World, lanes: Lanes) -> None:
    drain(lanes, 1)
    assert now() - Heartbeat.objects.get(part="drain").at < timedelta(seconds=30)


def test_told_to_stop_it_begins_nothing(live: World, lanes: Lanes) -> None:
    book(live)
    lanes.stop()
    assert drain(lanes, 5) == 0
    assert only_reminder(live).state == State.PLANNED


def test_nothing_stays_open_in_the_queue_after_a_drain(live: World, lanes: Lanes) -> None:
    book_many(live, 45)
    assert drain(lanes, 20) == 45
    assert queue.next_moment() == (None, False)
    with in_clinic(live.clinic.pk):
        assert Attempt.objects.filter(state=AttemptState.ACCEPTED).count() == Appointment.objects.count() == 45
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT address) FROM messaging_message")
            assert cursor.fetchone() == (45,)
