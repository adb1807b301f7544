"""As root under a closed folder the database lives outside, and no folder is opened for it."""

import os
from pathlib import Path

import pytest

from config.local import places, unprivileged
from config.local.postgres import Postgres
from config.local.unprivileged import server_user

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for its database")


@pytest.fixture
def closed_var(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout's VAR that only root may enter, and a place outside for its database."""
    closed = server_folder / "closed"
    places.make(closed)
    places.make(server_folder / "outside", 0o711)
    monkeypatch.setattr(places, "VAR", closed / "var")
    monkeypatch.setattr(unprivileged, "OUTSIDE", server_folder / "outside")
    return closed / "var"


def test_a_closed_checkout_stays_closed_and_its_database_runs_outside(closed_var: Path) -> None:
    folder = unprivileged.database_folder(server_user())
    server = Postgres(folder, "s3cret", closed_var / "log" / "postgres.log", durable=False)
    server.start()
    server.stop()
    assert closed_var.parent.stat().st_mode & 0o777 == 0o700
    assert (closed_var / "postgres").resolve() == folder.resolve()
    assert server.data.stat().st_mode & 0o777 == 0o700
    assert unprivileged.database_folder(server_user()) == folder


def test_a_moved_checkout_takes_its_database_along(closed_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (unprivileged.database_folder(server_user()) / "data").mkdir()
    moved = closed_var.parent / "moved"
    closed_var.rename(moved)
    monkeypatch.setattr(places, "VAR", moved)
    assert (unprivileged.database_folder(server_user()) / "data").is_dir()


def test_a_copied_checkout_leaves_the_others_database_alone(closed_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = unprivileged.database_folder(server_user())
    copy = closed_var.parent / "copy"
    copy.mkdir()
    (copy / "postgres").symlink_to(first)
    monkeypatch.setattr(places, "VAR", copy)
    second = unprivileged.database_folder(server_user())
    assert second != first and first.is_dir()
    assert (copy / "postgres").resolve() == second.resolve()
