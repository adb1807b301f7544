"""How do tests and campaigns get servers? Their own, in a folder that lives as long as the command."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.local import environment, external, foreground, places, records
from config.local.preparation import prepare
from config.local.processes import identify
from config.local.records import Record
from config.local.secrets import Secrets
from config.local.servers import Servers
from config.local.unprivileged import scratch_folder, server_user

_PARALLEL = ("-n", "2", "--dist", "worksteal")


@contextmanager
def scratch_servers(durable: bool) -> Iterator[dict[str, str]]:
    """The product's environment with servers of its own; `durable` for campaigns that kill them."""
    external.check(os.environ)
    prepare()
    records.end_leftovers(places.RECORDS)
    me = identify(os.getpid())
    assert me
    scratch = scratch_folder(server_user())
    record = Record(places.RECORDS / f"test-{me.pid}.json", me, scratch=str(scratch))
    try:
        record.save()
        secrets = Secrets()
        servers = Servers(secrets, record, scratch, durable)
        servers.start()
        try:
            yield environment.for_product(servers.urls(), secrets)
        finally:
            servers.stop()
    finally:
        _remove(scratch)
        record.remove()


def _remove(scratch: Path) -> None:
    shutil.rmtree(scratch, ignore_errors=True)


def test(arguments: Sequence[str]) -> int:
    """`run.py test [pytest arguments]`; `--rows` prints which feature row which test proves."""
    with scratch_servers(durable=False) as variables:
        if "--rows" in arguments:
            return foreground.run(foreground.python("-m", "tests.rows"), variables)
        chosen = any(word.startswith(("-n", "--numprocesses", "--pdb", "no:xdist")) for word in arguments)
        parallel = () if chosen else _PARALLEL
        return foreground.run(foreground.python("-m", "pytest", *parallel, *arguments), variables)


def faults(arguments: Sequence[str]) -> int:
    """`run.py faults [NAME …]`: the campaigns, against servers that keep what they promised to keep."""
    with scratch_servers(durable=True) as variables:
        return foreground.run(foreground.python("-m", "tests.faults", *arguments), variables)


def bench(arguments: Sequence[str]) -> int:
    """`run.py bench [NAME …]`: the benchmarks; servers are started only for those that need them."""
    from tests.bench.registry import need_servers  # here, as the other commands need nothing of it

    words = foreground.python("-m", "tests.bench", *arguments)
    if not need_servers(arguments):
        return foreground.run(words, environment.without_servers(Secrets()))
    with scratch_servers(durable=True) as variables:
        return foreground.run(words, variables)
