"""The product's two roles: an owner that migrates, and a plain one that row-level security binds."""

from typing import Any

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege

from config.local import roles
from config.local.ports import HOST
from config.local.postgres import Postgres


def connect(server: Postgres, role: str, password: str) -> Any:
    """A connection to the product's database."""
    return psycopg2.connect(host=HOST, port=server.port, user=role, password=password, dbname=roles.DATABASE)


def test_making_them_twice_changes_only_the_passwords(shared_postgres: Postgres) -> None:
    roles.ensure(shared_postgres.superuser_dsn(), "one", "two")
    roles.ensure(shared_postgres.superuser_dsn(), "three", "four")
    connect(shared_postgres, roles.OWNER, "three").close()
    connect(shared_postgres, roles.APP, "four").close()
    with pytest.raises(psycopg2.OperationalError):
        connect(shared_postgres, roles.OWNER, "one")


def test_the_plain_role_may_bypass_nothing_own_nothing_and_belongs_to_nothing(shared_postgres: Postgres) -> None:
    roles.ensure(shared_postgres.superuser_dsn(), "one", "two")
    link = connect(shared_postgres, roles.APP, "two")
    with link, link.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication,"
            " EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False,) * 6
        with pytest.raises(InsufficientPrivilege):
            cursor.execute("CREATE TABLE mine (a int)")
    link.close()


def test_the_owner_owns_the_database_and_may_make_test_databases(shared_postgres: Postgres) -> None:
    roles.ensure(shared_postgres.superuser_dsn(), "one", "two")
    link = connect(shared_postgres, roles.OWNER, "one")
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
        assert cursor.fetchone() == (roles.OWNER,)
        cursor.execute("CREATE DATABASE test_avisa")
        cursor.execute("DROP DATABASE test_avisa")
    link.close()
