"""What is in workers' hands is counted exactly, whoever changes a reminder and in whatever order."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.models import Clinic
from clinics.scope import in_clinic
from reminders import queue
from reminders.drain import plan_what_is_behind
from reminders.kinds import IN_FLIGHT_STATES, State
from reminders.models import ClinicLoad, Reminder
from reminders.news import settle_what_was_lost
from reminders.prepare import prepare
from reminders.settle import give_back, settle_calls
from tests.clinics.full_world import rows
from tests.reminders.sending import (
    book_many,
    change_reminders,
    leases_run_out,
    next_try_comes,
    now,
    open_at_all_hours,
    reminders,
)
from tests.reminders.test_queue import clinic_with_due
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


def clinic_that_sends(slug: str, count: int) -> World:
    """A clinic with so many reminders due that go."""
    world = open_at_all_hours(make_world(slug))
    book_many(world, count)
    plan_what_is_behind()
    return world


def counted(world: World) -> int:
    with in_clinic(world.clinic.pk):
        return int(ClinicLoad.objects.get().in_flight)


def in_hand(world: World) -> int:
    return sum(one.state in IN_FLIGHT_STATES and not one.awaits_evidence for one in reminders(world))


class Workers:
    """What workers, and what happens to them, do to one clinic's reminders."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.claims: list[queue.Claim] = []

    def claim(self) -> None:
        self.claims = queue.claim(now()).get(self.world.clinic.pk, [])

    def begin(self) -> None:
        """Decided, and begun or moved on; those that are begun are as good as sending."""
        with in_clinic(self.world.clinic.pk):
            prepare(Clinic.objects.get(pk=self.world.clinic.pk), self.claims, now())

    def call(self, outcome: str) -> None:
        """The first attempt under way ends so, and its reminder is settled."""
        with in_clinic(self.world.clinic.pk):
            sql = "UPDATE messaging_attempt SET state = %s, phase = 'dot', failure = %s, called_at = clock_timestamp() "
            sql += "WHERE id IN (SELECT min(id) FROM messaging_attempt WHERE state = 'sending') RETURNING message_id"
            with connection.cursor() as cursor:
                cursor.execute(sql, [outcome, "unreachable" if outcome == "failed" else ""])
                messages = [message_id for (message_id,) in cursor.fetchall()]
            ids = Reminder.objects.filter(message__in=messages).values_list("pk", flat=True)
            settle_calls(list(ids), now())

    def back(self) -> None:
        with in_clinic(self.world.clinic.pk):
            give_back(self.claims)

    def killed(self) -> None:
        """A worker dies; its leases run out, and somebody settles them."""
        leases_run_out(self.world)
        settle_what_was_lost()

    def by_hand(self, state: State) -> None:
        """Raw SQL that no arrow allows."""
        change_reminders(self.world, state=state)

    def one_by_hand(self, state: State) -> None:
        with in_clinic(self.world.clinic.pk):
            Reminder.objects.filter(pk=Reminder.objects.values("pk")[:1]).update(state=state)

    def delete(self) -> None:
        with in_clinic(self.world.clinic.pk):
            Reminder.objects.filter(
                pk__in=list(Reminder.objects.order_by("pk").values_list("pk", flat=True)[:2])
            ).delete()

    def fail(self) -> None:
        """A transaction that is taken back."""
        with pytest.raises(ZeroDivisionError), in_clinic(self.world.clinic.pk):
            Reminder.objects.update(state=State.CLAIMED)
            raise ZeroDivisionError


STEPS: dict[str, Callable[[Workers], None]] = {
    "claim": Workers.claim,
    "begin": Workers.begin,
    "accepted": lambda workers: workers.call("accepted"),
    "failed": lambda workers: workers.call("failed"),
    "unknown": lambda workers: workers.call("unknown"),
    "back": Workers.back,
    "killed": Workers.killed,
    "tried again": lambda workers: next_try_comes(workers.world),
    "sending": lambda workers: workers.one_by_hand(State.SENDING),
    "cancelled": lambda workers: workers.one_by_hand(State.CANCELLED),
    "all claimed": lambda workers: workers.by_hand(State.CLAIMED),
    "all planned": lambda workers: workers.by_hand(State.PLANNED),
    "deleted": Workers.delete,
    "taken back": Workers.fail,
}


@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=3, max_size=14))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_count_is_true_after_any_sequence(steps: list[str]) -> None:
    world = clinic_that_sends(f"c{time.monotonic_ns()}", 5)
    workers = Workers(world)
    for step in steps:
        try:
            STEPS[step](workers)
        except Exception as error:  # raw SQL may leave what the database then refuses: a second live attempt
            assert "one_live_attempt_a_message" in str(error), step
        assert counted(world) == in_hand(world), step
    change_reminders(world, state=State.SKIPPED)
    assert counted(world) == 0


def test_what_waits_for_evidence_is_in_nobodys_hands() -> None:
    workers = Workers(clinic_that_sends("una", 3))
    workers.claim()
    assert counted(workers.world) == 3
    workers.begin()
    assert counted(workers.world) == 3
    workers.call("unknown")
    assert [one.state for one in reminders(workers.world)] == [State.SENDING] * 3
    assert counted(workers.world) == 2
    workers.killed()
    assert [one.state for one in reminders(workers.world)] == [State.UNCERTAIN, State.PLANNED, State.PLANNED]
    assert counted(workers.world) == 0
    change_reminders(workers.world, state=State.PLANNED, awaits_evidence=True)
    next_try_comes(workers.world)
    workers.claim()
    assert counted(workers.world) == in_hand(workers.world) == 3, "a claim begins anew"


def test_every_clinic_has_a_row_and_no_other_sees_it() -> None:
    una, otra = clinic_with_due("una", 2), clinic_with_due("otra", 1)
    queue.claim(now())
    assert (counted(una), counted(otra)) == (2, 1)


def test_workers_that_claim_and_settle_side_by_side_wait_for_no_one_in_a_circle() -> None:
    worlds = [clinic_with_due(f"clinica-{number}", 90) for number in range(3)]
    troubles: list[Exception] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait(10)
        try:
            for _ in range(25):
                for clinic_id, claims in queue.claim(now()).items():
                    ids = [claim.reminder_id for claim in claims[7:]]  # what is given back may be another's by then
                    with in_clinic(clinic_id):
                        give_back(claims[:7])
                    with in_clinic(clinic_id):
                        Reminder.objects.filter(pk__in=ids, state=State.CLAIMED).update(state=State.HANDED_OVER)
        except Exception as error:
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert troubles == []
    assert [counted(world) for world in worlds] == [in_hand(world) for world in worlds] == [0, 0, 0]
    assert rows("SELECT 1 FROM pg_locks WHERE NOT granted") == []
