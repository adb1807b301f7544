"""Which database server may a campaign harm? One of its own, beside the server that the others share."""

import os
import signal
from pathlib import Path

from config.local import roles
from config.local.ports import HOST
from config.local.postgres import Postgres
from config.local.secrets import Secrets

_END_SECONDS = 20.0


class OwnServer:
    """A PostgreSQL that keeps what it has promised to keep, in a folder that its user may enter."""

    def __init__(self, folder: Path, secrets: Secrets) -> None:
        """Not yet started."""
        self._secrets = secrets
        self.postgres = Postgres(folder, secrets.superuser_password, folder / "postgres.log", durable=True)

    def start(self) -> None:
        """Starts it, with both roles."""
        self.postgres.start()
        roles.ensure(self.postgres.superuser_dsn(), self._secrets.owner_password, self._secrets.app_password)

    def stop(self) -> None:
        """Ends it."""
        self.postgres.stop()

    def urls(self) -> dict[str, str]:
        """The variables that lead to it."""
        where = f"{HOST}:{self.postgres.port}/{roles.DATABASE}"
        return {
            "DATABASE_URL": f"postgres://{roles.APP}:{self._secrets.app_password}@{where}",
            "DATABASE_OWNER_URL": f"postgres://{roles.OWNER}:{self._secrets.owner_password}@{where}",
        }

    def restart(self) -> None:
        """As `pg_ctl restart -m immediate`: every session breaks off, the server recovers from its journal."""
        process = self.postgres.process
        assert process
        os.kill(process.pid, signal.SIGQUIT)
        process.wait(_END_SECONDS)
        self.postgres.process = None
        self.postgres.start()
