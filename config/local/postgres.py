"""How does the embedded PostgreSQL live? Its own programs, a folder of ours, TCP on 127.0.0.1 with passwords.

The package's `get_server()` is not used: as root it adds a user and opens every folder up to /; it trusts
anybody. No Unix socket: its path would be too long in a deep checkout.
"""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from config.local import places
from config.local.ports import HOST, free_port
from config.local.problem import DISK_FULL_WORDS, Problem, disk_full
from config.local.processes import User, command_line, has_ended, spawn, stop_children
from config.local.unprivileged import binaries, server_user

SUPERUSER = "postgres"
#: PostgreSQL's words for what passes by itself: children of a killed server take a moment to go (T4).
_PASSING = ("lock file", "shared memory block", "Address already in use", "could not bind")
_SLACK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)
_START_SECONDS = 60.0
_ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}  # no PG* variable leaks in


@dataclass
class Postgres:
    """One server. Its user may enter `folder`; `durable=False` is for tests only."""

    folder: Path
    password: str
    log: Path
    durable: bool = True
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None
    user: User | None = field(default_factory=server_user)

    name = "postgres"

    @property
    def data(self) -> Path:
        """The data directory itself; only the server's user may enter it."""
        return self.folder / "data"

    def superuser_dsn(self, database: str = "postgres") -> str:
        """What psycopg2 connects with as the superuser; used for making roles only."""
        return (
            f"host={HOST} port={self.port} user={SUPERUSER} password={self.password} "
            f"dbname={database} connect_timeout=3"
        )

    def start(self) -> None:
        """Start and wait until the server answers. Raises Problem where it does not."""
        programs = binaries(self.user)
        places.make(self.log.parent)
        if not self.data.exists():
            self._initialise(programs)
        self._check_version(programs)
        self._drop_stale_pid_file()
        deadline = time.monotonic() + _START_SECONDS
        wanted = self.port
        while True:
            self.port = wanted or free_port()
            seen = self.log.stat().st_size if self.log.exists() else 0
            self.process = spawn(self._argv(programs), self.log, _ENVIRONMENT, self.user)
            if self._answers(deadline):
                return
            self.stop()
            words = self._words_since(seen)
            if time.monotonic() > deadline or not any(passing in words for passing in _PASSING):
                raise self._explain(words)
            time.sleep(0.1)  # what was in the way is passing

    def stop(self) -> None:
        """Fast stop: sessions are ended, everything committed is on disk."""
        if self.process:
            stop_children([self.process], signal.SIGINT)
            self.process = None

    def _argv(self, programs: Path) -> list[str]:
        settings = ["unix_socket_directories=", f"listen_addresses={HOST}", "max_connections=200"]
        settings += [] if self.durable else _SLACK
        options = [word for setting in settings for word in ("-c", setting)]
        return [str(programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]

    def _initialise(self, programs: Path) -> None:
        """Make the data directory beside its place and move it there when it is whole."""
        half, password_file = self.folder / "data.new", self.folder / "password.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        places.write_private(password_file, self.password)
        identity: dict[str, object] = {}
        if self.user:
            os.chown(half, self.user.uid, self.user.gid)
            os.chown(password_file, self.user.uid, self.user.gid)
            identity = {"user": self.user.uid, "group": self.user.gid, "extra_groups": []}
        argv = [
            programs / "initdb",
            "-D",
            half,
            "-U",
            SUPERUSER,
            "-A",
            "scram-sha-256",
            "--pwfile",
            password_file,
        ]
        argv += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        argv += ["--no-instructions", *([] if self.durable else ["--no-sync"])]
        try:
            made = subprocess.run(  # type: ignore[call-overload]  # the three keys of `identity`
                argv, env=_ENVIRONMENT, cwd="/", capture_output=True, text=True, check=False, **identity
            )
        finally:
            password_file.unlink(missing_ok=True)
        with self.log.open("a") as log:
            log.write(made.stdout + made.stderr)
        if made.returncode:
            shutil.rmtree(half, ignore_errors=True)
            raise self._explain(made.stderr)
        half.rename(self.data)

    def _check_version(self, programs: Path) -> None:
        """The data directory must be of this server's major version."""
        made_by = (self.data / "PG_VERSION").read_text().strip()
        shown = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
        runs = shown.stdout.split()[-1].partition(".")[0]
        if made_by != runs:
            raise Problem(
                f"The database in {self.folder} was made by PostgreSQL {made_by}, this is {runs}: "
                "move it with pg_dump, or remove the folder to begin anew."
            )

    def _drop_stale_pid_file(self) -> None:
        """End a server left behind; remove the PID file of a killed one.

        PostgreSQL itself refuses to start as soon as *any* process of the same user has that number.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
        except FileNotFoundError:
            return
        except (ValueError, IndexError):  # cut off by a full disk or a power failure
            pid = 0
        words = command_line(pid).split() if pid > 0 else []
        if "-D" in words and str(self.data) in words:  # ours by its data directory, which the run lock guards
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + _START_SECONDS
            while command_line(pid).split() == words and time.monotonic() < deadline:
                time.sleep(0.05)  # not our child, so not to be waited for: looked at until the deadline
        else:
            pid_file.unlink(missing_ok=True)

    def _answers(self, deadline: float) -> bool:
        """Wait for the first log-in; False if the server ended instead."""
        assert self.process
        while not has_ended(self.process):
            try:
                psycopg2.connect(self.superuser_dsn()).close()
            except psycopg2.OperationalError as error:
                if "password authentication failed" in str(error):
                    self.stop()
                    raise Problem(
                        f"The passwords in {places.VAR / 'secrets.json'} do not fit the database in {self.folder}. "
                        "Put the file back, or remove both to begin anew."
                    ) from error
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.02)  # a server that starts tells nobody: asked again until the deadline
            else:
                return True
        return False

    def _words_since(self, offset: int) -> str:
        if not self.log.exists():
            return ""
        with self.log.open(errors="replace") as log:
            log.seek(offset if offset <= self.log.stat().st_size else 0)
            return log.read()

    def _explain(self, words: str) -> Problem:
        # On a full disk not even the log can be written, so its silence says nothing.
        if any(full in words for full in DISK_FULL_WORDS) or shutil.disk_usage(self.folder).free < 1_000_000:
            return disk_full(self.folder)
        wrong = [line for line in words.splitlines() if "FATAL" in line or "PANIC" in line or "error:" in line]
        told = [line for line in wrong if "starting up" not in line and "shutting down" not in line]
        return Problem(f"PostgreSQL does not start: {told[-1] if told else 'no reason given'} (see {self.log}).")
