"""Who keeps the product's processes alive, and in which order do they stop?

A child or embedded server that dies is started again: at once, then after 1, 2, 4 … 30 seconds if it
keeps dying. Every process is written down before anything else happens to it, so that the next start
finds what a killed one left.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.local import places
from config.local.children import STOP_ORDER, WORKERS, Child
from config.local.postgres import Postgres
from config.local.problem import Problem
from config.local.processes import has_ended, identify, spawn, stop_children
from config.local.report import say
from config.local.servers import Servers
from config.local.valkey import Valkey
from config.local.watchdog import Watchdog

_TICK = 0.2
_LONG_LIFE = 60.0  # seconds after which a death counts as the first again
_LONGEST_WAIT = 30.0


@dataclass
class Watched:
    """One thing that must run: how to start it, how to know that it has ended."""

    start: Callable[[], None]
    process: Callable[[], "subprocess.Popen[bytes] | None"]
    deaths: int = 0
    started: float = field(default_factory=time.monotonic)
    due: float | None = None  # when to start it again; None while it runs

    def wait(self) -> float:
        """Seconds to wait before the next start, after `deaths` in a row."""
        return min(0.5 * 2**self.deaths, _LONGEST_WAIT) if self.deaths > 1 else 0.0


class Supervisor:
    """Starts, watches and stops the children; watches the embedded servers, which it is given running."""

    def __init__(self, servers: Servers, environment: Mapping[str, str]) -> None:
        self.servers, self.environment = servers, environment
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.watched: dict[str, Watched] = {}
        self._watchdog: Watchdog | None = None
        for server in servers.embedded():
            self._watch_server(server)

    def start(self, child: Child) -> None:
        """Start a child and watch it from now on."""

        def start() -> None:
            process = spawn(child.argv, places.LOGS / f"{child.name}.log", self.environment)
            self.children[child.name] = process
            self.servers.record.note(child.name, identify(process.pid))

        start()
        self.watched[child.name] = Watched(start, lambda: self.children.get(child.name))

    def guard(self, watchdog: Watchdog) -> None:
        """From now on end the workers that take up nothing any more; they are started again like any that ended."""
        self._watchdog = watchdog
        watchdog.start()

    def wait_for(self, name: str, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until a child answers. Raises Problem if it dies three times or takes too long."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            self.watch()
            log = places.LOGS / f"{name}.log"
            if self.watched[name].deaths >= 3:
                raise Problem(f"{name} does not start: {last_line(log)} (see {log}).")
            if time.monotonic() > deadline:
                raise Problem(f"{name} does not answer within {seconds:.0f} seconds (see {log}).")
            time.sleep(0.05)  # a program that starts tells nobody: asked again until the deadline

    def run(self) -> None:
        """Watch until a signal ends us (as an exception)."""
        while True:
            self.watch()
            time.sleep(_TICK)  # the pace of the watch; a signal ends it

    def watch(self) -> None:
        """Look at everything once; start again what has ended and is due."""
        now = time.monotonic()
        for name, watched in self.watched.items():
            process = watched.process()
            if watched.due is None and (process is None or has_ended(process)):
                watched.deaths = 1 if now - watched.started > _LONG_LIFE else watched.deaths + 1
                watched.due = now + watched.wait()
                again = f"in {watched.wait():.0f} s" if watched.wait() else "now"
                say(f"{time.strftime('%H:%M:%S')} {name} ended{_how(process)}; starting it again {again}.")
            if watched.due is not None and now >= watched.due:
                self._start_again(name, watched)
        if self._watchdog:
            self._watchdog.act({name: self.children[name] for name in WORKERS if name in self.children})

    def _start_again(self, name: str, watched: Watched) -> None:
        try:
            watched.start()
        except (Problem, OSError) as trouble:
            say(f"{time.strftime('%H:%M:%S')} {name} cannot be started: {trouble}")
            watched.deaths += 1
            watched.due = time.monotonic() + watched.wait()
        else:
            watched.started, watched.due = time.monotonic(), None

    def stop(self) -> None:
        """Stop the children in order, then the servers; a second Ctrl-C does not cut this short."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for names in STOP_ORDER:
            stop_children([self.children[name] for name in names if name in self.children])
        self.servers.stop()

    def _watch_server(self, server: Postgres | Valkey) -> None:
        self.watched[server.name] = Watched(
            lambda: self.servers.start_one(server), lambda: server.process
        )  # on the same port: the children know it


def last_line(log: Path) -> str:
    """The last words of a log."""
    try:
        lines = log.read_text(errors="replace").split("\n")
    except FileNotFoundError:
        return "it said nothing"
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _how(process: "subprocess.Popen[bytes] | None") -> str:
    """How a process ended, in words."""
    code = process.returncode if process else None
    if code is None:
        return ""
    return f" (killed by signal {-code})" if code < 0 else f" (exit code {code})"
