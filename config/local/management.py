"""How does `run.py manage …` reach the database: the running stack's, or one started for the command?"""

import json
import os
from collections.abc import Sequence

from config.local import addresses, environment, external, foreground, places, records
from config.local.lock import Taken, held
from config.local.preparation import prepare
from config.local.problem import Problem
from config.local.processes import identify, is_alive
from config.local.records import Record
from config.local.secrets import load_or_make
from config.local.servers import Servers

#: What changes or reads the tables' shape runs as the owner; everything else as the plain role.
_AS_OWNER = frozenset({"migrate", "makemigrations", "sqlmigrate", "showmigrations", "flush", "sqlflush", "dbshell"})
_WAIT_SECONDS = 60.0


def manage(arguments: Sequence[str]) -> int:
    """Run one `manage.py` command; its exit code."""
    external.check(os.environ)
    prepare()
    stack = records.read(places.RECORDS / "stack.json")
    if stack and is_alive(stack.owner) and "ports" in stack.facts:
        servers = Servers(load_or_make(places.VAR / "secrets.json"), stack)
        servers.adopt(json.loads(stack.facts["ports"]))
        return _run(servers, arguments)
    try:
        with held(places.VAR / "run.lock", _WAIT_SECONDS):
            return _with_own_servers(arguments)
    except Taken as taken:
        raise Problem("Another command has held this checkout's servers for a minute: try again.") from taken


def _with_own_servers(arguments: Sequence[str]) -> int:
    records.end_leftovers(places.RECORDS)
    me = identify(os.getpid())
    assert me
    servers = Servers(load_or_make(places.VAR / "secrets.json"), Record(places.RECORDS / "manage.json", me))
    servers.start()
    try:
        return _run(servers, arguments)
    finally:
        servers.stop()
        servers.record.remove()


def _run(servers: Servers, arguments: Sequence[str]) -> int:
    variables = environment.for_product(servers.urls(), servers.secrets)
    variables = environment.with_sandbox(variables, servers.secrets, addresses.remembered())
    if arguments and arguments[0] in _AS_OWNER:
        variables = environment.as_owner(variables)
    return foreground.run(foreground.python("manage.py", *arguments), variables)
