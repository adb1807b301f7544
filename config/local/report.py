"""How does a person see what is going on? One plain line per step, with the seconds it took."""

import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def speak_to_any_terminal() -> None:
    """Let a terminal that cannot show a letter show a question mark instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(line: str) -> None:
    """Show one line at once, also where the output is a pipe."""
    print(line, flush=True)


@contextmanager
def step(doing: str, done: str) -> Iterator[None]:
    """Say what is being done, and when it took more than a second how long it took."""
    say(f"{doing} ...")
    began = time.monotonic()
    yield
    seconds = time.monotonic() - began
    if seconds > 1:
        say(f"{done} ({seconds:.0f} s).")
