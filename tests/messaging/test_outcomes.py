"""How a call ended, and when it is tried again."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.channels import Channel
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
    tries_in_all,
)

NOW = datetime(2027, 1, 13, 9, 0, tzinfo=UTC)
WAITING = [kind for kind in FailureKind if FAILURES[kind].may_retry and kind is not FailureKind.NEVER_CALLED]


class Middle(random.Random):
    """A chance that always falls in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


#: Channel → the minutes that its tries wait, in the middle, and then it gives up.
WAITS: dict[Channel, list[float]] = {
    Channel.EMAIL: [1, 5, 15, 30, 60, 60, 60, 60, 60, 60, 60],
    Channel.SMS: [0.5, 2, 5, 15, 30],
    Channel.WHATSAPP: [0.5, 2, 5, 15, 30],
    Channel.VOICE: [10, 30],
}


@pytest.mark.parametrize("channel", Channel)
def test_each_channel_waits_in_its_own_way_and_then_gives_up(channel: Channel) -> None:
    waits = WAITS[channel]
    moments = [next_try(NOW, made, FailureKind.DEFERRED, channel, Middle()) for made in range(1, len(waits) + 2)]
    assert moments == [*(NOW + timedelta(minutes=wait) for wait in waits), None]


@given(st.sampled_from(WAITING), st.sampled_from(Channel), st.integers(1, 20), st.integers())
def test_every_wait_is_scattered_by_half_at_most(
    kind: FailureKind, channel: Channel, tries_made: int, seed: int
) -> None:
    again = next_try(NOW, tries_made, kind, channel, random.Random(seed))
    middle = next_try(NOW, tries_made, kind, channel, Middle())
    if tries_made >= tries_in_all(kind, channel):
        assert again is middle is None
    else:
        assert again is not None
        assert middle is not None
        assert (middle - NOW) * 0.5 <= again - NOW <= (middle - NOW) * 1.5
    assert again == next_try(NOW, tries_made, kind, channel, random.Random(seed))


def test_a_burst_does_not_come_back_as_a_burst() -> None:
    moments = {next_try(NOW, 1, FailureKind.UNREACHABLE, Channel.EMAIL, random.Random(number)) for number in range(100)}
    assert len(moments) > 90


@pytest.mark.parametrize("kind", [FailureKind.ADDRESS_REFUSED, FailureKind.CONTENT_REFUSED])
def test_what_a_mailbox_refuses_for_good_is_not_tried_again(kind: FailureKind) -> None:
    assert next_try(NOW, 1, kind, Channel.EMAIL, Middle()) is None


def test_our_own_fault_gets_three_tries() -> None:
    assert next_try(NOW, 2, FailureKind.PLATFORM_FAULT, Channel.EMAIL, Middle()) is not None
    assert next_try(NOW, 3, FailureKind.PLATFORM_FAULT, Channel.EMAIL, Middle()) is None


@given(st.integers(1, 100))
def test_a_call_that_never_started_costs_no_wait(tries_made: int) -> None:
    assert next_try(NOW, tries_made, FailureKind.NEVER_CALLED, Channel.SMS, random.Random(1)) == NOW


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
