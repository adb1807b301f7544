"""Servers that the person names are asked before anything starts; what is wrong is one line without a password."""

import socket
import time
from collections.abc import Mapping

import pytest

from config.local import external, roles
from config.local.ports import HOST, free_port
from config.local.postgres import Postgres
from config.local.problem import Problem


def complaint(environment: Mapping[str, str]) -> str:
    """The one line about these addresses, found within five seconds."""
    began = time.monotonic()
    with pytest.raises(Problem) as problem:
        external.check(environment)
    assert time.monotonic() - began < 5
    assert "\n" not in str(problem.value) and "geheim" not in str(problem.value)
    return str(problem.value)


def databases(app: str, owner: str) -> dict[str, str]:
    """The two addresses of one database."""
    return {"DATABASE_URL": f"postgres://{app}", "DATABASE_OWNER_URL": f"postgres://{owner}"}


def test_nothing_named_is_nothing_to_ask() -> None:
    external.check({})


def test_a_dead_database_is_named_with_its_address() -> None:
    where = f"{HOST}:{free_port()}/avisa"
    said = complaint(databases(f"app:geheim@{where}", f"owner:geheim@{where}"))
    assert "DATABASE_OWNER_URL" in said and "Connection refused" in said


def test_a_dead_broker_is_named() -> None:
    assert complaint({"REDIS_URL": f"redis://:geheim@{HOST}:{free_port()}/0"}).startswith("REDIS_URL: ")


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_one_of_the_two_database_roles_alone_is_not_enough(name: str) -> None:
    assert "is set, but" in complaint({name: f"postgres://app:geheim@{HOST}/avisa"})


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://app:geheim@h/x", "postgres://h/x", "postgres://a:geheim@h:port/x"]
)
def test_what_is_no_postgresql_address_is_said(url: str) -> None:
    said = complaint({"DATABASE_URL": url, "DATABASE_OWNER_URL": url})
    assert "DATABASE_URL" in said


def test_a_server_that_accepts_and_says_nothing_is_not_waited_for() -> None:
    with socket.socket() as silent:
        silent.bind((HOST, 0))
        silent.listen()
        where = f"{HOST}:{silent.getsockname()[1]}/avisa"
        complaint(databases(f"app:geheim@{where}", f"owner:geheim@{where}"))


def test_both_addresses_must_not_name_the_same_role(shared_postgres: Postgres) -> None:
    where = f"postgres:{shared_postgres.password}@{HOST}:{shared_postgres.port}/postgres"
    assert "must name two roles" in complaint(databases(where, where))


def test_a_role_that_bypasses_row_level_security_is_refused(shared_postgres: Postgres) -> None:
    roles.ensure(shared_postgres.superuser_dsn(), "one", "two")
    where = f"{HOST}:{shared_postgres.port}/{roles.DATABASE}"
    said = complaint(databases(f"postgres:{shared_postgres.password}@{where}", f"{roles.OWNER}:one@{where}"))
    assert "may bypass row-level security" in said


def test_a_missing_plain_role_is_made_where_the_owner_may_and_else_named(shared_postgres: Postgres) -> None:
    roles.ensure(shared_postgres.superuser_dsn(), "one", "two")
    where = f"{HOST}:{shared_postgres.port}/{roles.DATABASE}"
    said = complaint(databases(f"newcomer:geheim@{where}", f"{roles.OWNER}:one@{where}"))
    assert "there is no role newcomer" in said
    wrong = complaint(databases(f"{roles.APP}:geheim@{where}", f"{roles.OWNER}:one@{where}"))
    assert "DATABASE_URL" in wrong and "password authentication failed" in wrong
    external.check(databases(f"{roles.APP}:two@{where}", f"postgres:{shared_postgres.password}@{where}"))
