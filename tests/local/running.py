"""Commands of this checkout as processes, with a VAR of their own, for the tests that start and kill them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.local import places, records
from config.local.processes import is_alive
from config.local.records import Record

#: A command under test finds nothing of the test's own servers and settings.
_OURS = ("DATABASE", "REDIS", "SANDBOX", "BASE_URL", "EMAIL_URL", "SECRET_KEY", "FIELD_KEYS", "AVISA", "PYTEST")


def environment(var: Path, **more: str) -> dict[str, str]:
    """A newcomer's environment, with everything that a run makes under `var`."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    return {**clean, "AVISA_VAR": str(var), "PYTHONUNBUFFERED": "1"} | more


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Look until something holds; fail by name if it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)


class Running:
    """One command: what it said so far, what it has started, how it ends."""

    def __init__(self, argv: list[str], var: Path, **more: str) -> None:
        self.said_in = var.parent / f"{var.name}.said"
        self.var = var
        with self.said_in.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, *argv],
                cwd=places.ROOT,
                env=environment(var, **more),
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """Everything it has printed."""
        return self.said_in.read_text()

    @property
    def record(self) -> Record:
        """What it has written down."""
        found = records.read(self.var / "run" / "stack.json")
        assert found, self.said
        return found

    def wait_for(self, words: str) -> None:
        """Wait until it has said these words."""

        def there() -> bool:
            assert self.process.poll() is None or words in self.said, self.said
            return words in self.said

        wait_until(there, f"it says {words!r}", 120)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(90)


@contextmanager
def running(argv: list[str], var: Path, **more: str) -> Iterator[Running]:
    """Run a command during a test; whatever happens nothing of it is left."""
    command = Running(argv, var, **more)
    try:
        yield command
    finally:
        if command.process.poll() is None:
            command.end()
        records.end_leftovers(var / "run")


def alive(record: Record) -> list[str]:
    """Which of the processes written down are still there?"""
    return [name for name, process in record.processes.items() if is_alive(process)]
