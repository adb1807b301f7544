"""Rings carry no time of expiry, so no worker's clock can pass them over; and however long nobody takes them up, only a
few wait."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery import Celery
from kombu.exceptions import OperationalError

from config import doorbell
from config.celery import app as product
from config.doorbell import MOST_WAITING, Every, Scheduler
from reminders.pages import bell

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def app() -> Iterator[Celery]:
    """The product's bell, with a broker in this process's memory."""
    made = Celery("bell", broker="memory://", set_as_current=False)
    made.conf.update({name: product.conf[name] for name in ("beat_schedule", "enable_utc", "result_expires")})
    made.conf.task_default_queue = f"rings-{id(made)}"
    yield made
    while taken(made):
        pass


@pytest.fixture
def beat(app: Celery, tmp_path: Path) -> Scheduler:
    return Scheduler(app, schedule_filename=str(tmp_path / "schedule"))


def waiting(app: Celery) -> int:
    with app.connection_for_read() as link:
        channel: Any = link.default_channel
        return int(channel.queue_declare(app.conf.task_default_queue).message_count)


def taken(app: Celery) -> Any:
    """The next ring, as a worker takes it up."""
    with app.connection_for_read() as link:
        channel: Any = link.default_channel
        found = channel.basic_get(app.conf.task_default_queue, no_ack=True)
    return found and found.headers


def ring(beat: Scheduler, times: int) -> None:
    """As beat does when it is due."""
    for entry in list(beat.schedule.values()) * times:
        beat.apply_entry(entry, producer=beat.producer)


def test_a_ring_never_expires(app: Celery, beat: Scheduler) -> None:
    ring(beat, 1)
    told = taken(app)
    assert (told["task"], told["expires"], told["eta"]) == ("reminders.tasks.drain", None, None)


def test_beat_stops_ringing_where_enough_rings_wait_and_goes_on_when_they_are_taken(
    app: Celery, beat: Scheduler
) -> None:
    ring(beat, 3 * MOST_WAITING)
    assert waiting(app) == MOST_WAITING
    assert taken(app)
    ring(beat, 3)
    assert waiting(app) == MOST_WAITING


def test_a_broker_that_cannot_count_is_rung_all_the_same(
    app: Celery, beat: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(app: Celery, channel: Any) -> bool:
        raise OperationalError

    monkeypatch.setattr(doorbell, "there_is_room", broken)
    ring(beat, 1)
    assert waiting(app) == 1


def test_a_page_rings_without_expiry_and_only_where_few_rings_wait(
    app: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "app", app)
    for _ in range(2 * MOST_WAITING):
        bell._ring()
    assert waiting(app) == MOST_WAITING
    assert taken(app)["expires"] is None


def test_the_products_beat_is_this_one() -> None:
    assert product.conf.beat_scheduler == "config.doorbell:Scheduler"
    assert [type(entry["schedule"]) for entry in product.conf.beat_schedule.values()] == [Every]


@pytest.mark.parametrize("moved", [timedelta(hours=-2), timedelta(hours=2), timedelta(0)])
def test_beat_goes_on_within_a_ring_when_its_clock_is_moved(moved: timedelta) -> None:
    every = Every(2.0, app=product)
    with time_machine.travel(NOW, tick=False):
        assert every.is_due(NOW - timedelta(seconds=2)).is_due
        assert not every.is_due(NOW).is_due
    with time_machine.travel(NOW + moved, tick=False):
        assert every.is_due(NOW).next <= 2


def test_a_worker_keeps_its_place_until_each_of_many_has_had_a_ring() -> None:
    with product.connection_for_read() as link:
        transport: Any = link.transport
        waits = transport.brpop_timeout  # where the broker's queue of workers is left, and entered at its end
    rings_apart = product.conf.beat_schedule["drain"]["schedule"].seconds
    assert waits >= 10 * rings_apart
    assert waits + 30 < 120  # a link that is dead without a word is found before the worker counts as mute
