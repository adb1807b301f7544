"""A worker that is told to stop gives back at once what it has not called, and ends what it has. RELIABILITY.md F43."""

import threading
from typing import Any

import pytest

from clinics.scope import in_clinic
from messaging.outcomes import AttemptState, FailureKind
from messaging.providers import provider
from reminders import drain as the_drain
from reminders import leaving, queue
from reminders.drain import drain, plan_what_is_behind
from reminders.kinds import State
from reminders.lanes import Lanes
from reminders.settle import give_back
from sandbox.server import Sandbox
from tests.reminders.sending import attempts, book, book_many, change_reminders, now, only_reminder, reminders
from tests.reminders.test_sms import eventually
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("B14")]


@pytest.fixture(autouse=True)
def no_last_resort(monkeypatch: pytest.MonkeyPatch) -> list[threading.Timer]:
    """The tests' own process must not be ended; what would end it is noted instead."""
    started: list[threading.Timer] = []
    monkeypatch.setattr("threading.Timer.start", lambda timer: started.append(timer))
    return started


def hang(world: World, lanes: Lanes, mail_server: Sandbox, count: int) -> None:
    """So many reminders are begun in one lane, the first of which hangs in its call."""
    provider.cache_clear()  # no kept connection with another time-out
    mail_server.faults.command({"fault": "hang_after_dot", "account": world.sender.username, "seconds": 60})
    book_many(world, count)
    plan_what_is_behind()
    claims = queue.claim(now())
    lanes.reserve(claims)
    assert the_drain._prepare_and_start(lanes, world.clinic.pk, claims[world.clinic.pk]) == count
    eventually(lambda: sum(attempt.called_at is not None for attempt in attempts(world)) == 1)


def states(world: World) -> list[str]:
    return sorted(reminder.state for reminder in reminders(world))


def test_what_was_begun_and_not_called_is_planned_again_while_a_call_still_hangs(
    live: World, lanes: Lanes, mail_server: Sandbox, settings: Any
) -> None:
    settings.SMTP_TIMEOUT_SECONDS, settings.STOP_SECONDS = 8, 0
    hang(live, lanes, mail_server, 5)
    leaving.stop(lanes)
    leaving.leave(lanes)
    assert states(live) == [State.PLANNED] * 4 + [State.SENDING]
    back = [one for one in reminders(live) if one.state == State.PLANNED]
    assert all(one.lease_until is None and one.tries == 0 and one.failure == "" for one in back)
    ended = [attempt for attempt in attempts(live) if attempt.state == AttemptState.FAILED]
    assert {attempt.failure for attempt in ended} == {FailureKind.NEVER_CALLED} and len(ended) == 4
    other = Lanes(threads=2, lease_seconds=60)  # another worker goes on at once
    mail_server.faults.clear()
    assert drain(other, 5) == 4
    other.close()
    assert states(live) == [State.HANDED_OVER] * 4 + [State.SENDING]


def test_a_call_under_way_is_waited_for_and_settled(
    live: World, lanes: Lanes, mail_server: Sandbox, settings: Any
) -> None:
    settings.SMTP_TIMEOUT_SECONDS, settings.STOP_SECONDS = 2, 20
    hang(live, lanes, mail_server, 3)
    leaving.stop(lanes)
    leaving.leave(lanes)
    assert lanes.busy() == set() and lanes.stopping_for < 15
    assert states(live) == [State.PLANNED] * 2 + [State.SENDING]
    assert sorted(attempt.state for attempt in attempts(live)).count(AttemptState.UNKNOWN) == 1  # it waits for evidence


def test_claims_that_a_stopping_worker_has_not_begun_go_back_at_once(live: World, lanes: Lanes) -> None:
    book(live)
    plan_what_is_behind()
    claims = queue.claim(now())
    lanes.stop()
    assert the_drain._prepare_and_start(lanes, live.clinic.pk, claims[live.clinic.pk]) == 0
    assert (only_reminder(live).state, only_reminder(live).lease_until) == (State.PLANNED, None)
    assert attempts(live) == []


def test_a_claim_that_somebody_else_has_taken_meanwhile_is_not_given_back(live: World) -> None:
    book(live)
    plan_what_is_behind()
    [claims] = queue.claim(now()).values()
    change_reminders(live, epoch=claims[0].epoch + 1)
    with in_clinic(live.clinic.pk):
        give_back(claims)
    assert only_reminder(live).state == State.CLAIMED


def test_a_worker_with_nothing_under_way_leaves_at_once(lanes: Lanes) -> None:
    leaving.stop(lanes)
    leaving.leave(lanes)
    assert lanes.stopping_for < 5


def test_the_process_ends_in_time_whatever_hangs(
    lanes: Lanes, settings: Any, no_last_resort: list[threading.Timer]
) -> None:
    leaving.stop(lanes)
    leaving.stop(lanes)  # told twice
    [timer] = no_last_resort
    assert timer.interval == settings.STOP_SECONDS + leaving.LAST_RESORT_SECONDS <= 25
    assert timer.daemon
