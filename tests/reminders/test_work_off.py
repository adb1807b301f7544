"""Is what was called on record soon, although the next ring is another worker's?"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from reminders import drain as the_drain
from reminders import queue
from reminders.drain import drain, work_off
from reminders.kinds import State
from reminders.lanes import Lanes
from sandbox.server import Sandbox
from tests.faults.waiting import until
from tests.reminders.sending import book_many, reminders
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
#: So long the server takes for a mail: longer than a drain.
SLOW = 1.0


def states(world: World) -> set[str]:
    return {one.state for one in reminders(world)}


def apart(drains: Callable[[Lanes, float], object], lanes: Lanes, seconds: float) -> None:
    """As a thread of a worker."""
    drains(lanes, seconds)
    connection.close()


def counted(function: Callable[..., Any], calls: list[int]) -> Callable[..., Any]:
    """The function, which notes that it was called."""

    def called(*given: Any) -> Any:
        calls.append(1)
        return function(*given)

    return called


@pytest.fixture
def slow(live: World, mail_server: Sandbox, settings: Any) -> World:
    settings.SMTP_TIMEOUT_SECONDS = 5 * SLOW
    mail_server.faults.command({"fault": "slow", "seconds": SLOW})
    book_many(live, 2)
    return live


def test_the_last_drain_stays_until_its_calls_are_on_record(slow: World, lanes: Lanes) -> None:
    work_off(lanes, SLOW / 2)
    assert states(slow) == {State.HANDED_OVER}
    assert not lanes.busy()


def test_one_that_is_not_the_last_leaves_that_to_the_other(slow: World, lanes: Lanes) -> None:
    lanes.enter()
    work_off(lanes, SLOW / 2)
    assert states(slow) == {State.SENDING}
    assert lanes.busy() and not lanes.leave(unless_last=True)  # the other one is there still, alone


def test_a_worker_that_is_told_to_stop_does_not_stay(slow: World, lanes: Lanes) -> None:
    working = threading.Thread(target=apart, args=(work_off, lanes, SLOW / 2))
    working.start()
    until(lambda: lanes.busy(), 5, "a lane is under way")
    lanes.stop()
    working.join(SLOW)
    assert not working.is_alive()


def test_of_the_drains_that_wait_for_a_lane_only_one_looks_for_what_is_due(
    slow: World, lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, waits = list[int](), list[int]()
    monkeypatch.setattr(the_drain, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(queue, "claim", counted(queue.claim, looks))
    monkeypatch.setattr(lanes, "finished", counted(lanes.finished, waits))
    lanes.looking.acquire()  # by another drain
    working = threading.Thread(target=apart, args=(drain, lanes, 5))
    working.start()
    until(lambda: len(waits) > 20, 5, "it waits for the lane")
    assert len(looks) == 2  # the first took the two mails, the second found nothing more
    lanes.looking.release()
    until(lambda: len(looks) > 10, 5, "now it is the one that looks")
    working.join()
    assert states(slow) == {State.HANDED_OVER}
