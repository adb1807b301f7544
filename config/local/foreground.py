"""How does a command run in the person's terminal, so that Ctrl-C stops it and we still clean up after it?"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from config.local.places import ROOT


def end_on_signals() -> None:
    """Let SIGTERM and a closed terminal end us by an exception, like Ctrl-C, so that what runs is stopped."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell without job control has it ignored
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, leave)


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end; its exit code. Signals to us are passed on, and we wait for the end."""
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


def run_quietly(argv: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a step to its end without showing its words: (exit code, what it printed, what it complained of)."""
    pipe = subprocess.PIPE
    child = subprocess.Popen(
        list(argv), env=dict(environment), cwd=ROOT, stdout=pipe, stderr=pipe, encoding="utf-8", errors="replace"
    )
    try:
        words, complaints = child.communicate()
    except BaseException:  # Ctrl-C or SIGTERM: the step must not go on without us
        child.terminate()
        child.wait()
        raise
    return child.returncode, words, complaints


def python(*argv: str) -> list[str]:
    """The words that run a module or file with the environment's Python."""
    return [sys.executable, *argv]
