"""How it ended: lost leases, marks, late evidence."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from clinics.models import Clinic
from clinics.scope import in_clinic
from messaging.delivery import Begun, call
from messaging.marks import Ended, write_marks
from messaging.outcomes import Accepted, AttemptState, Failed, FailureKind, Phase, Unknown
from reminders import queue
from reminders.drain import drain, plan_what_is_behind
from reminders.kinds import State
from reminders.lanes import Lanes
from reminders.news import settle_what_was_lost
from reminders.prepare import prepare
from reminders.settle import settle_calls
from sandbox.server import Sandbox
from tests.reminders.sending import (
    attempts,
    book,
    change_reminders,
    leases_run_out,
    next_try_comes,
    now,
    only_attempt,
    only_reminder,
)
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def claim(world: World) -> list[queue.Claim]:
    book(world)
    plan_what_is_behind()
    return queue.claim(now())[world.clinic.pk]


def begin(world: World) -> Begun:
    """A reminder whose attempt is begun and whose worker stops here."""
    claims = claim(world)
    with in_clinic(world.clinic.pk):
        [(_, begun)] = prepare(Clinic.objects.get(pk=world.clinic.pk), claims, now())
        return begun


def settle(world: World) -> None:
    with in_clinic(world.clinic.pk):
        settle_calls([only_id(world)], now())


def only_id(world: World) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM reminders_reminder")
        [(found,)] = cursor.fetchall()
        return int(found)


def sent(mail_server: Sandbox, begun: Begun) -> int:
    """How often the server has the message."""
    return len([one for one in mail_server.truth() if begun.outgoing.token in one["message_id"] and one["kept"]])


def test_a_claim_whose_worker_died_goes_back_and_is_sent_once(live: World, lanes: Lanes, mail_server: Sandbox) -> None:
    claim(live)
    assert drain(lanes, 5) == 0  # the lease still holds
    leases_run_out(live)
    assert drain(lanes, 5) == 1
    reminder = only_reminder(live)
    assert (reminder.state, reminder.epoch, reminder.tries) == (State.HANDED_OVER, 2, 1)


def test_an_attempt_that_was_never_called_is_proof_of_not_sent_and_goes_once(
    live: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    begun = begin(live)
    assert drain(lanes, 5) == 0
    leases_run_out(live)
    assert drain(lanes, 5) == 1
    first, second = attempts(live)
    assert (first.state, first.failure) == (AttemptState.FAILED, FailureKind.NEVER_CALLED)
    assert (second.state, second.message.token) == (AttemptState.ACCEPTED, begun.outgoing.token)
    reminder = only_reminder(live)
    assert (reminder.state, reminder.tries, reminder.failure) == (State.HANDED_OVER, 1, "")  # it cost no try
    assert sent(mail_server, begun) == 1


def test_an_attempt_that_was_called_is_unknown_and_is_never_called_again(
    live: World, lanes: Lanes, mail_server: Sandbox
) -> None:
    begun = begin(live)
    write_marks([], [begun.attempt_id])
    leases_run_out(live)
    assert drain(lanes, 5) == 0
    assert (only_attempt(live).state, only_reminder(live).state) == (AttemptState.UNKNOWN, State.SENDING)
    leases_run_out(live)
    assert drain(lanes, 5) == 0
    assert only_reminder(live).state == State.UNCERTAIN
    assert sent(mail_server, begun) == 0


def test_the_wait_for_evidence_ends_with_the_deadline(live: World, settings: Any) -> None:
    settings.RECONCILE_SECONDS = 900
    begun = begin(live)
    write_marks([Ended(begun.attempt_id, Unknown(Phase.DOT))], [])
    change_reminders(live, deadline=now() + timedelta(seconds=60))
    settle(live)
    lease_until = only_reminder(live).lease_until
    assert lease_until is not None
    assert timedelta(seconds=50) < lease_until - now() <= timedelta(seconds=61)


def test_a_settled_attempt_may_not_start_any_more(live: World, lanes: Lanes, mail_server: Sandbox) -> None:
    begun = begin(live)
    leases_run_out(live)
    settle_what_was_lost()
    assert write_marks([], [begun.attempt_id]) == set()  # the worker that slept past its lease stops here
    assert drain(lanes, 5) == 1
    assert write_marks([], [begun.attempt_id]) == set()
    assert sent(mail_server, begun) == 1


def late_end(world: World, begun: Begun, outcome: Accepted | Failed | Unknown) -> None:
    """What a worker says that was thought dead."""
    write_marks([Ended(begun.attempt_id, outcome)], [])
    settle(world)


@pytest.mark.parametrize("waits", [True, False])
def test_a_late_yes_is_evidence_also_when_it_was_given_up(live: World, mail_server: Sandbox, waits: bool) -> None:
    begun = begin(live)
    write_marks([], [begun.attempt_id])
    for _ in range(1 if waits else 2):
        leases_run_out(live)
        settle_what_was_lost()
    assert only_reminder(live).state == (State.SENDING if waits else State.UNCERTAIN)
    late_end(live, begun, call(begun))
    assert (only_reminder(live).state, only_attempt(live).state) == (State.HANDED_OVER, AttemptState.ACCEPTED)
    assert only_reminder(live).lease_until is None
    assert sent(mail_server, begun) == 1


@pytest.mark.parametrize(("waits", "state"), [(True, State.PLANNED), (False, State.FAILED)])
def test_a_late_no_lets_it_go_again_unless_it_was_given_up(live: World, waits: bool, state: State) -> None:
    begun = begin(live)
    write_marks([], [begun.attempt_id])
    for _ in range(1 if waits else 2):
        leases_run_out(live)
        settle_what_was_lost()
    late_end(live, begun, Failed(FailureKind.DEFERRED, Phase.RCPT, "450"))
    assert (only_reminder(live).state, only_reminder(live).failure) == (state, FailureKind.DEFERRED)


def test_a_late_unknown_changes_nothing_of_what_was_given_up(live: World) -> None:
    begun = begin(live)
    write_marks([], [begun.attempt_id])
    for _ in range(2):
        leases_run_out(live)
        settle_what_was_lost()
    late_end(live, begun, Unknown(Phase.DOT))
    assert only_reminder(live).state == State.UNCERTAIN


def test_a_call_that_ended_before_its_worker_died_is_settled_by_its_marks(live: World, mail_server: Sandbox) -> None:
    begun = begin(live)
    write_marks([], [begun.attempt_id])
    write_marks([Ended(begun.attempt_id, call(begun))], [])
    assert only_reminder(live).state == State.SENDING
    leases_run_out(live)
    settle_what_was_lost()
    assert only_reminder(live).state == State.HANDED_OVER
    assert only_reminder(live).handed_over_at == only_attempt(live).ended_at


def test_a_failure_before_its_worker_died_waits_for_its_next_try(live: World, lanes: Lanes) -> None:
    begun = begin(live)
    write_marks([], [begun.attempt_id])
    write_marks([Ended(begun.attempt_id, Failed(FailureKind.DEFERRED, Phase.RCPT, "450"))], [])
    leases_run_out(live)
    assert drain(lanes, 5) == 0
    reminder = only_reminder(live)
    assert (reminder.state, reminder.tries) == (State.PLANNED, 1)
    assert reminder.look_at > now() + timedelta(seconds=20)
    next_try_comes(live)
    assert drain(lanes, 5) == 1
    assert only_reminder(live).state == State.HANDED_OVER


def test_settling_twice_changes_nothing(live: World, lanes: Lanes) -> None:
    book(live)
    drain(lanes, 5)
    before = only_reminder(live)
    settle(live)
    leases_run_out(live)
    settle_what_was_lost()
    after = only_reminder(live)
    assert (after.state, after.tries, after.ended_at) == (before.state, before.tries, before.ended_at)
