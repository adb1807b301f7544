"""The pace of an account: its calls keep their distance whichever workers make them, and slow down when asked to."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.scope import in_clinic
from messaging.delivery import Begun, deliver
from messaging.marks import Ended
from messaging.models import Sender, SenderState
from messaging.outcomes import Accepted
from messaging.pace import AHEAD, FASTEST, pace_of, reserve, shared_out
from messaging.providers import Account, Outgoing
from tests.world import World

REAL = datetime(2027, 1, 13, 9, 0, tzinfo=UTC)


@pytest.mark.feature("B14")
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pace=st.sampled_from([0.1, 1.0, 10.0, 20.0]),
    batches=st.lists(st.tuples(st.integers(0, 30), st.floats(0, 20)), max_size=12),
)
def test_calls_of_all_batches_keep_their_distance_and_nobody_waits_for_long(
    pace: float, batches: list[tuple[int, float]]
) -> None:
    real = free = spread = REAL
    calls: list[datetime] = []
    gap = timedelta(seconds=1 / pace)
    for count, pause in batches:
        begin, later = shared_out(pace, count, real, free, spread)
        assert len(begin) + len(later) == count
        assert all(real <= one <= real + AHEAD for one in begin)
        assert all(one >= (begin[-1] if begin else real) for one in later)
        calls += begin
        free = begin[-1] + gap if begin else free
        spread = later[-1] + gap if later else spread
        real += timedelta(seconds=pause)
    assert all(after - before >= gap for before, after in zip(calls, calls[1:], strict=False))


def test_each_provider_has_its_pace_and_what_is_left_of_it_counts() -> None:
    def sender(provider: str, address: str) -> Sender:
        return Sender(provider=provider, address=address)

    assert pace_of(sender("smtp", "a@b.example"), None) is None
    assert pace_of(sender("twilio", "+13125550123"), None) == 1.0
    assert pace_of(sender("twilio", "+34600123456"), None) == 10.0
    assert pace_of(sender("twilio", "Clinica"), 0.5) == 5.0
    assert pace_of(sender("twilio", "MG" + 32 * "0"), None) is None
    assert pace_of(sender("twilio", "MG" + 32 * "0"), 0.25) == FASTEST / 4


@pytest.mark.django_db
def test_two_batches_take_moments_one_after_the_other_and_the_rest_is_spread(world: World) -> None:
    with in_clinic(world.clinic.pk):
        first, second = reserve(world.sender, 1.0, 3), reserve(world.sender, 1.0, 10)
        assert [round(one) for one in first.begin] == [0, 1, 2]
        assert [round(one) for one in second.begin] == [3, 4] or [round(one) for one in second.begin] == [3, 4, 5]
        assert len(second.later) == 10 - len(second.begin)
        again = reserve(world.sender, 1.0, 2)
        assert again.begin == () and again.later[0] > second.later[-1]
        assert SenderState.objects.count() == 1


def test_a_lane_waits_for_its_moment_and_writes_how_the_last_call_ended_meanwhile(monkeypatch: Any) -> None:
    account, now = Account("1/1", "smtp", "c@c.example", "", "localhost", 587, "none", "", ""), time.monotonic()
    chunk = [
        Begun(number, "t", number, account, Outgoing("t", "a@b.example", "s", "t", ""), not_before=now + wait)
        for number, wait in ((2, 0.3), (1, 0.0))
    ]
    marks: list[tuple[list[int], list[int]]] = []
    started: list[float] = []

    def exchange(ended: list[Ended], starting: list[int]) -> set[int]:
        marks.append(([one.attempt_id for one in ended], starting))
        return set(starting)

    def call(begun: Begun) -> Accepted:
        started.append(time.monotonic() - now)
        return Accepted("<t@x>")

    monkeypatch.setattr("messaging.delivery.call", call)
    deliver(chunk, exchange, lambda: True)
    assert marks == [([], [1]), ([1], []), ([], [2]), ([2], [])]
    assert started[1] >= 0.3
