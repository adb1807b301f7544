"""What a killed run left behind is ended; nothing else is ever touched."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local import records
from config.local.processes import Identity, identify
from config.local.records import Record

DEAD = Identity(2**22 + 7, "never born")  # above the highest process number that Linux gives


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that leads its own group, as everything does that we start."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def birth(process: "subprocess.Popen[bytes]") -> Identity:
    """The identity of a living process."""
    found = identify(process.pid)
    assert found
    return found


def test_a_process_left_behind_is_ended_and_its_record_removed(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]"
) -> None:
    Record(tmp_path / "stack.json", DEAD, {"web": birth(sleeper)}).save()
    assert records.end_leftovers(tmp_path) == ["web"]
    assert sleeper.wait(5) == -15
    assert not list(tmp_path.iterdir())


def test_a_number_that_now_belongs_to_another_process_is_left_alone(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]"
) -> None:
    Record(tmp_path / "stack.json", DEAD, {"web": Identity(sleeper.pid, "born before the restart")}).save()
    assert records.end_leftovers(tmp_path) == []
    assert sleeper.poll() is None


def test_a_living_commands_processes_are_left_alone(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    me = identify(os.getpid())
    assert me
    record = Record(tmp_path / "stack.json", me, {"web": birth(sleeper)})
    record.save()
    assert records.end_leftovers(tmp_path) == []
    assert sleeper.poll() is None
    assert records.read(record.path) == record


@pytest.mark.parametrize("content", ["", "{", "[]", '{"owner": 7}', "12345\n"])
def test_a_stale_or_damaged_record_is_no_obstacle(tmp_path: Path, content: str) -> None:
    (tmp_path / "stack.json").write_text(content)
    assert records.read(tmp_path / "stack.json") is None
    assert records.end_leftovers(tmp_path) == []
    assert not list(tmp_path.iterdir())


def test_only_a_scratch_folder_of_ours_is_removed(tmp_path: Path) -> None:
    precious, ours = tmp_path / "precious", tmp_path / "avisa-x1"
    for number, folder in enumerate((precious, ours)):
        folder.mkdir()
        Record(tmp_path / "run" / f"test-{number}.json", DEAD, scratch=str(folder)).save()
    records.end_leftovers(tmp_path / "run")
    assert precious.exists() and not ours.exists()


def test_a_record_may_be_read_by_its_user_only(tmp_path: Path) -> None:
    Record(tmp_path / "stack.json", DEAD).save()
    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "stack.json").read_text())["processes"] == {}
