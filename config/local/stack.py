"""What does `python3 run.py` do, in order? Read `start` from top to bottom."""

import hashlib
import json
import os
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence

from config.local import addresses, children, environment, external, foreground, places, ports, records
from config.local.addresses import Addresses
from config.local.lock import Taken, held
from config.local.preparation import prepare
from config.local.problem import Problem
from config.local.processes import identify, is_alive
from config.local.records import Record
from config.local.report import say, step
from config.local.secrets import load_or_make
from config.local.servers import Servers
from config.local.supervisor import Supervisor
from config.local.watchdog import DEFAULT_SILENCE, Watchdog, notes_in

_READY_SECONDS = 60.0


def start(arguments: Sequence[str]) -> int:
    """Start everything and watch over it until Ctrl-C or SIGTERM; the exit code."""
    parser = ArgumentParser(prog="run.py")
    parser.add_argument("--port", type=int, help=f"the port of the pages (default {addresses.DEFAULT_PORT})")
    asked = parser.parse_args(arguments).port
    external.check(os.environ)
    record_path = places.RECORDS / "stack.json"
    try:
        with held(places.VAR / "run.lock"):
            if ended := records.end_leftovers(places.RECORDS):
                say(f"An earlier run was killed; ended what it left: {', '.join(ended)}.")
            chosen = addresses.choose(asked)
            prepare()
            me = identify(os.getpid())
            assert me
            _run(Record(record_path, me), chosen)
            return 0
    except Taken as taken:
        raise Problem(_who_has_it(records.read(record_path))) from taken


def _who_has_it(record: Record | None) -> str:
    """The line for a second start."""
    if record is None or not is_alive(record.owner):
        return "Another command of this checkout is using its servers: wait for it to end, or stop it."
    where = f" at {record.facts['address']}" if "address" in record.facts else ", still starting"
    return f"Avisa is running in this checkout already (process {record.owner.pid}{where})."


def _run(record: Record, chosen: Addresses) -> None:
    """Servers, tables, children; then watch. Whatever ends this, everything that was started is stopped."""
    secrets = load_or_make(places.VAR / "secrets.json")
    servers = Servers(secrets, record)
    record.save()
    supervisor: Supervisor | None = None
    try:
        with step("Starting the database and the broker", "They are up"):
            servers.start()
        variables = environment.with_sandbox(environment.for_product(servers.urls(), secrets), secrets, chosen)
        record.facts["ports"] = json.dumps(servers.ports())
        supervisor = Supervisor(servers, variables)
        _start_children(supervisor, servers, variables, chosen)
        record.facts |= {"address": chosen.web_url, "sandbox": chosen.sandbox_url}
        record.save()
        supervisor.run()
    except (KeyboardInterrupt, SystemExit):
        say("Stopping ...")
    finally:
        (supervisor or servers).stop()
        record.remove()
    say("Stopped; everything is kept for the next start.")


def _start_children(supervisor: Supervisor, servers: Servers, variables: dict[str, str], chosen: Addresses) -> None:
    """The sandbox and the pages start while the demo is looked after; those that send only then."""
    supervisor.start(children.sandbox(chosen))
    _migrate(servers, environment.as_owner(variables))
    supervisor.start(children.web(chosen))
    with step("Looking after the demo clinics", "The demo clinics are there"):
        log_ins = _manage(variables, "load_demo", "--smtp", f"{ports.HOST}:{chosen.sandbox_smtp}")
    for name in children.WORKERS:
        supervisor.start(children.worker(name))
    supervisor.start(children.beat())
    supervisor.guard(_watchdog(variables))
    with step("Waiting for the pages", "They answer"):
        supervisor.wait_for("sandbox", lambda: _answers(f"{chosen.sandbox_url}/healthz"), _READY_SECONDS)
        supervisor.wait_for("web", lambda: _answers(f"{chosen.web_url}/healthz"), _READY_SECONDS)
    say(f"\nAvisa runs at            {chosen.web_url}/")
    say(f"What patients receive is {chosen.sandbox_url}/\n")
    say(log_ins.strip())
    say(f"\nCtrl-C stops it; nothing is lost. Logs: {places.LOGS}")


def _watchdog(variables: Mapping[str, str]) -> Watchdog:
    notes = notes_in(variables["DATABASE_URL"], {name: children.node(name) for name in children.WORKERS})
    return Watchdog(notes, float(variables.get("WORKER_SILENT_SECONDS", DEFAULT_SILENCE)))


def _migrate(servers: Servers, variables: Mapping[str, str]) -> None:
    """Bring the tables up to date; the stamp lies beside the embedded database, so it lives and dies with it."""
    stamp = servers.postgres.folder / "migrated" if servers.postgres else None
    wanted = _migrations_fingerprint()
    if stamp and stamp.is_file() and stamp.read_text() == wanted:
        return
    with step("Bringing the tables up to date", "The tables are up to date"):
        _manage(variables, "migrate", "--noinput", "-v", "0")
    if stamp:
        places.write_private(stamp, wanted)


def _migrations_fingerprint() -> str:
    digest = hashlib.sha256(places.LOCK_FILE.read_bytes())
    for file in sorted(places.ROOT.glob("*/migrations/*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _manage(variables: Mapping[str, str], *arguments: str) -> str:
    """Run a `manage.py` command and return what it printed; its complaints go to var/log/start.log."""
    code, words, complaints = foreground.run_quietly(foreground.python("manage.py", *arguments), variables)
    start_log = places.LOGS / "start.log"
    if complaints:
        with start_log.open("a") as log:
            log.write(f"$ manage.py {' '.join(arguments)}\n{complaints}\n")
    if code:
        last = (complaints.strip().splitlines() or ["no reason given"])[-1]
        raise Problem(f"manage.py {arguments[0]} failed: {last} (see {start_log}).")
    return words


def _answers(url: str) -> bool:
    """Does a server answer at all? `/healthz` says 503 until the first drain has run."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code == 503
    except OSError:
        return False
