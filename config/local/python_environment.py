"""Is `.venv` exactly what the lock file says? (Standard library only: runs before it exists.)

A stamp inside says for which lock and which Python it was made. It is written last, so a half-made
environment has none and is made anew from nothing.
"""

import hashlib
import platform
import shutil
import sys
from pathlib import Path

from config.local import places, requirements_lock, set_up_step
from config.local.lock import Taken, held
from config.local.problem import DISK_FULL_WORDS, Problem, disk_full
from config.local.report import step

_NEEDED_MB = 800
_UNREACHABLE = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "Connection refused",
    "SSLError",
)
_DAMAGED = ("DO NOT MATCH THE HASHES", "Hashes are required", "Invalid requirement", "Expected sha", "--hash")


def python_of(environment: Path) -> Path:
    """The Python program of an environment."""
    return environment / "bin" / "python"


def ensure() -> None:
    """Make `.venv` if it is missing, half-made or of another lock. Raises Problem."""
    stamp, wanted = places.VENV / "avisa-stamp", _wanted(places.LOCK_FILE)
    if stamp.is_file() and stamp.read_text() == wanted and python_of(places.VENV).exists():
        return
    with step("Installing the Python libraries into .venv, about a minute", "The Python libraries are installed"):
        requirements_lock.check(places.LOCK_FILE, places.LOCK_FILE.with_suffix(".in"))
        _check_room()
        try:
            with held(places.VAR / "run.lock"):
                make(places.VENV)
                install(places.VENV, places.LOCK_FILE)
                stamp.write_text(wanted)
        except Taken as taken:
            raise Problem(
                "The libraries have changed, but Avisa is running here with the old ones: stop it first."
            ) from taken


def _wanted(lock: Path) -> str:
    """What the stamp must say."""
    try:
        content = lock.read_bytes()
    except FileNotFoundError as error:
        raise Problem(f"{lock} is missing: get it back with git checkout.") from error
    return f"{hashlib.sha256(content).hexdigest()} {sys.version} {platform.machine()} {places.VENV}"


def _check_room() -> None:
    """Say so before the work when it cannot fit."""
    free = shutil.disk_usage(places.ROOT).free // 1_000_000
    if free < _NEEDED_MB:
        raise Problem(
            f"The disk is full: {free} MB are left at {places.ROOT}, the libraries need {_NEEDED_MB} MB. "
            "Make room and start again; nothing is lost."
        )


def make(environment: Path) -> None:
    """Make an empty environment from nothing. Raises Problem where this Python cannot."""
    if environment.is_symlink():
        raise Problem(f"{environment} is a link; remove it and start again.")
    if environment.exists():
        shutil.rmtree(environment)
    python = getattr(sys, "_base_executable", sys.executable)  # we may run in the one just removed
    made = _run([python, "-I", "-m", "venv", str(environment)])
    if made and any(word in made for word in ("ensurepip", "No module named venv")):
        shutil.rmtree(environment, ignore_errors=True)
        raise Problem("This Python lacks venv: install Debian's package python3-venv (or its like) and start again.")
    if made:
        raise _explain(made, "The environment could not be made")


def install(environment: Path, lock: Path) -> None:
    """Install what `lock` names, wheels only, each checked by its hash. Raises Problem."""
    words = _run(
        [
            str(python_of(environment)),
            "-I",
            "-m",
            "pip",
            "install",
            "--no-input",
            "--disable-pip-version-check",
        ]
        + ["--require-hashes", "--only-binary", ":all:", "--no-compile", "--progress-bar", "off", "-r", str(lock)]
    )
    if words:
        raise _explain(words, f"The libraries of {lock.relative_to(places.ROOT)} could not be installed")


def _run(argv: list[str]) -> str:
    """Run a step; empty if it went well, else all it said."""
    code, words = set_up_step.run(argv)
    return (words or "no reason given") if code else ""


def _explain(words: str, what: str) -> Problem:
    """pip's many lines as one."""
    if any(full in words for full in DISK_FULL_WORDS):
        return disk_full(places.VENV)
    errors = [line for line in words.splitlines() if line.lower().startswith(("error", "pip: error"))]
    log = f"(all of it is in {places.SET_UP_LOG})"
    if any(damaged in words for damaged in _DAMAGED):
        return Problem(f"{what}: the lock file is damaged, get it back with git checkout {log}.")
    if any(unreachable in words for unreachable in _UNREACHABLE):
        return Problem(f"{what}: the package index cannot be reached; connect and start again {log}.")
    return Problem(f"{what}: {errors[-1] if errors else words.strip().splitlines()[-1]} {log}.")
