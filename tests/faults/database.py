"""Where does a campaign keep its rows? In a database of its own on the given server, made by the owner, dropped after.

The judge reads it by plain SQL as the owner, who sees all clinics; nothing of the product is imported for that.
"""

import os
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql
from psycopg2.errors import ObjectInUse
from psycopg2.extras import RealDictCursor

from tests.faults.waiting import APART, until

_DROP_SECONDS = 20.0
_AWAY_SECONDS = 20.0


class Database:
    """A database that lives as long as a campaign."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """On the servers that DATABASE_URL (app role) and DATABASE_OWNER_URL (may create databases) name."""
        self.name = f"avisa_faults_{os.getpid()}_{secrets.token_hex(4)}"
        self._server = _plain(environment["DATABASE_OWNER_URL"])
        self.owner_url = _named(environment["DATABASE_OWNER_URL"], self.name)
        self.app_url = _named(environment["DATABASE_URL"], self.name)
        self._link: Any = None

    def create(self, template: str = "template1") -> None:
        """Makes it, as a copy of a database of that server that nobody uses."""
        self._on_server("CREATE DATABASE {} TEMPLATE {}", template)

    def let_app_empty_tables(self) -> None:
        """The app role may TRUNCATE what is there by now: only where a test begins again and again."""
        role = sql.Identifier(urlsplit(self.app_url).username or "")
        self.change(sql.SQL("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}").format(role))

    def change(self, statement: sql.Composable) -> None:
        """Has the owner run one statement that gives no rows, and commits it."""
        link = psycopg2.connect(_plain(self.owner_url))
        try:
            with link, link.cursor() as cursor:
                cursor.execute(statement)
        finally:
            link.close()

    def drop(self) -> None:
        """Drops it; waits until the sessions of processes that were just killed are gone."""
        if self._link is not None:
            self._link.close()
        until(self._dropped, _DROP_SECONDS, f"the sessions of {self.name} end")

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of one statement, across all clinics. While the server restarts it is asked again, for a while; a
        statement must bear that."""
        deadline = time.monotonic() + _AWAY_SECONDS
        while True:
            try:
                return self._rows(statement, values)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                if self._link is not None:
                    self._link.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(APART)

    def _rows(self, statement: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        if self._link is None or self._link.closed:
            self._link = psycopg2.connect(_plain(self.owner_url))
            self._link.autocommit = True
        with self._link.cursor(cursor_factory=RealDictCursor) as cursor:
            cursor.execute(statement, values)
            return [dict(row) for row in cursor.fetchall()]

    def sessions(self) -> set[str]:
        """The names (PGAPPNAME) under which processes are connected."""
        found = self.rows("SELECT application_name AS name FROM pg_stat_activity WHERE datname = current_database()")
        return {row["name"] for row in found}

    def _dropped(self) -> bool:
        try:
            self._on_server("DROP DATABASE IF EXISTS {}")
        except ObjectInUse:
            return False
        return True

    def _on_server(self, statement: str, *names: str) -> None:
        link = psycopg2.connect(self._server)
        try:
            link.autocommit = True
            with link.cursor() as cursor:
                cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, (self.name, *names))))
        finally:
            link.close()


def _named(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _plain(url: str) -> str:
    """The URL with the scheme that libpq knows."""
    return urlsplit(url)._replace(scheme="postgresql").geturl()
