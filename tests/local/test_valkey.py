"""The embedded broker: closed to strangers, keeps its queue through kill -9, starts with a damaged journal."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config.local.ports import HOST
from config.local.processes import command_line
from config.local.valkey import Valkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A running Valkey, its folder with a blank in the name."""
    server = Valkey(tmp_path / "a folder", "s3cret", tmp_path / "valkey.log")
    server.start()
    yield server
    server.stop()


def client(server: Valkey) -> "redis.Redis":
    """A connection as the product has it."""
    return redis.Redis.from_url(server.url)


def test_nobody_gets_in_without_the_password(valkey: Valkey) -> None:
    with redis.Redis(host=HOST, port=valkey.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_the_password_is_in_a_closed_file_and_not_on_the_command_line(valkey: Valkey) -> None:
    assert valkey.process
    assert "s3cret" not in command_line(valkey.process.pid)
    assert (valkey.folder / "valkey.conf").stat().st_mode & 0o777 == 0o600


def test_it_refuses_writes_rather_than_forget_when_full(valkey: Valkey) -> None:
    with client(valkey) as link:
        assert link.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_the_queue_is_there_after_kill_9(valkey: Valkey) -> None:
    with client(valkey) as link:
        link.rpush("queue", "ring")
        link.execute_command("WAITAOF", 1, 0, 5000)  # the journal is on disk
    assert valkey.process
    os.kill(valkey.process.pid, signal.SIGKILL)
    valkey.process.wait()
    valkey.start()
    with client(valkey) as link:
        assert link.lrange("queue", 0, -1) == [b"ring"]


def test_a_journal_that_cannot_be_read_is_dropped(valkey: Valkey) -> None:
    valkey.stop()
    for journal in (valkey.folder / "appendonlydir").iterdir():
        journal.write_bytes(b"nonsense\n")
    valkey.start()
    with client(valkey) as link:
        assert link.ping()
