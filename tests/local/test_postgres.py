"""The embedded PostgreSQL: closed to strangers, unharmed by kill -9, not put off by what a killed one left."""

import os
import signal
import subprocess
from pathlib import Path

import psycopg2
import pytest

from config.local.postgres import Postgres
from config.local.problem import Problem
from config.local.unprivileged import server_user


def query(server: Postgres, statement: str) -> list[tuple[object, ...]]:
    """Run one statement as the superuser."""
    link = psycopg2.connect(server.superuser_dsn())
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        link.close()


def again(server: Postgres) -> Postgres:
    """A later start on the same folder."""
    return Postgres(server.folder, server.password, server.log, durable=False)


def test_nobody_gets_in_without_the_password(shared_postgres: Postgres) -> None:
    stranger = Postgres(shared_postgres.folder, "wrong", shared_postgres.log, port=shared_postgres.port)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(stranger.superuser_dsn())
    methods = query(shared_postgres, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    assert methods == [("scram-sha-256",)]


def test_it_opens_no_socket_file_and_listens_on_loopback_only(shared_postgres: Postgres) -> None:
    assert query(shared_postgres, "SHOW unix_socket_directories") == [("",)]
    assert query(shared_postgres, "SHOW listen_addresses") == [("127.0.0.1",)]


def test_its_files_are_closed_to_others_and_hold_no_password(shared_postgres: Postgres) -> None:
    assert shared_postgres.data.stat().st_mode & 0o077 == 0
    assert not list(shared_postgres.folder.glob("password*"))
    if user := server_user():
        assert shared_postgres.data.stat().st_uid == user.uid


def test_what_was_committed_is_there_after_kill_9(postgres: Postgres) -> None:
    query(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    query(postgres, "CHECKPOINT")
    assert postgres.process
    os.kill(postgres.process.pid, signal.SIGKILL)
    postgres.process.wait()
    postgres.start()
    assert query(postgres, "SELECT answer FROM kept") == [(42,)]


def test_a_server_left_behind_by_a_killed_run_is_ended_first(postgres: Postgres) -> None:
    later = again(postgres)
    later.start()
    try:
        assert query(later, "SELECT 1") == [(1,)]
        assert postgres.process and postgres.process.wait(10) == 0
    finally:
        later.stop()


def test_a_stale_pid_file_is_no_obstacle(postgres: Postgres) -> None:
    user = server_user()
    identity = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
    other = subprocess.Popen(["sleep", "600"], **identity)  # type: ignore[call-overload]
    try:
        for content in (f"{other.pid}\n", "", "nonsense\n", "999999999\n", "-1\n"):
            postgres.stop()
            pid_file = postgres.data / "postmaster.pid"
            pid_file.write_text(content)
            if user:
                os.chown(pid_file, user.uid, user.gid)
            postgres.start()
            assert query(postgres, "SELECT 1") == [(1,)]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_passwords_that_do_not_fit_the_database_are_said_in_one_line(postgres: Postgres) -> None:
    postgres.stop()
    other = Postgres(postgres.folder, "another", postgres.log)
    with pytest.raises(Problem, match=r"do not fit the database in .* Put the file back"):
        other.start()
    assert other.process is None


def test_a_database_of_another_major_version_is_said_in_one_line(postgres: Postgres) -> None:
    postgres.stop()
    (postgres.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(Problem, match="made by PostgreSQL 15, this is 18"):
        again(postgres).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a disk of a few megabytes")
def test_a_full_disk_is_one_line_leaves_nothing_half_made_and_room_repairs_it(server_folder: Path) -> None:
    disk = server_folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=0711", "none", disk], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets root mount nothing")
    server = Postgres(disk, "s3cret", server_folder / "log" / "postgres.log", durable=False)
    try:
        with pytest.raises(Problem, match=r"^The disk is full: [^\n]*$"):
            server.start()
        assert not server.data.exists()
        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
        server.start()
        assert query(server, "SELECT 1") == [(1,)]
    finally:
        server.stop()
        subprocess.run(["umount", disk], check=True)
