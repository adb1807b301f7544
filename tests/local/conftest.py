"""What the tests of set-up and start stand on: servers and checkouts of their own, never those of `var/`."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local import places
from config.local.postgres import Postgres
from config.local.unprivileged import scratch_folder, server_user


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder that the database server's user may enter (pytest's own folders are closed to others)."""
    folder = scratch_folder(server_user())
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_postgres() -> Iterator[Postgres]:
    """A running PostgreSQL, one for all tests that leave it as it is (roles apart)."""
    folder = scratch_folder(server_user())
    server = Postgres(folder, "s3cret", folder / "log" / "postgres.log", durable=False)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(server_folder: Path) -> Iterator[Postgres]:
    """A running PostgreSQL of this test's own, to be killed and broken."""
    server = Postgres(server_folder, "s3cret", server_folder / "log" / "postgres.log", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose set-up asks for no library at all, so that it needs no network."""
    root = tmp_path / "checkout"
    shutil.copytree(places.ROOT / "config", root / "config", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(places.ROOT / "run.py", root)
    (root / "requirements").mkdir()
    (root / "requirements" / "local.in").write_text("")
    (root / "requirements" / "local.lock").write_text("# nothing\n")
    return root
