"""Receipts only move an attempt forward, in whatever order and however often they come."""

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.delivery import Draft, begin
from messaging.marks import Ended, write_marks
from messaging.models import Attempt, Receipt
from messaging.outcomes import RANKS, Accepted, AttemptState, FailureKind, Purpose
from messaging.providers import Report
from messaging.receipts import apply, store, waiting
from tests.world import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)

SENT = Report("s:sent:", AttemptState.ACCEPTED, "SM1")
DELIVERED = Report("s:delivered:", AttemptState.DELIVERED, "SM1")
READ = Report("s:read:", AttemptState.READ, "SM1")
UNDELIVERED = Report("s:undelivered:30003", AttemptState.FAILED, "SM1", FailureKind.UNREACHABLE_PHONE, "30003")


@pytest.fixture
def attempt(world: World) -> Attempt:
    """An attempt that was begun and marked as called; its end is not written yet."""
    with in_clinic(world.clinic.pk):
        draft = Draft(None, Channel.EMAIL, Purpose.TEST, "a@b.example", NOW, "s", "t\n", "")
        [begun] = begin(world.clinic.pk, world.sender, [draft], NOW)
        made: Attempt = Attempt.objects.get(pk=begun.attempt_id)
    write_marks([], [begun.attempt_id])
    return made


def take(attempt: Attempt, *reports: Report) -> Attempt:
    """Stores and applies reports; the attempt as it stands then."""
    with in_clinic(attempt.clinic_id):
        for report in reports:
            store(attempt.clinic_id, attempt.pk, report)
    for ids in waiting().values():
        with in_clinic(attempt.clinic_id):
            apply(ids, NOW)
    with in_clinic(attempt.clinic_id):
        found: Attempt = Attempt.objects.get(pk=attempt.pk)
        return found


@pytest.mark.parametrize("order", list(permutations([SENT, DELIVERED, READ])))
def test_in_any_order_the_furthest_state_stands(attempt: Attempt, order: tuple[Report, ...]) -> None:
    assert take(attempt, *order).state == AttemptState.READ


@pytest.mark.parametrize("order", list(permutations([SENT, UNDELIVERED, DELIVERED])))
def test_a_delivery_outranks_a_failure_whichever_comes_first(attempt: Attempt, order: tuple[Report, ...]) -> None:
    moved = take(attempt, *order)
    assert (moved.state, moved.failure) == (AttemptState.DELIVERED, "")


def test_a_failure_keeps_its_kind_and_the_vendors_code(attempt: Attempt) -> None:
    moved = take(attempt, SENT, UNDELIVERED)
    assert (moved.state, moved.failure, moved.code) == (AttemptState.FAILED, FailureKind.UNREACHABLE_PHONE, "30003")


def test_a_repeated_receipt_is_stored_once(attempt: Attempt) -> None:
    take(attempt, SENT, SENT, SENT)
    take(attempt, SENT)
    with in_clinic(attempt.clinic_id):
        assert Receipt.objects.count() == 1


def test_a_receipt_before_the_apis_own_answer_is_not_lost(attempt: Attempt) -> None:
    take(attempt, DELIVERED)
    write_marks([Ended(attempt.pk, Accepted("SM1", "queued"))], [])
    with in_clinic(attempt.clinic_id):
        assert Attempt.objects.get(pk=attempt.pk).state == AttemptState.DELIVERED


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from([SENT, DELIVERED, READ, UNDELIVERED]), min_size=1, max_size=8))
def test_no_receipt_ever_lowers_what_is_known(attempt: Attempt, order: list[Report]) -> None:
    known = 0
    for report in order:
        rank = RANKS[AttemptState(take(attempt, report).state)]
        assert rank >= known
        known = rank
