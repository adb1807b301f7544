"""Each part of the machinery says when it last did its work; the rows cost nothing where they are fresh."""

from datetime import timedelta
from io import StringIO
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from pytest_django import DjangoAssertNumQueries

from clinics.clock import real_now
from reminders import heartbeats, tasks
from reminders.heartbeats import beat
from reminders.models import Heartbeat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("B14")]
NAME = "celery@machine"


def older(part: str, seconds: float) -> None:
    Heartbeat.objects.filter(part=part).update(at=real_now() - timedelta(seconds=seconds))


def test_a_fresh_beat_is_not_written_again_and_an_old_one_is() -> None:
    beat("receipts")
    first = Heartbeat.objects.get().at
    beat("receipts")
    assert Heartbeat.objects.get().at == first
    older("receipts", 11)
    beat("receipts")
    assert Heartbeat.objects.get().at >= first


def test_what_beats_without_a_pause_is_written_each_time() -> None:
    beat("drain", apart=0)
    first = Heartbeat.objects.get().at
    beat("drain", apart=0)
    assert Heartbeat.objects.get().at > first


def test_a_beat_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        beat("worker:a")
    with django_assert_num_queries(1):
        beat("worker:a")


def ring(monkeypatch: pytest.MonkeyPatch, worker: str | None) -> None:
    """A ring as a worker of that name takes it up; the drain itself is not the matter here."""
    monkeypatch.setattr(tasks, "work_off", lambda *given: 0)
    monkeypatch.setattr(tasks, "lanes", lambda: Mock(stopping=False))
    task: Any = tasks.drain
    task.push_request(hostname=worker)
    try:
        task.run()
    finally:
        task.pop_request()


def test_a_worker_that_takes_up_a_ring_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    ring(monkeypatch, NAME)
    assert [row.part for row in Heartbeat.objects.all()] == [f"worker:{NAME}"]


def test_a_long_name_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    ring(monkeypatch, "celery@" + "m" * 200)
    assert len(Heartbeat.objects.get().part) == 120


def test_a_worker_that_starts_counts_as_alive_and_forgets_those_that_are_gone() -> None:
    for part in ("worker:gone", f"worker:{NAME}", "receipts"):
        beat(part)
        older(part, timedelta(days=8).total_seconds())
    tasks.begin_to_beat(sender=Mock(hostname=NAME))
    assert set(heartbeats.ages()) == {f"worker:{NAME}", "receipts"}
    assert heartbeats.ages()[f"worker:{NAME}"] < 30


def alive(name: str = NAME) -> int:
    """The exit code of the container's health check."""
    try:
        call_command("worker_alive", name, stdout=StringIO())
    except CommandError as error:
        return int(error.returncode)
    return 0


def test_the_health_check_tells_a_worker_that_works_from_a_mute_one() -> None:
    assert alive() == 1
    beat(f"worker:{NAME}")
    assert alive() == 0
    older(f"worker:{NAME}", 119)
    assert alive() == 0
    older(f"worker:{NAME}", 121)
    assert alive() == 1
    beat("worker:another")
    assert alive() == 1


def test_the_silence_that_is_allowed_is_a_setting(settings: Any) -> None:
    settings.WORKER_SILENT_SECONDS = 5
    beat(f"worker:{NAME}")
    older(f"worker:{NAME}", 6)
    assert alive() == 1


def test_where_the_database_is_away_nobody_is_called_mute(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        assert alive() == 2
