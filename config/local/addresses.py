"""On which ports do the product's own doors listen? Chosen at a start, remembered in `var/ports.json`."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass

from config.local import places, ports
from config.local.ports import HOST
from config.local.problem import Problem
from config.local.report import say

DEFAULT_PORT = 8000


@dataclass(frozen=True)
class Addresses:
    """The ports of the pages and of the sandbox."""

    web: int
    sandbox_http: int
    sandbox_smtp: int

    @property
    def web_url(self) -> str:
        """The product's pages."""
        return f"http://{HOST}:{self.web}"

    @property
    def sandbox_url(self) -> str:
        """The sandbox's pages."""
        return f"http://{HOST}:{self.sandbox_http}"


def remembered() -> Addresses:
    """The ports of the last start; zero for what was never chosen."""
    known: dict[str, int] = {}
    with suppress(FileNotFoundError, ValueError):
        known = json.loads((places.VAR / "ports.json").read_text())
    return Addresses(known.get("web", DEFAULT_PORT), known.get("sandbox_http", 0), known.get("sandbox_smtp", 0))


def choose(asked: int | None) -> Addresses:
    """The ports to use now. The pages': as asked, else 8000 or the next free one; the sandbox's: as last time.

    Raises Problem if the port that was asked for is taken.
    """
    if asked is not None and not (0 < asked < 65536 and ports.is_free(asked)):
        raise Problem(f"Port {asked} is not free: choose another with --port, or leave it out.")
    web = asked or ports.next_free(DEFAULT_PORT)
    if web != (asked or DEFAULT_PORT):
        say(f"Port {DEFAULT_PORT} is taken by another program; using {web}.")
    last = remembered()
    chosen = [web]
    for port in (last.sandbox_http, last.sandbox_smtp):
        while not port or port in chosen or not ports.is_free(port):
            port = ports.free_port()
        chosen.append(port)
    found = Addresses(*chosen)
    places.write_private(places.make(places.VAR, 0o711) / "ports.json", json.dumps(asdict(found)))
    return found
