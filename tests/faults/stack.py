"""Which processes does a campaign run, and how does it end exactly those? The product as it is started for real.

Database, broker, ports and folders are the stack's own, so that stacks run side by side. Whatever ends the `with`
block (a verdict, an error, Ctrl-C) ends every process that was started, each by its own group.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from config.local import children, environment, foreground, places
from config.local.addresses import Addresses
from config.local.ports import HOST, free_port
from config.local.processes import has_ended, identify, signal_group, spawn
from config.local.records import SCRATCH_PREFIX, Record
from config.local.secrets import Secrets
from config.local.servers import Urls
from config.local.valkey import Valkey
from tests.faults.database import Database
from tests.faults.outside import Outside
from tests.faults.waiting import until

_START_SECONDS = 60.0
_END_SECONDS = 10.0


@dataclass(frozen=True)
class Pace:
    """The product's own waits, in seconds: a tenth of real life, so that campaigns end soon."""

    lease: int = 6
    reconcile: int = 10
    drain: int = 5
    ring: float = 1.0
    smtp_timeout: int = 5
    look: int = 6

    def variables(self) -> dict[str, str]:
        """The same as environment variables."""
        return {
            "LEASE_SECONDS": str(self.lease),
            "RECONCILE_SECONDS": str(self.reconcile),
            "DRAIN_SECONDS": str(self.drain),
            "RING_SECONDS": str(self.ring),
            "SMTP_TIMEOUT_SECONDS": str(self.smtp_timeout),
            "LOOK_SECONDS": str(self.look),
        }


#: The waits of real life, for tests that look at the product as a newcomer does.
UNHURRIED = Pace(lease=60, reconcile=900, drain=20, ring=2.0, smtp_timeout=15, look=60)


@dataclass
class Stack:
    """A running product. Processes have names: sandbox, web, worker-N, beat-N."""

    folder: Path
    database: Database
    valkey: Valkey
    variables: dict[str, str]
    web_port: int
    record: Record
    token: str
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    _starts: Counter[str] = field(default_factory=Counter)
    _outside: Outside | None = None
    _asks_the_clock: bool = False

    @property
    def outside(self) -> Outside:
        """The sandbox. Raises RuntimeError before it is started."""
        if self._outside is None:
            raise RuntimeError("the sandbox is not started")
        return self._outside

    @property
    def web_url(self) -> str:
        """The product's pages."""
        return f"http://{HOST}:{self.web_port}"

    def log(self, name: str) -> Path:
        """Where a process writes its words."""
        return self.folder / f"{name}.log"

    def start(self, *names: str) -> None:
        """Starts processes (again)."""
        for name in names:
            self._starts[name] += 1
            variables = {**self.variables, "PGAPPNAME": self._session(name)}
            child = spawn(self._words(name), self.log(name), variables)
            self.running[name] = child
            self.record.note(name, identify(child.pid))

    def kill(self, *names: str) -> None:
        """kill -9 of processes and their groups, all at once; returns when they are gone."""
        for name in names:
            signal_group(self.running[name].pid, signal.SIGKILL)
        for name in names:
            self.running.pop(name).wait(_END_SECONDS)
            self.record.note(name, None)

    def end(self) -> None:
        """Kills everything that was started here."""
        self.kill(*self.running)

    def working(self, names: Iterable[str]) -> list[str]:
        """Which of these have begun to work since their last start: they have a session in the database."""
        sessions = self.database.sessions()
        return [name for name in names if self._session(name) in sessions]

    def dead(self) -> list[str]:
        """The processes that ended by themselves."""
        return [name for name, child in self.running.items() if has_ended(child)]

    def start_sandbox(self, *, asks_the_clock: bool = False) -> None:
        """Starts the outside world and waits for it; the product's variables then point to it."""
        self._asks_the_clock = asks_the_clock
        self.start("sandbox")
        said = until(self._ports_said, _START_SECONDS, "the sandbox says its ports")
        self._outside = Outside(said["http_port"], said["smtp_port"], self.token)
        smtp = f"{HOST}:{said['smtp_port']}"
        self.variables |= {
            "SANDBOX_URL": self.outside.url,
            "SANDBOX_SMTP": smtp,
            "TWILIO_BASE_URL": self.outside.url,
            "MESSAGING_ALLOWED_PRIVATE_TARGETS": f"{smtp},localhost:{said['smtp_port']}",
            "EMAIL_URL": f"smtp+tls://platform:{self.variables['SANDBOX_SMTP_PASSWORD']}@{smtp}",
        }

    def start_web(self) -> None:
        """Starts the pages and waits until they answer."""
        self.start("web")
        until(self._web_answers, _START_SECONDS, f"the pages answer (see {self.log('web')})")

    def manage(self, *arguments: str) -> str:
        """Runs a manage.py command on the stack's database; what it printed. Raises RuntimeError with its words."""
        return self.run("manage.py", *arguments)

    def run(self, *words: str) -> str:
        """Runs Python with the stack's environment to its end; what it printed. Raises RuntimeError with its words."""
        code, said, complaints = foreground.run_quietly(foreground.python(*words), self.variables)
        if code:
            raise RuntimeError(f"{' '.join(words)} failed with {code}:\n{said}{complaints}")
        return said

    def flush_broker(self) -> None:
        """The broker forgets everything."""
        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()

    def _session(self, name: str) -> str:
        """What the database sessions of a process are called; of an earlier start they are called otherwise."""
        return f"{name}.{self._starts[name]}"

    def _words(self, name: str) -> list[str]:
        kind = name.partition("-")[0]
        if kind == "worker":
            return list(children.worker(name).argv)
        if kind == "web":
            return list(children.web(Addresses(self.web_port, 0, 0)).argv)
        if kind == "beat":
            schedule = str(self.folder / f"{name}.schedule")
            words = ("-m", "celery", "-A", "config.celery", "beat", "-s", schedule, "--pidfile=", "-l", "WARNING")
            return foreground.python(*words)
        clock = ["--clock-url", f"{self.web_url}/sandbox/clock"] if self._asks_the_clock else []
        return [*foreground.python("-m", "sandbox", "--dir", str(self.folder / "sandbox")), *clock]

    def _ports_said(self) -> dict[str, int] | None:
        if "sandbox" in self.dead():
            raise RuntimeError(f"the sandbox did not start:\n{self.log('sandbox').read_text()}")
        line, ended, _ = self.log("sandbox").read_text().partition("\n")
        return dict(json.loads(line)) if ended else None

    def _web_answers(self) -> bool:
        if "web" in self.dead():
            raise RuntimeError(f"the pages did not start:\n{self.log('web').read_text()}")
        with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(f"{self.web_url}/healthz"):
            return True
        return False


@contextmanager
def stack(pace: Pace | None = None) -> Iterator[Stack]:
    """A stack with its tables made and nothing but the broker started; at the end nothing of it is left."""
    with ExitStack() as ending:
        me = identify(os.getpid())
        assert me
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX))
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        record = Record(places.RECORDS / f"{folder.name}.json", me, scratch=str(folder))
        record.save()
        ending.callback(record.remove)
        database = Database(os.environ)
        database.create()
        ending.callback(database.drop)
        secrets = Secrets()
        valkey = Valkey(folder / "valkey", secrets.valkey_password, folder / "valkey.log")
        valkey.start()
        ending.callback(valkey.stop)
        made = Stack(folder, database, valkey, {}, free_port(), record, secrets.sandbox_token)
        made.variables = _variables(made, secrets, pace or Pace())
        ending.callback(made.end)
        owner = {**made.variables, **environment.as_owner(made.variables)}
        code, said, complaints = foreground.run_quietly(
            foreground.python("manage.py", "migrate", "--noinput", "-v", "0"), owner
        )
        if code:
            raise RuntimeError(f"migrate failed:\n{said}{complaints}")
        yield made


def _variables(made: Stack, secrets: Secrets, pace: Pace) -> dict[str, Any]:
    urls = Urls(made.database.app_url, made.database.owner_url, made.valkey.url)
    return {
        **environment.for_product(urls, secrets),
        "FIELD_KEYS": secrets.field_keys,
        "BASE_URL": made.web_url,
        "SANDBOX_TOKEN": secrets.sandbox_token,
        "SANDBOX_SMTP_PASSWORD": secrets.sandbox_smtp_password,
        "SMTP_CA_FILE": str(made.folder / "sandbox" / "ca.pem"),
        **pace.variables(),
    }
