"""Which database and broker does a command use: those named in the environment, or embedded ones?"""

import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from config.local import places, roles
from config.local.ports import HOST
from config.local.postgres import Postgres
from config.local.processes import identify
from config.local.records import Record
from config.local.secrets import Secrets
from config.local.unprivileged import database_folder, server_user
from config.local.valkey import Valkey


@dataclass(frozen=True)
class Urls:
    """Where the servers are: the database as app role and as owner, and the broker."""

    database: str
    owner: str
    redis: str


class Servers:
    """The embedded servers of one command; of a kind that the environment names, none is made."""

    def __init__(self, secrets: Secrets, record: Record, scratch: Path | None = None, durable: bool = True) -> None:
        """Lasting servers under `var/`, or in `scratch` such as live as long as the command."""
        logs = scratch / "log" if scratch else places.LOGS
        self.secrets, self.record = secrets, record
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        if not os.environ.get("DATABASE_URL"):
            folder = scratch or database_folder(server_user())
            self.postgres = Postgres(folder, secrets.superuser_password, logs / "postgres.log", durable)
        if not os.environ.get("REDIS_URL"):
            self.valkey = Valkey((scratch or places.VAR) / "valkey", secrets.valkey_password, logs / "valkey.log")

    def embedded(self) -> list[Postgres | Valkey]:
        """The servers that are ours, in the order in which they stop."""
        return [server for server in (self.valkey, self.postgres) if server]

    def start(self) -> None:
        """Start them side by side and make the roles. Raises Problem; then none of them runs."""
        try:
            with ThreadPoolExecutor(2) as pool:
                running = [pool.submit(self.start_one, server) for server in self.embedded()]
            for started in running:
                started.result()
            if self.postgres:
                roles.ensure(self.postgres.superuser_dsn(), self.secrets.owner_password, self.secrets.app_password)
        except BaseException:
            self.stop()
            raise

    def start_one(self, server: Postgres | Valkey) -> None:
        """Start one of them (again) and write down which process it is."""
        server.start()
        self._note(server.name, server.process)

    def stop(self) -> None:
        """Stop them; the broker first."""
        for server in self.embedded():
            server.stop()
            self._note(server.name, None)

    def urls(self) -> Urls:
        """Where the servers are."""
        database, owner = os.environ.get("DATABASE_URL", ""), os.environ.get("DATABASE_OWNER_URL", "")
        if self.postgres:
            where = f"{HOST}:{self.postgres.port}/{roles.DATABASE}"
            database = f"postgres://{roles.APP}:{self.secrets.app_password}@{where}"
            owner = f"postgres://{roles.OWNER}:{self.secrets.owner_password}@{where}"
        return Urls(database, owner, self.valkey.url if self.valkey else os.environ["REDIS_URL"])

    def ports(self) -> dict[str, int]:
        """The ports of the embedded servers, for another command that wants to use them."""
        return {server.name: server.port for server in self.embedded()}

    def adopt(self, ports: Mapping[str, int]) -> None:
        """Use the servers that another command of this checkout has started on these ports."""
        for server in self.embedded():
            server.port = ports[server.name]

    def _note(self, name: str, process: "subprocess.Popen[bytes] | None") -> None:
        self.record.note(name, identify(process.pid) if process else None)
