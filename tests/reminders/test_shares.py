"""Each worker has its share of the clinics; together they have all, and a dead one's share goes to the others."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.clock import real_now
from reminders.heartbeats import beat
from reminders.models import Heartbeat
from reminders.shares import ALIVE_SECONDS, SLOTS, own_slots, share

WORKERS = st.sets(st.text(min_size=1, max_size=20), min_size=2, max_size=8)


@given(WORKERS)
def test_shares_are_disjoint_and_cover_all(workers: set[str]) -> None:
    slots = [slot for worker in workers for slot in share(worker, workers - {worker})]
    assert sorted(slots) == list(range(SLOTS))


@given(WORKERS)
def test_when_one_dies_the_others_keep_what_they_have(workers: set[str]) -> None:
    dead = min(workers)
    for worker in workers - {dead}:
        before, after = share(worker, workers - {worker}), share(worker, workers - {worker, dead})
        assert set(before) <= set(after)
        assert set(after) - set(before) <= set(share(dead, workers - {dead}))


def test_two_workers_have_about_half_each() -> None:
    assert SLOTS / 4 < len(share("worker:worker1@localhost", {"worker:worker2@localhost"})) < SLOTS * 3 / 4


@pytest.mark.django_db(transaction=True)
def test_a_worker_shares_with_those_alive_alone() -> None:
    beat("worker:a")
    beat("drain")
    assert own_slots("worker:a") is None
    beat("worker:b")
    shares = [own_slots("worker:a") or [], own_slots("worker:b") or []]
    assert sorted(shares[0] + shares[1]) == list(range(SLOTS))
    Heartbeat.objects.filter(part="worker:b").update(at=real_now() - timedelta(seconds=ALIVE_SECONDS + 1))
    assert own_slots("worker:a") is None
