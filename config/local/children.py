"""Which processes make up the product on one machine, and with which words is each started?"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config.local import places
from config.local.addresses import Addresses
from config.local.foreground import python
from config.local.ports import HOST


@dataclass(frozen=True)
class Child:
    """One process of the product."""

    name: str
    argv: tuple[str, ...]


WORKERS = ("worker-1", "worker-2")
#: Who stops after whom: nobody rings any more, then what is being sent ends, then the pages, then the outside world.
STOP_ORDER = (("beat",), WORKERS, ("web",), ("sandbox",))


def sandbox(addresses: Addresses) -> Child:
    """The outside world: mailboxes, and the button that moves the clock."""
    return Child(
        "sandbox",
        tuple(
            python("-m", "sandbox", "--http-port", str(addresses.sandbox_http))
            + ["--smtp-port", str(addresses.sandbox_smtp), "--dir", str(places.VAR / "sandbox")]
            + ["--clock-url", f"{addresses.web_url}/sandbox/clock"]
        ),
    )


def web(addresses: Addresses) -> Child:
    """The pages and webhooks. No control socket: it would be made in the person's home."""
    memory = Path("/dev/shm")  # heartbeats on a disk may block a worker
    heartbeats = str(memory) if os.access(memory, os.W_OK) else tempfile.gettempdir()
    return Child(
        "web",
        tuple(
            python("-m", "gunicorn", "config.wsgi", "--bind", f"{HOST}:{addresses.web}")
            + ["--workers", "2", "--threads", "16", "--worker-tmp-dir", heartbeats, "--graceful-timeout", "20"]
            + ["--no-control-socket", "--log-level", "warning"]
        ),
    )


def node(name: str) -> str:
    """What a worker is called by Celery, and in its heartbeats."""
    return f"{name.replace('-', '')}@localhost"


def worker(name: str) -> Child:
    """One of the processes that send."""
    return Child(
        name,
        tuple(
            python("-m", "celery", "-A", "config.celery", "worker", "-P", "threads", "-c", "4", "-n", node(name))
            + ["--without-gossip", "--without-mingle", "-l", "WARNING"]
        ),
    )


def beat() -> Child:
    """The one who rings the doorbell."""
    schedule = places.make(places.VAR / "beat") / "schedule"
    return Child(
        "beat",
        tuple(
            python("-m", "celery", "-A", "config.celery", "beat", "-s", str(schedule)) + ["--pidfile=", "-l", "WARNING"]
        ),
    )
