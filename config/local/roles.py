"""Which roles does the database have? An owner that migrates, and a plain one that the product serves with.

Roles belong to the whole server, so they are made here, before any migration, and never in one.
"""

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection

OWNER, APP, DATABASE = "avisa_owner", "avisa_app", "avisa"


def ensure(superuser_dsn: str, owner_password: str, app_password: str) -> None:
    """Make both roles and the database `avisa`, or bring them into shape; done twice it changes nothing."""
    link = psycopg2.connect(superuser_dsn)
    try:
        link.autocommit = True  # CREATE DATABASE runs in no transaction
        _role(link, OWNER, owner_password, "LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE")
        _role(link, APP, app_password, "LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOINHERIT")
        _database(link)
    finally:
        link.close()


def _role(link: connection, name: str, password: str, attributes: str) -> None:
    with link.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        statement = sql.SQL("{} ROLE {} {} PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(name), sql.SQL(attributes), sql.Literal(password)
        )
        cursor.execute(statement)


def _database(link: connection) -> None:
    with link.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not cursor.fetchone():
            cursor.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE)))
        cursor.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                sql.Identifier(DATABASE), sql.Identifier(APP)
            )
        )
