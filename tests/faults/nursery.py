"""How is a worker started again and again without loading the product each time? It is forked from what has loaded it.

Runs as a program with the workers' environment: `python -m tests.faults.nursery APP`; an order a line, answered with
the new process's number. What is forked leads a group of its own and goes on as `python -m celery` would. It is a child
of the campaign, as if that had started it: Linux hands an orphan to its nearest "child subreaper" (prctl(2)).
"""

import ctypes
import gc
import importlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from config.local.foreground import python
from config.local.places import ROOT
from config.local.processes import identify
from config.local.records import Record

#: Whether this system has what it takes.
FORKS = sys.platform == "linux"
#: prctl(2), <linux/prctl.h>.
_PR_SET_CHILD_SUBREAPER = 36
_CELERY = ["-m", "celery"]
#: What Celery itself loads only when a worker starts.
_LATER = (
    "celery.apps.worker", "celery.bin.celery", "celery.concurrency.thread", "celery.fixups.django",
    "celery.worker.components", "celery.worker.consumer", "kombu.transport.redis", "reminders.tasks",
)  # fmt: skip


class Forked:
    """A process that was forked for this one, known as `subprocess` knows its own."""

    def __init__(self, pid: int) -> None:
        """It runs already."""
        self.pid = pid
        self.returncode: int | None = None
        self._ends = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """The same, once it has ended. Raises subprocess.TimeoutExpired after so many seconds."""
        if self.returncode is None:
            if not select.select([self._ends], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._ends)
        return self.returncode


class Nursery:
    """The program; started when it is first needed, and again where its variables are others."""

    def __init__(self, record: Record, log: Path) -> None:
        """`record` is told of the program, whose own words go to `log`."""
        self._record, self._log = record, log
        self._made_of: tuple[str, Mapping[str, str]] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(self, app: str, variables: Mapping[str, str], argv: Sequence[str], log: Path, session: str) -> Forked:
        """A process of `python -m celery …` that loads `app`, its words appended to `log`, its database sessions called
        `session`. Raises RuntimeError where the program has ended."""
        if self._made_of != (app, variables):
            self._start(app, variables)
        assert self._process and self._process.stdin and self._process.stdout
        order = {"argv": list(argv), "log": str(log), "session": session}
        self._process.stdin.write(f"{json.dumps(order)}\n".encode())
        self._process.stdin.flush()
        if not (said := self._process.stdout.readline()):
            raise RuntimeError(f"the nursery ended with {self._process.wait()}")
        return Forked(int(said))

    def _start(self, app: str, variables: Mapping[str, str]) -> None:
        self.close()
        self._made_of = app, dict(variables)
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        with self._log.open("ab") as complaints:
            self._process = subprocess.Popen(
                python("-m", "tests.faults.nursery", app), cwd=ROOT, env=dict(variables), stderr=complaints,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        self._record.note("nursery", identify(self._process.pid))

    def close(self) -> None:
        """Ends the program; what it has forked goes on."""
        if self._process and self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()
            self._process = self._made_of = None


def main(app: str) -> None:
    """Loads the product, then forks at each order until there are no more."""
    importlib.import_module(app)
    import django

    django.setup()
    for module in _LATER:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        order = json.loads(line)
        if (pid := _fork()) is None:
            _become(order)
        print(pid, flush=True)


def _fork() -> int | None:
    """An orphan's number; None in the orphan itself."""
    told, tells = os.pipe()
    if parent := os.fork():
        os.close(tells)
        os.waitpid(parent, 0)
        with os.fdopen(told) as words:
            return int(words.read())
    if child := os.fork():
        os.write(tells, str(child).encode())
        os._exit(0)
    os.close(told)
    os.close(tells)
    return None


def _become(order: dict[str, str]) -> None:
    os.setsid()
    silence, log = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for there, here in ((silence, 0), (log, 1), (log, 2)):
        os.dup2(there, here)
    os.environ["PGAPPNAME"] = order["session"]
    argv = list(order["argv"])
    sys.argv = argv[argv.index(_CELERY[0]) + 1 :]
    from celery.__main__ import main as celery

    sys.exit(celery())


if __name__ == "__main__":
    main(sys.argv[1])
