"""Which processes does a campaign run, and how does it end exactly those? The product as it is started for real.

Database, broker, ports and folders are the stack's own, so that stacks run side by side. Whatever ends the `with`
block (a verdict, an error, Ctrl-C) ends every process that was started, each by its own group.
"""

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis

from config.local import environment, foreground, places
from config.local.ports import HOST, free_port
from config.local.processes import Child, has_ended, identify, signal_group, spawn
from config.local.records import Record
from config.local.secrets import Secrets
from config.local.servers import Urls
from config.local.unprivileged import scratch_folder, server_user
from config.local.valkey import Valkey
from tests.faults import template
from tests.faults.database import Database
from tests.faults.nursery import FORKS, Nursery
from tests.faults.outside import Outside
from tests.faults.own_server import OwnServer
from tests.faults.pace import UNHURRIED as UNHURRIED
from tests.faults.pace import Pace as Pace
from tests.faults.proxy import Proxy
from tests.faults.waiting import until
from tests.faults.words import APP, words

_START_SECONDS = 60.0
_END_SECONDS = 10.0
_STOP_SECONDS = 60.0
#: Between which servers and the product a proxy may lie.
DATABASE, BROKER, SMTP, HTTP = "database", "broker", "smtp", "http"


@dataclass
class Stack:
    """A running product. Processes have names: sandbox, web, worker-N, beat-N; any number of workers and beats."""

    folder: Path
    database: Database
    valkey: Valkey
    variables: dict[str, str]
    web_port: int
    record: Record
    token: str
    #: Whence workers come that are started again; the first start of each is as for real.
    nursery: Nursery
    #: Only of a stack that asked for it: its own database server, and what lies between the product and others.
    own_server: OwnServer | None = None
    proxies: dict[str, Proxy] = field(default_factory=dict)
    #: What the workers load: the product, or a test's entry that wraps it.
    worker_app: str = APP
    running: dict[str, Child] = field(default_factory=dict)
    _starts: Counter[str] = field(default_factory=Counter)
    _outside: Outside | None = None
    _asks_the_clock: bool = False
    _through: tuple[str, ...] = ()

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
            clock_url = f"{self.web_url}/sandbox/clock" if self._asks_the_clock else ""
            argv = words(name, self.folder, self.web_port, app=self.worker_app, clock_url=clock_url)
            child: Child
            if FORKS and self._starts[name] > 1 and name.startswith("worker-"):
                child = self.nursery.fork(self.worker_app, self.variables, argv, self.log(name), self._session(name))
            else:
                child = spawn(argv, self.log(name), variables)
            self.running[name] = child
            self.record.note(name, identify(child.pid))

    def kill(self, *names: str) -> None:
        """kill -9 of processes and their groups, all at once; returns when they are gone."""
        for name in names:
            signal_group(self.running[name].pid, signal.SIGKILL)
        for name in names:
            self.running.pop(name).wait(_END_SECONDS)
            self.record.note(name, None)

    def signal(self, number: int, *names: str) -> None:
        """Sends a signal to processes; not to their groups, as a supervisor does."""
        for name in names:
            os.kill(self.running[name].pid, number)

    def terminate(self, *names: str, seconds: float = _STOP_SECONDS) -> dict[str, float]:
        """Tells processes to end (SIGTERM), all at once; how many seconds each took. Raises TooLate."""
        began, took = time.monotonic(), dict[str, float]()
        self.signal(signal.SIGTERM, *names)

        def ended() -> bool:
            for name in names:
                if name not in took and has_ended(self.running[name]):
                    took[name] = time.monotonic() - began
            return len(took) == len(names)

        until(ended, seconds, f"{', '.join(names)} end when told to")
        for name in names:
            self.running.pop(name)
            self.record.note(name, None)
        return took

    def end(self) -> None:
        """Kills everything that was started here."""
        self.kill(*self.running)
        self.nursery.close()

    def working(self, names: Iterable[str]) -> list[str]:
        """Which of these have begun to work since their last start: they have a session in the database."""
        sessions = self.database.sessions()
        return [name for name in names if self._session(name) in sessions]

    def dead(self) -> list[str]:
        """The processes that ended by themselves."""
        return [name for name, child in self.running.items() if has_ended(child)]

    def proxied(self, name: str, port: int) -> int:
        """The port by which the product reaches that server: the proxy's, where the stack asked for one."""
        if name not in self._through:
            return port
        self.proxies[name] = Proxy(port)
        self.proxies[name].start()
        return self.proxies[name].port

    def start_sandbox(self, *, asks_the_clock: bool = False) -> None:
        """Starts the outside world and waits for it; the product's variables then point to it."""
        self._asks_the_clock = asks_the_clock
        self.start("sandbox")
        said = until(self._ports_said, _START_SECONDS, "the sandbox says its ports")
        self._outside = Outside(said["http_port"], said["smtp_port"], self.token)
        port = self.proxied(SMTP, said["smtp_port"])
        smtp = f"{HOST}:{port}"
        self.variables |= {
            "SANDBOX_URL": self.outside.url,
            "SANDBOX_SMTP": smtp,
            "TWILIO_BASE_URL": f"http://{HOST}:{self.proxied(HTTP, said['http_port'])}",
            "MESSAGING_ALLOWED_PRIVATE_TARGETS": f"{smtp},localhost:{port}",
            "EMAIL_URL": f"smtp+tls://platform:{self.variables['SANDBOX_SMTP_PASSWORD']}@{smtp}",
        }

    def start_web(self) -> None:
        """Starts the pages and waits until they answer."""
        self.start("web")
        until(self._web_answers, _START_SECONDS, f"the pages answer (see {self.log('web')})")

    def manage(self, *arguments: str) -> str:
        """Runs a manage.py command on the stack's database; what it printed. Raises RuntimeError with its words."""
        return self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        """Runs Python with the stack's environment to its end; what it printed. Raises RuntimeError with its words."""
        code, said, complaints = foreground.run_quietly(foreground.python(*arguments), self.variables)
        if code:
            raise RuntimeError(f"{' '.join(arguments)} failed with {code}:\n{said}{complaints}")
        return said

    def kill_broker(self) -> None:
        """kill -9 of the broker."""
        process = self.valkey.process
        assert process
        signal_group(process.pid, signal.SIGKILL)
        process.wait(_END_SECONDS)
        self.valkey.process = None

    def start_broker(self) -> None:
        """Starts the broker (again, on its port)."""
        self.valkey.start()
        assert self.valkey.process
        self.record.note("valkey", identify(self.valkey.process.pid))

    def flush_broker(self) -> None:
        """The broker forgets everything."""
        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()

    def _session(self, name: str) -> str:
        """What the database sessions of a process are called; of an earlier start they are called otherwise."""
        return f"{name}.{self._starts[name]}"

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
def stack(pace: Pace | None = None, *, own_server: bool = False, through: Iterable[str] = ()) -> Iterator[Stack]:
    """A stack with its tables made and nothing but the broker started; at the end nothing of it is left.

    `own_server`: a database server that nobody else uses. `through`: the servers (DATABASE, BROKER, SMTP, HTTP) that
    the product reaches through a proxy; the judge always goes straight.
    """
    with ExitStack() as ending:
        me = identify(os.getpid())
        assert me
        folder = scratch_folder(server_user() if own_server else None)
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        record = Record(places.RECORDS / f"{folder.name}.json", me, scratch=str(folder))
        record.save()
        ending.callback(record.remove)
        secrets = Secrets()
        server = _own_server(folder, secrets, record, ending) if own_server else None
        database = Database({**os.environ, **(server.urls() if server else {})})
        made_before = None if server else template.name()
        database.create(made_before or template.EMPTY)
        ending.callback(database.drop)
        valkey = Valkey(folder / "valkey", secrets.valkey_password, folder / "valkey.log")
        nursery = Nursery(record, folder / "nursery.log")
        made = Stack(folder, database, valkey, {}, free_port(), record, secrets.sandbox_token, nursery, server)
        made.start_broker()
        ending.callback(valkey.stop)
        made._through = tuple(through)
        ending.callback(_close_proxies, made)
        made.variables = _variables(made, secrets, pace or Pace())
        ending.callback(made.end)
        if made_before is None:
            template.migrate(made.variables)
        yield made


def _own_server(folder: Path, secrets: Secrets, record: Record, ending: ExitStack) -> OwnServer:
    server = OwnServer(folder, secrets)
    ending.callback(server.stop)
    server.start()
    assert server.postgres.process
    record.note("postgres", identify(server.postgres.process.pid))
    return server


def _close_proxies(made: Stack) -> None:
    for proxy in made.proxies.values():
        proxy.close()


def _by_way_of(url: str, port: int) -> str:
    """The same URL with another port."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}").geturl()


def _variables(made: Stack, secrets: Secrets, pace: Pace) -> dict[str, Any]:
    app, broker = made.database.app_url, made.valkey.url
    urls = Urls(
        _by_way_of(app, made.proxied(DATABASE, urlsplit(app).port or 5432)),
        made.database.owner_url,
        _by_way_of(broker, made.proxied(BROKER, made.valkey.port)),
    )
    return {
        **environment.for_product(urls, secrets),
        "FIELD_KEYS": secrets.field_keys,
        "BASE_URL": made.web_url,
        "SANDBOX_TOKEN": secrets.sandbox_token,
        "SANDBOX_SMTP_PASSWORD": secrets.sandbox_smtp_password,
        "SMTP_CA_FILE": str(made.folder / "sandbox" / "ca.pem"),
        **pace.variables(),
    }
