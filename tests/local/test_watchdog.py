"""A worker that runs and takes up nothing is ended and started again; where nobody can see, nobody is judged."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from config.local import children
from config.local.problem import Problem
from config.local.watchdog import Watchdog, notes_in
from tests.local.running import Running, alive, running, wait_until
from tests.local.test_supervisor import NAMED

pytestmark = pytest.mark.feature("B14", enters="supervisor")
WORKERS = {"worker-1": 11, "worker-2": 12}


class Notes:
    """What the workers last noted; None while the database is away."""

    def __init__(self) -> None:
        self.now: dict[str, str] | None = {"worker-1": "a", "worker-2": "a"}

    def read(self) -> Mapping[str, str]:
        if self.now is None:
            raise Problem("away")
        return dict(self.now)


def test_one_whose_note_does_not_change_is_mute_after_its_silence() -> None:
    notes = Notes()
    watchdog = Watchdog(notes.read, silence=120)
    assert watchdog.mute(WORKERS, 0) == []
    notes.now = {"worker-1": "b", "worker-2": "a"}
    assert watchdog.mute(WORKERS, 60) == []
    assert watchdog.mute(WORKERS, 119) == []
    assert watchdog.mute(WORKERS, 120) == ["worker-2"]
    assert watchdog.mute(WORKERS, 180) == ["worker-1", "worker-2"]


def test_one_that_never_noted_anything_has_its_time_from_its_start() -> None:
    notes = Notes()
    notes.now = {}
    watchdog = Watchdog(notes.read, silence=120)
    watchdog.mute({"worker-1": 11}, 0)
    assert watchdog.mute({"worker-1": 11}, 121) == ["worker-1"]
    assert watchdog.mute({"worker-1": 99}, 122) == []  # started again: its time begins anew
    assert watchdog.mute({"worker-1": 99}, 241) == []


def test_while_the_database_is_away_nobody_is_judged_and_the_time_begins_anew() -> None:
    notes = Notes()
    watchdog = Watchdog(notes.read, silence=120)
    watchdog.mute(WORKERS, 0)
    notes.now = None
    assert watchdog.mute(WORKERS, 500) == []
    notes.now = {"worker-1": "a", "worker-2": "a"}
    assert watchdog.mute(WORKERS, 501) == []
    assert watchdog.mute(WORKERS, 621) == ["worker-1", "worker-2"]


def test_a_database_that_does_not_answer_is_a_problem_without_its_password() -> None:
    read = notes_in("postgres://app:geheim@127.0.0.1:1/avisa", {"worker-1": children.node("worker-1")})
    with pytest.raises(Problem) as problem:
        read()
    assert "geheim" not in str(problem.value)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Running]:
    """A supervisor whose `worker-1` sleeps; its note is the content of a file, its silence two seconds."""
    (tmp_path / "note").write_text("a")
    with running(["-m", "tests.local.standin", str(tmp_path / "note")], tmp_path / "var", **NAMED) as command:
        wait_until(lambda: (tmp_path / "var" / "run" / "stack.json").exists(), "it has started")
        wait_until(lambda: "worker-1" in command.record.processes, "the worker runs")
        yield command


def test_a_mute_worker_is_ended_and_started_again(guarded: Running) -> None:
    first = guarded.record.processes["worker-1"]
    guarded.wait_for("worker-1 has taken up nothing for 2 s; ending it.")
    guarded.wait_for("worker-1 ended (killed by signal 15); starting it again now.")
    wait_until(lambda: guarded.record.processes["worker-1"] != first, "the worker runs again")
    assert alive(guarded.record).count("worker-1") == 1
