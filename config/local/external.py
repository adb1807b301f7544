"""Are the servers that the person named (DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL) there and fit to use?

Asked before anything is started, so that a wrong address is one line within five seconds, without a
password.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg2
import redis
from psycopg2 import sql
from psycopg2.extensions import connection

from config.local.problem import Problem

_SECONDS = 4.5


def check(environment: Mapping[str, str]) -> None:
    """Raise Problem unless every server named in `environment` answers and its roles are right."""
    app, owner = environment.get("DATABASE_URL"), environment.get("DATABASE_OWNER_URL")
    if bool(app) != bool(owner):
        given, missing = ("DATABASE_URL", "DATABASE_OWNER_URL") if app else ("DATABASE_OWNER_URL", "DATABASE_URL")
        raise Problem(f"{given} is set, but {missing} is not: the product serves as one role and migrates as another.")
    if app and owner:
        _in_time("DATABASE_URL", lambda: _check_database(app, owner))
    if url := environment.get("REDIS_URL"):
        _in_time("REDIS_URL", lambda: _check_redis(url))


def _in_time(name: str, ask: Callable[[], None]) -> None:
    """Ask in a thread: looking a name up can hang for longer than any time-out of the drivers."""
    answer: list[Problem | None] = []

    def run() -> None:
        try:
            ask()
            answer.append(None)
        except Problem as problem:
            answer.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    if not answer:
        raise Problem(f"{name}: the server does not answer within {_SECONDS:.0f} seconds.")
    if answer[0]:
        raise answer[0]


def _parts(name: str, url: str) -> dict[str, Any]:
    """What psycopg2 needs of a URL."""
    try:
        found = urlsplit(url)
        port = found.port
    except ValueError as error:
        raise Problem(f"{name} is no address: {error}.") from error
    if found.scheme not in ("postgres", "postgresql", "psql", "pgsql") or not found.hostname or not found.username:
        raise Problem(f"{name} must look like postgres://ROLE:PASSWORD@HOST:PORT/DATABASE.")
    return {
        "host": found.hostname,
        "port": port or 5432,
        "user": unquote(found.username),
        "password": unquote(found.password or ""),
        "dbname": unquote(found.path.lstrip("/")),
        "connect_timeout": 3,
        **dict(parse_qsl(found.query)),
    }


def connect(name: str, url: str) -> connection:
    """A connection to the database that the variable of that name names. Raises Problem, without the password."""
    return _connect(name, _parts(name, url))


def _connect(name: str, parts: Mapping[str, Any]) -> connection:
    try:
        link: connection = psycopg2.connect(**parts)
        return link
    except psycopg2.Error as error:
        raise Problem(f"{name}: {_first_line(error, parts['password'])}") from error


def _first_line(error: Exception, password: str) -> str:
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line.replace(password, "***") if password else line


def _check_database(app_url: str, owner_url: str) -> None:
    """Both roles log in; the plain one is made where it is missing, and may bypass nothing."""
    app, owner = _parts("DATABASE_URL", app_url), _parts("DATABASE_OWNER_URL", owner_url)
    if app["user"] == owner["user"]:
        raise Problem("DATABASE_URL and DATABASE_OWNER_URL must name two roles: the plain one and the owner.")
    link = _connect("DATABASE_OWNER_URL", owner)
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [app["user"]])
            found = cursor.fetchone()
            if found and found[0]:
                raise Problem("DATABASE_URL: its role may bypass row-level security; use a plain role.")
            if not found:
                cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
                may = cursor.fetchone()
                if not may or not may[0]:
                    raise Problem(f"DATABASE_URL: there is no role {app['user']}, and the owner may not make one.")
                cursor.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}").format(
                        sql.Identifier(app["user"]), sql.Literal(app["password"])
                    )
                )
    finally:
        link.close()
    _connect("DATABASE_URL", app).close()


def _check_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Problem(f"REDIS_URL: {_first_line(error, urlsplit(url).password or '')}") from error
