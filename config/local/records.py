"""What runs here, and what did a killed run leave behind? One small file per running command, in `var/run/`.

The file is no lock (`lock.py` is) and proves nothing: each process in it is looked up by number and
birth.
"""

import json
import shutil
import signal
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

from config.local.places import make, write_private
from config.local.problem import in_words
from config.local.processes import PATIENCE, Identity, end_strangers, is_alive
from config.local.report import say

#: Prefix of the folders that test servers live in; nothing else is ever removed.
SCRATCH_PREFIX = "avisa-"
_WRITING = threading.Lock()  # the servers start side by side and are noted as they come up


@dataclass
class Record:
    """A running command: who runs it, what it started (name → process), and what others may know of it."""

    path: Path
    owner: Identity
    processes: dict[str, Identity] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    scratch: str = ""

    def note(self, name: str, process: Identity | None) -> None:
        """Write down that `name` runs as `process` (None: no longer). A full disk stops no process from being kept."""
        with _WRITING:
            self.processes.pop(name, None)
            if process:
                self.processes[name] = process
            try:
                self.save()
            except OSError as error:
                say(f"{name} could not be written down: {in_words(error)}")

    def save(self) -> None:
        """Write the record; whole or not at all."""
        make(self.path.parent)
        write_private(self.path, json.dumps({**asdict(self), "path": ""}, indent=1))

    def remove(self) -> None:
        """The command has ended and left nothing."""
        self.path.unlink(missing_ok=True)


def read(path: Path) -> Record | None:
    """The record in `path`; None where there is none or it cannot be read."""
    try:
        raw = json.loads(path.read_text())
        return Record(
            path=path,
            owner=Identity(**raw["owner"]),
            processes={name: Identity(**process) for name, process in raw["processes"].items()},
            facts=raw["facts"],
            scratch=raw["scratch"],
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def end_leftovers(folder: Path) -> list[str]:
    """End what killed runs left behind and remove their records; the names of what was ended."""
    ended: list[str] = []
    for path in sorted(folder.glob("*.json")):
        record = read(path)
        if record and is_alive(record.owner):
            continue
        if record:
            ended += [name for name, process in record.processes.items() if is_alive(process)]
            _end(record)
        path.unlink(missing_ok=True)
    return ended


def _end(record: Record) -> None:
    """End a dead command's processes, the servers last, and remove its scratch folder."""
    servers = {"valkey": signal.SIGTERM, "postgres": signal.SIGINT}  # SIGINT is PostgreSQL's fast stop
    others = [process for name, process in record.processes.items() if name not in servers]
    end_strangers([(process, signal.SIGTERM) for process in others], PATIENCE)
    for name, number in servers.items():
        if name in record.processes:
            end_strangers([(record.processes[name], number)], PATIENCE)
    scratch = Path(record.scratch)
    if record.scratch and scratch.name.startswith(SCRATCH_PREFIX) and not scratch.is_symlink():
        shutil.rmtree(scratch, ignore_errors=True)
