"""A child that dies is started again, without a busy loop; a stop leaves no process."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local import records
from tests.local.running import Running, alive, running, wait_until

NAMED = {"DATABASE_URL": "postgres://named", "DATABASE_OWNER_URL": "postgres://named", "REDIS_URL": "redis://named"}


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Running]:
    """A supervisor with a sleeping `worker-1` and a `beat` that ends at once, again and again."""
    with running(["-m", "tests.local.standin"], tmp_path / "var", **NAMED) as command:
        wait_until(lambda: (tmp_path / "var" / "run" / "stack.json").exists(), "it has started")
        wait_until(lambda: "worker-1" in command.record.processes, "the worker runs")
        yield command


def test_a_killed_child_is_started_again_and_said(supervised: Running) -> None:
    first = supervised.record.processes["worker-1"]
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: supervised.record.processes["worker-1"] != first, "the worker runs again")
    supervised.wait_for("worker-1 ended (killed by signal 9); starting it again now.")
    assert alive(supervised.record).count("worker-1") == 1


def test_a_child_that_keeps_dying_is_started_ever_more_rarely(supervised: Running) -> None:
    supervised.wait_for("beat ended (exit code 0); starting it again in 4 s.")
    assert supervised.said.count("beat ended") == 3
    assert "again now" in supervised.said and "again in 2 s" in supervised.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_leaves_no_process(supervised: Running, number: int) -> None:
    before = supervised.record
    assert supervised.end(number) == 0
    assert alive(before) == []


def test_what_a_killed_supervisor_left_is_known_and_ended(supervised: Running) -> None:
    before = supervised.record
    supervised.process.kill()
    supervised.process.wait()
    assert "worker-1" in alive(before)
    assert "worker-1" in records.end_leftovers(supervised.var / "run")
    assert alive(before) == []
