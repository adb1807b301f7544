"""One command at a time has a checkout's servers; a killed one holds nothing."""

import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from config.local.lock import Taken, held
from config.local.places import ROOT

HOLDER = """
import sys, time
from pathlib import Path
from config.local.lock import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(lock: Path) -> "subprocess.Popen[str]":
    """Another process that holds the lock."""
    other = subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert other.stdout and other.stdout.readline() == "held\n"
    return other


def test_a_second_command_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    first = holder(tmp_path / "lock")
    try:
        with pytest.raises(Taken), held(tmp_path / "lock"):
            pass
    finally:
        first.kill()
        first.communicate()


def test_the_lock_of_a_killed_command_is_free(tmp_path: Path) -> None:
    first = holder(tmp_path / "lock")
    first.kill()
    first.communicate()
    with held(tmp_path / "lock"):
        assert (tmp_path / "lock").exists()


@pytest.mark.parametrize("with_children", [False, True])
def test_a_child_goes_on_holding_the_lock_only_where_it_is_meant_to(tmp_path: Path, with_children: bool) -> None:
    with held(tmp_path / "lock", with_children=with_children):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with pytest.raises(Taken) if with_children else nullcontext(), held(tmp_path / "lock"):
            pass
    finally:
        child.kill()
        child.wait()
