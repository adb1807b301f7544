"""How a call ended, and when it is tried again."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.outcomes import (
    ACCOUNT_FAULTS,
    FAILURES,
    LIVE_STATES,
    Ambiguous,
    AttemptState,
    Failed,
    FailureKind,
    Phase,
    SendError,
    Unknown,
    next_try,
)

NOW = datetime(2027, 1, 13, 9, 0, tzinfo=UTC)
WAITING = [kind for kind in FailureKind if FAILURES[kind].may_retry and kind is not FailureKind.NEVER_CALLED]


class Middle(random.Random):
    """A chance that always falls in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@pytest.mark.parametrize(
    ("tries_made", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 60), (11, 60), (12, None)]
)
def test_tries_come_after_1_5_15_30_60_minutes_then_hourly_and_end_after_twelve(
    tries_made: int, minutes: int | None
) -> None:
    again = next_try(NOW, tries_made, FailureKind.DEFERRED, Middle())
    assert again == (NOW + timedelta(minutes=minutes) if minutes else None)


@given(st.sampled_from(WAITING), st.integers(1, 20), st.integers())
def test_every_wait_is_scattered_by_half_at_most(kind: FailureKind, tries_made: int, seed: int) -> None:
    again = next_try(NOW, tries_made, kind, random.Random(seed))
    middle = next_try(NOW, tries_made, kind, Middle())
    if tries_made >= FAILURES[kind].tries:
        assert again is middle is None
    else:
        assert again is not None
        assert middle is not None
        assert (middle - NOW) * 0.5 <= again - NOW <= (middle - NOW) * 1.5
    assert again == next_try(NOW, tries_made, kind, random.Random(seed))


def test_a_burst_does_not_come_back_as_a_burst() -> None:
    moments = {next_try(NOW, 1, FailureKind.UNREACHABLE, random.Random(number)) for number in range(100)}
    assert len(moments) > 90


@pytest.mark.parametrize("kind", [FailureKind.ADDRESS_REFUSED, FailureKind.CONTENT_REFUSED])
def test_what_a_mailbox_refuses_for_good_is_not_tried_again(kind: FailureKind) -> None:
    assert next_try(NOW, 1, kind, Middle()) is None


def test_our_own_fault_gets_three_tries() -> None:
    assert next_try(NOW, 2, FailureKind.PLATFORM_FAULT, Middle()) is not None
    assert next_try(NOW, 3, FailureKind.PLATFORM_FAULT, Middle()) is None


@given(st.integers(1, 100))
def test_a_call_that_never_started_costs_no_wait(tries_made: int) -> None:
    assert next_try(NOW, tries_made, FailureKind.NEVER_CALLED, random.Random(1)) == NOW


def test_every_kind_has_a_class_and_faults_of_the_account_may_be_tried_again() -> None:
    assert set(FAILURES) == set(FailureKind)
    assert all(FAILURES[kind].may_retry for kind in ACCOUNT_FAULTS)


def test_only_a_failed_attempt_makes_room_for_another() -> None:
    assert set(AttemptState) - LIVE_STATES == {AttemptState.FAILED}


def test_a_vendors_long_words_are_cut_to_what_the_log_holds() -> None:
    error = SendError(FailureKind.DEFERRED, Phase.RCPT, "4" * 99, "x" * 9999)
    assert (len(error.failed.code), len(error.failed.detail)) == (20, 500)
    assert isinstance(error.failed, Failed)
    assert Ambiguous(Phase.DOT, "x" * 9999).unknown == Unknown(Phase.DOT, "x" * 500)
