"""Which process is this, is it still alive, and how do we end it without ever hitting another's?

A process is known by its number *and* the moment it was born: numbers are used again after a crash or a
restart of the machine. Whatever we start leads its own process group, so that Ctrl-C in the terminal
reaches the supervisor only and a child's own children can be ended with it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.local.places import ROOT

#: Seconds a process gets to end by itself (a worker finishes the calls it has begun in 20).
PATIENCE = 25.0
LOG_LIMIT = 5_000_000


@dataclass(frozen=True)
class Identity:
    """One process of this machine: its number and when it was born (in the system's own words)."""

    pid: int
    born: str


def identify(pid: int) -> Identity | None:
    """The identity of a living process; None if there is none (a zombie counts as none)."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] in "ZX" else Identity(pid, f"{boot}/{fields[19]}")
    shown = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return None if len(shown) < 2 or shown[0].startswith("Z") else Identity(pid, shown[1].strip())


def is_alive(process: Identity) -> bool:
    """Does exactly this process still run?"""
    return identify(process.pid) == process


def command_line(pid: int) -> str:
    """The words a process was started with; empty if there is no such process."""
    return subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()


@dataclass(frozen=True)
class User:
    """Whom a server runs as where we are root and it refuses to be."""

    uid: int
    gid: int


def spawn(
    argv: Sequence[str], log: Path, environment: Mapping[str, str], user: User | None = None
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own, its words appended to `log` (put aside at 5 MB)."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(log.name + ".1"))
    identity = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
    with log.open("ab") as words:
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # the three keys of `identity`
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env=dict(environment),
            cwd="/" if user else ROOT,
            start_new_session=True,
            **identity,
        )


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the group that `pid` leads; nothing happens if it leads none."""
    with suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)


class Child(Protocol):
    """A process whose end we are told, as `subprocess` knows its own."""

    pid: int

    @property
    def returncode(self) -> int | None:
        """Negative for a signal; None while nobody has asked after its end."""

    def poll(self) -> int | None:
        """The same, having asked."""

    def wait(self, timeout: float | None = None) -> int:
        """The same, once it has ended."""


def has_ended(child: Child) -> bool:
    """Has our child ended? If so the rest of its group is ended too, before the number can be used again."""
    if child.returncode is not None:
        return True
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return child.poll() is not None
    if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return False
    signal_group(child.pid, signal.SIGKILL)
    child.wait()
    return True


def stop_children(children: Sequence[Child], number: int = signal.SIGTERM) -> None:
    """Ask our children to end, all at once; those still there after PATIENCE seconds are killed."""
    for child in children:
        if not has_ended(child):
            with suppress(ProcessLookupError):
                os.kill(child.pid, number)
    deadline = time.monotonic() + PATIENCE
    while not all([has_ended(child) for child in children]):
        if time.monotonic() > deadline:
            for child in children:
                signal_group(child.pid, signal.SIGKILL)
        time.sleep(0.02)  # several children, one deadline: looked at until then


def end_strangers(processes: Sequence[tuple[Identity, int]], patience: float = PATIENCE) -> None:
    """End exactly these processes, which an earlier run left behind: (who, the signal it stops by)."""
    for process, number in processes:
        if is_alive(process):
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)
    deadline = time.monotonic() + patience
    while remaining := [process for process, _ in processes if is_alive(process)]:
        if time.monotonic() > deadline:
            for process in remaining:
                signal_group(process.pid, signal.SIGKILL)
        time.sleep(0.02)  # not our children, so not to be waited for: looked at
