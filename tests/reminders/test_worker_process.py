"""A real worker is seen to work, is seen to be mute, and leaves in order when it is told to. RELIABILITY.md F9, F43."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.faults.stack import Pace, Stack, stack
from tests.faults.waiting import until

pytestmark = pytest.mark.feature("B14", enters="worker")

REMINDERS, CLINICS = 60, 3
#: A call hangs for longer than the worker has to leave; a lease for longer than the test.
PACE = Pace(lease=120, smtp_timeout=90, stop=3, silent=6)
STATES = """
SELECT r.state, r.lease_until IS NULL AS free, a.called_at IS NOT NULL AS called, count(*) AS count
FROM reminders_reminder r LEFT JOIN messaging_attempt a ON a.message_id = r.message_id AND a.state = 'sending'
GROUP BY 1, 2, 3
"""
HANDED_OVER = "SELECT count(*) AS count FROM reminders_reminder WHERE state = 'handed_over'"


@pytest.fixture(scope="module")
def product() -> Iterator[Stack]:
    """Mail takes a while, and the server of the first clinic never answers."""
    with stack(PACE) as made:
        made.start_sandbox()
        made.run("-m", "tests.faults.load", str(CLINICS), str(REMINDERS), "0")
        made.outside.fault("slow", seconds=0.3)
        made.outside.fault("hang_after_dot", account="*clinic-1*", seconds=600)
        yield made


def health(product: Stack) -> str:
    """What the health check of the worker's container says."""
    try:
        return product.manage("worker_alive", "worker1@localhost")
    except RuntimeError as error:
        return str(error)


def told_to_stop(product: Stack, name: str) -> float:
    """How long the worker takes to end after SIGTERM."""
    return product.terminate(name, seconds=25)[name]


def test_a_worker_that_is_told_to_stop_leaves_in_time_and_nothing_waits_for_its_lease(product: Stack) -> None:
    product.start("worker-1", "beat-1")
    until(lambda: product.outside.taken() >= 6, 60, "mails arrive")
    assert told_to_stop(product, "worker-1") < 15
    found = {(row["state"], row["free"], row["called"]): row["count"] for row in product.database.rows(STATES)}
    in_calls = found.pop(("sending", False, True))
    assert in_calls == 1, "the one that hangs"
    assert {state for state, _, _ in found} == {"planned", "handed_over"}, found
    assert all(free and not called for _, free, called in found), found
    product.start("worker-1")
    others = REMINDERS - REMINDERS // CLINICS
    until(lambda: product.database.rows(HANDED_OVER)[0]["count"] >= others, 60, "another one sends the rest at once")
    arrived = [one["recipient"] for one in product.outside.messages() if one["kept"]]
    assert len(arrived) == len(set(arrived)), "nothing twice"


def test_a_worker_that_takes_up_rings_is_alive_and_one_that_does_not_is_mute(product: Stack) -> None:
    if "worker-1" not in product.running:
        product.start("worker-1", "beat-1")
    until(lambda: "took up a ring" in health(product), 60, "it takes up rings")
    pid = product.running["worker-1"].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: "has taken up no ring for" in health(product), 60, "it is mute")
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: "took up a ring" in health(product), 60, "it takes up rings again")
