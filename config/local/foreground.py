"""How does a command run in the person's terminal, so that Ctrl-C stops it and we still clean up after it?"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from config.local.places import ROOT


def end_on_signals() -> None:
    """Let SIGTERM and a closed terminal end us like Ctrl-C does: by an exception, so that what runs is stopped."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end; its exit code. A signal to us is passed on, and we wait for the command to obey."""
    child = subprocess.Popen(list(argv), env=dict(environment), cwd=ROOT)

    def pass_on(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT or not os.isatty(0):  # a terminal has told the child already
            child.send_signal(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def python(*argv: str) -> list[str]:
    """The words that run a module or file with the environment's Python."""
    return [sys.executable, *argv]
