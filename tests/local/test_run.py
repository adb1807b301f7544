"""`run.py` as a newcomer meets it: too old a Python, a damaged lock, a full disk, a half-made environment."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.local.lock import held
from config.local.places import ROOT

OLD_PYTHON = "import runpy, sys; sys.version_info = (3, 9, 1); runpy.run_path('run.py', run_name='__main__')"
ENSURE = "from config.local import python_environment; python_environment.ensure()"


def run(root: Path, *argv: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in a checkout, as if nothing of ours were in the environment."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE", "REDIS", "AVISA"))}
    return subprocess.run([sys.executable, *argv], cwd=root, env=clean, capture_output=True, text=True, check=False)


def test_run_py_can_be_read_by_old_pythons() -> None:
    ast.parse((ROOT / "run.py").read_text(), feature_version=(3, 5))


def test_an_old_python_is_told_so_in_one_line() -> None:
    said = run(ROOT, "-c", OLD_PYTHON)
    assert said.returncode == 1
    assert said.stderr == "Avisa needs Python 3.11 or newer; this is Python 3.9.\n"


def test_an_unknown_command_is_answered_with_the_known_ones() -> None:
    said = run(ROOT, "run.py", "tset")
    assert said.returncode == 2
    assert "run.py test" in said.stderr


def test_a_damaged_lock_is_one_line_and_leaves_the_environment_alone(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "old").touch()
    (checkout / "requirements" / "local.lock").write_text("django==5.2.19 \\\n    --hash=sha256:beef\n")
    said = run(checkout, "run.py", "test")
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1 and "requirements/local.lock is damaged: line 2" in said.stderr
    assert (checkout / ".venv" / "old").exists()


def test_the_environment_of_a_running_product_is_not_taken_from_under_it(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "in-use").touch()
    with held(checkout / "var" / "run.lock"):
        said = run(checkout, "run.py", "test")
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1 and "stop it first" in said.stderr
    assert (checkout / ".venv" / "in-use").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_line_and_the_next_start_repairs_what_was_half_made(checkout: Path) -> None:
    log = checkout / "var" / "log" / "set-up.log"
    log.parent.mkdir(parents=True)
    log.symlink_to("/dev/full")
    said = run(checkout, "run.py", "test")
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1 and said.stderr.startswith("The disk is full")
    assert not (checkout / ".venv" / "avisa-stamp").exists()
    log.unlink()
    (checkout / ".venv").mkdir(exist_ok=True)
    (checkout / ".venv" / "half-made").touch()
    assert run(checkout, "-c", ENSURE).returncode == 0
    assert (checkout / ".venv" / "avisa-stamp").exists()
    assert not (checkout / ".venv" / "half-made").exists()
    assert run(checkout, "-c", ENSURE).stdout == ""
    (checkout / "requirements" / "local.lock").write_text("# changed\n")
    log.unlink()
    log.symlink_to("/dev/full")
    said = run(checkout, "run.py", "test")  # the environment is there, but of another lock
    assert said.returncode == 1 and said.stderr.startswith("The disk is full")
