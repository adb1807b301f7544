"""Whatever a provider says of an SMS, in whatever order and however often: the same end stands, and it is stored once.

The order of what counts (DESIGN.md 4) is written down here anew: delivered and read outrank a failure, a failure
outranks taking over.
"""

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.delivery import Draft, begin
from messaging.marks import write_marks
from messaging.models import Attempt, Receipt
from messaging.outcomes import AttemptState, FailureKind, Purpose
from messaging.providers import Report
from messaging.receipts import apply, store, waiting
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("B14", enters="webhook")]

EVENTS = {
    "queued": Report("SM1:queued:", AttemptState.ACCEPTED, "SM1"),
    "sent": Report("SM1:sent:", AttemptState.ACCEPTED, "SM1"),
    "undelivered": Report("SM1:undelivered:30003", AttemptState.FAILED, "SM1", FailureKind.UNREACHABLE_PHONE, "30003"),
    "delivered": Report("SM1:delivered:", AttemptState.DELIVERED, "SM1"),
    "read": Report("SM1:read:", AttemptState.READ, "SM1"),
}
#: What stands in the end: the first of these that was said.
STANDS = ("read", "delivered", "undelivered", "sent", "queued")


def begun(world: World, count: int) -> list[int]:
    """Attempts whose calls have begun and whose answers have not come yet."""
    with in_clinic(world.clinic.pk):
        draft = Draft(None, Channel.EMAIL, Purpose.TEST, "a@b.example", NOW, "s", "t\n", "")
        ids = [one.attempt_id for one in begin(world.clinic.pk, world.sender, [draft] * count, NOW)]
    write_marks([], ids)
    return ids


def drain_inbox(world: World) -> None:
    while found := waiting():
        for ids in found.values():
            with in_clinic(world.clinic.pk):
                apply(ids, NOW)


def right(attempt: Attempt, said: set[str]) -> bool:
    """Whether the attempt stands as what was said demands, with the failure's words where it failed and none else."""
    wanted = EVENTS[next(name for name in STANDS if name in said)]
    return (attempt.state, attempt.failure, attempt.code) == (wanted.state, wanted.failure or "", wanted.code)


def test_every_order_of_every_selection_comes_to_the_same_end(world: World) -> None:
    orders = [order for size in range(1, len(EVENTS) + 1) for order in permutations(EVENTS, size)]
    attempts = dict(zip(begun(world, len(orders)), orders, strict=True))
    with in_clinic(world.clinic.pk):
        for attempt_id, order in attempts.items():
            for name in order:
                store(world.clinic.pk, attempt_id, EVENTS[name])
    drain_inbox(world)
    with in_clinic(world.clinic.pk):
        wrong = [attempts[row.pk] for row in Attempt.objects.all() if not right(row, set(attempts[row.pk]))]
        assert len(orders) == 325 and wrong == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(st.sampled_from(sorted(EVENTS)), min_size=1, max_size=15),
    drains=st.sets(st.integers(min_value=0, max_value=14)),
)
def test_repeated_and_cut_by_drains_it_comes_to_the_same_end_and_each_event_is_stored_once(
    world: World, said: list[str], drains: set[int]
) -> None:
    [attempt_id] = begun(world, 1)
    for place, name in enumerate(said):
        with in_clinic(world.clinic.pk):
            store(world.clinic.pk, attempt_id, EVENTS[name])
        if place in drains:
            drain_inbox(world)
    drain_inbox(world)
    with in_clinic(world.clinic.pk):
        assert right(Attempt.objects.get(pk=attempt_id), set(said))
        events = sorted(Receipt.objects.filter(attempt=attempt_id).values_list("event", flat=True))
    assert events == sorted(EVENTS[name].event for name in set(said))
