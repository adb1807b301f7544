"""Each call leaves its own mark, and no mark is given to what was settled meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.delivery import Begun, Draft, begin
from messaging.marks import Ended, MarkWriter, write_marks
from messaging.models import Attempt, Sender
from messaging.outcomes import Accepted, AttemptState, Failed, FailureKind, Phase, Purpose, Unknown
from tests.world import NOW, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
DEFERRED = Failed(FailureKind.DEFERRED, Phase.RCPT, "450", "4.2.0 later")


def begun(world: World, count: int = 1) -> list[Begun]:
    draft = Draft(None, Channel.EMAIL, Purpose.TEST, "a@b.example", NOW + timedelta(hours=1), "s", "t\n", "")
    with in_clinic(world.clinic.pk):
        return begin(world.clinic.pk, Sender.objects.get(), [draft] * count, NOW)


def ids(world: World, count: int = 1) -> list[int]:
    return [one.attempt_id for one in begun(world, count)]


def attempt(world: World, attempt_id: int) -> Attempt:
    with in_clinic(world.clinic.pk):
        found: Attempt = Attempt.objects.get(pk=attempt_id)
        return found


def set_state(world: World, attempt_id: int, state: AttemptState) -> None:
    with in_clinic(world.clinic.pk):
        Attempt.objects.filter(pk=attempt_id).update(state=state)


def test_a_start_is_marked_once(world: World) -> None:
    [one] = ids(world)
    assert attempt(world, one).called_at is None
    assert write_marks([], [one]) == {one}
    assert attempt(world, one).called_at is not None
    assert write_marks([], [one]) == set()  # nobody calls it a second time


@pytest.mark.parametrize("state", [state for state in AttemptState if state is not AttemptState.SENDING])
def test_an_attempt_that_was_settled_meanwhile_may_not_start(world: World, state: AttemptState) -> None:
    [one] = ids(world)
    set_state(world, one, state)
    assert write_marks([], [one]) == set()
    assert attempt(world, one).called_at is None


@pytest.mark.parametrize(
    ("outcome", "state", "failure"),
    [
        (Accepted("<t@x>", "250"), AttemptState.ACCEPTED, ""),
        (DEFERRED, AttemptState.FAILED, "deferred"),
        (Unknown(Phase.DOT, "timed out"), AttemptState.UNKNOWN, ""),
    ],
)
def test_an_end_is_written_with_its_words(
    world: World, outcome: Accepted | Failed | Unknown, state: AttemptState, failure: str
) -> None:
    [one] = ids(world)
    write_marks([Ended(one, outcome)], [])
    row = attempt(world, one)
    assert (row.state, row.failure, row.ended_at is not None) == (state, failure, True)
    assert row.detail == getattr(outcome, "detail", "")
    assert row.provider_ref == getattr(outcome, "provider_ref", "")


def test_a_late_end_moves_an_unknown_attempt_and_no_settled_one(world: World) -> None:
    unknown, failed = ids(world, 2)
    set_state(world, unknown, AttemptState.UNKNOWN)
    set_state(world, failed, AttemptState.FAILED)
    write_marks([Ended(unknown, Accepted("<t@x>")), Ended(failed, Accepted("<t@x>"))], [])
    assert attempt(world, unknown).state == AttemptState.ACCEPTED
    assert attempt(world, failed).state == AttemptState.FAILED


def test_ends_and_starts_of_several_clinics_go_in_one_statement(world: World) -> None:
    other = make_world("otra-clinica")
    [here], [there] = ids(world), ids(other)
    assert write_marks([Ended(here, DEFERRED)], [there]) == {there}
    assert attempt(world, here).state == AttemptState.FAILED
    assert attempt(other, there).called_at is not None


@pytest.mark.parametrize("words", ["5.7.1 no\x00no", "x" * 9000, "'; DROP TABLE x; --", "ñ😀\u2028"])
def test_no_words_of_a_vendor_keep_the_ends_of_others_from_being_written(world: World, words: str) -> None:
    hostile, refused, other = ids(world, 3)
    ends = [
        Ended(hostile, Failed(FailureKind.DEFERRED, Phase.RCPT, words, words)),
        Ended(refused, Accepted(words, words)),
        Ended(other, Accepted("<t@x>", "250")),
    ]
    write_marks(ends, [])
    assert attempt(world, hostile).detail == words.replace("\x00", "")[:500]
    assert attempt(world, refused).state == attempt(world, other).state == AttemptState.ACCEPTED


def test_many_threads_share_one_writer(world: World) -> None:
    wanted = ids(world, 24)
    writer, started = MarkWriter(), list[int]()

    def lane(own: list[int]) -> None:
        ended: list[Ended] = []
        for one in own:
            started.extend(writer.exchange(ended, [one]))
            ended = [Ended(one, Accepted("<t@x>"))]
        writer.exchange(ended, [])

    threads = [threading.Thread(target=lane, args=(wanted[number::4],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    writer.close()
    assert sorted(started) == wanted
    with in_clinic(world.clinic.pk):
        assert set(Attempt.objects.values_list("state", flat=True)) == {AttemptState.ACCEPTED}


def test_a_writer_can_be_closed_at_any_moment() -> None:
    for _ in range(20):
        writer = MarkWriter()
        lane = threading.Thread(target=writer.exchange, args=([], []))
        lane.start()
        writer.close()
        lane.join(10)
        assert not lane.is_alive()


def test_an_end_waits_for_a_lock_and_is_not_lost(world: World) -> None:
    first, second = ids(world, 2)
    writer = MarkWriter()
    with in_clinic(world.clinic.pk):
        Attempt.objects.filter(pk=first).update(detail="held")
        asked = threading.Thread(target=writer.exchange, args=([Ended(first, DEFERRED)], [second]))
        asked.start()
        asked.join(0.2)
        assert asked.is_alive()
    asked.join(15)
    writer.close()
    assert attempt(world, first).state == AttemptState.FAILED


def test_a_mark_is_planned_once_a_session(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proconfig FROM pg_proc WHERE proname = 'messaging_mark'")
        assert "plan_cache_mode=force_generic_plan" in cursor.fetchone()[0]
