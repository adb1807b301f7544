"""Many rings at once do what one does, and a process takes no more than it can send."""

import threading

import pytest
from django.db import connection

from reminders.drain import drain
from reminders.kinds import State
from reminders.lanes import Lanes
from sandbox.server import Sandbox
from tests.reminders.sending import book_many, reminders
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_process_takes_no_more_clinics_than_its_threads_soon_reach(lanes: Lanes) -> None:
    lanes.reserve(range(1, 8))
    assert lanes.free() == 1  # four threads, two lanes each
    lanes.reserve([9, 10])
    assert lanes.free() == 0
    lanes.release(9)
    assert lanes.free() == 0
    lanes.release(1)
    lanes.release(2)
    assert lanes.free() == 2


def test_many_rings_at_once_send_as_one_does(live: World, mail_server: Sandbox) -> None:
    book_many(live, 30)
    before = len(mail_server.truth())
    workers = [Lanes(threads=2, lease_seconds=60) for _ in range(2)]

    def ring(lanes: Lanes) -> None:
        drain(lanes, 10)
        connection.close()

    threads = [threading.Thread(target=ring, args=[workers[number % 2]]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for lanes in workers:
        lanes.close()
    assert {one.state for one in reminders(live)} == {State.HANDED_OVER}
    arrived = [mail["recipient"] for mail in mail_server.truth()[before:]]
    assert len(arrived) == len(set(arrived)) == 30
