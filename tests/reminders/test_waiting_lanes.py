"""Clinics whose server answers late take no lane away from the others, and keep no drain from what is new."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from reminders.drain import drain
from reminders.lanes import LANES_A_THREAD, WAITING_SECONDS, Lanes
from sandbox.server import Sandbox
from tests.faults.waiting import until
from tests.reminders.sending import book, open_at_all_hours
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
#: So long the late servers say nothing.
LATE = 3 * WAITING_SECONDS


@pytest.fixture
def few() -> Iterator[Lanes]:
    made = Lanes(threads=1, lease_seconds=60)
    yield made
    made.close()


def clinic(slug: str, mail_server: Sandbox) -> World:
    world = open_at_all_hours(make_world(slug, smtp_port=mail_server.smtp_port))
    book(world)
    return world


def test_what_is_booked_while_more_others_than_there_are_lanes_wait_for_their_servers_is_planned_and_served(
    live: World, few: Lanes, mail_server: Sandbox, settings: Any
) -> None:
    settings.SMTP_TIMEOUT_SECONDS = 2 * LATE
    mail_server.faults.command({"fault": "slow", "account": "*late*", "seconds": LATE})
    before = len(mail_server.truth())
    for number in range(LANES_A_THREAD):
        clinic(f"late-{number}", mail_server)

    def work_off() -> None:
        drain(few, 2 * LATE)
        connection.close()

    working = threading.Thread(target=work_off)
    working.start()
    until(lambda: len(mail_server.truth()) == before + LANES_A_THREAD, LATE, "the late servers have their mails")
    assert few.free() == 0
    clinic("prompt", mail_server)
    until(lambda: "prompt" in mail_server.truth()[-1]["account"], LATE - 1, "the prompt server has its own")
    answered = [one["accepted"] for one in mail_server.truth()[before:]]
    working.join()
    assert answered == [*[False] * LANES_A_THREAD, True]
