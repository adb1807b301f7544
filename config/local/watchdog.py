"""Which worker runs and takes up no ring any more? It is told to end, and the supervisor starts it again.

After its broker went away a Celery worker may stay connected and deaf (celery #8030, #9054, kombu #2007). Each worker
notes in the database that it took up a ring; one whose note has not changed for a while is mute, whatever the clocks
say. While the database does not answer nobody is judged.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import psycopg2

from config.local import external
from config.local.problem import Problem
from config.local.processes import PATIENCE, Child, has_ended, signal_group
from config.local.report import say

#: How long a worker may take up nothing, in seconds, where WORKER_SILENT_SECONDS says nothing else.
DEFAULT_SILENCE = 120.0
_LONGEST_PAUSE = 5.0  # between two looks

Processes = Mapping[str, Child]


class Watchdog:
    """Looks in a thread of its own, as a database may hang; acts where its owner calls `act`."""

    def __init__(self, read: Callable[[], Mapping[str, str]], silence: float) -> None:
        """`read` gives each worker's last note (name → anything that changes with it), or raises Problem."""
        self._read, self._silence = read, silence
        self._running: dict[str, int] = {}
        self._seen: dict[str, tuple[tuple[int, str | None], float]] = {}
        self._mute: dict[str, int] = {}
        self._ending: dict[str, tuple[int, float]] = {}

    def start(self) -> None:
        """Looks from now on, until this process ends."""
        threading.Thread(target=self._look_on, name="watchdog", daemon=True).start()

    def mute(self, running: Mapping[str, int], now: float) -> list[str]:
        """Which of these workers (name → process number) are mute at `now`, a time that only goes forward?"""
        try:
            notes = self._read()
        except Problem:
            self._seen.clear()
            return []
        for name, pid in running.items():
            sign = (pid, notes.get(name))
            if name not in self._seen or self._seen[name][0] != sign:
                self._seen[name] = (sign, now)
        return [name for name in running if now - self._seen[name][1] >= self._silence]

    def act(self, processes: Processes) -> None:
        """Tells the mute ones to end, and kills those that do not within their time."""
        self._running = {name: process.pid for name, process in processes.items() if not has_ended(process)}
        for name, pid in list(self._mute.items()):
            del self._mute[name]
            if self._running.get(name) == pid and self._ending.get(name, (0, 0.0))[0] != pid:
                say(f"{time.strftime('%H:%M:%S')} {name} has taken up nothing for {self._silence:.0f} s; ending it.")
                self._ending[name] = (pid, time.monotonic() + PATIENCE)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        for name, (pid, until) in list(self._ending.items()):
            if self._running.get(name) != pid:
                del self._ending[name]
            elif time.monotonic() > until:
                signal_group(pid, signal.SIGKILL)

    def _look_on(self) -> None:
        while True:
            time.sleep(min(self._silence / 4, _LONGEST_PAUSE))  # the pace of the looks
            running = self._running
            self._mute.update({name: running[name] for name in self.mute(running, time.monotonic())})


def notes_in(url: str, workers: Mapping[str, str]) -> Callable[[], dict[str, str]]:
    """Reads the workers' notes from the database of that address; `workers` is name → the worker's own name there."""
    parts = {f"worker:{node}": name for name, node in workers.items()}

    def read() -> dict[str, str]:
        link = external.connect("DATABASE_URL", url)
        try:
            with link.cursor() as cursor:
                cursor.execute("SELECT part, at::text FROM reminders_heartbeat WHERE part = ANY (%s)", [list(parts)])
                return {parts[part]: at for part, at in cursor.fetchall()}
        except psycopg2.Error as error:
            raise Problem(f"the heartbeats cannot be read: {type(error).__name__}") from error
        finally:
            link.close()

    return read
