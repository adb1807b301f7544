"""Is what was called on record soon, although the next ring is another worker's?"""

import threading
from typing import Any

import pytest
from django.db import connection

from reminders.drain import work_off
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
    def ring() -> None:
        work_off(lanes, SLOW / 2)
        connection.close()

    working = threading.Thread(target=ring)
    working.start()
    until(lambda: lanes.busy(), 5, "a lane is under way")
    lanes.stop()
    working.join(SLOW)
    assert not working.is_alive()
