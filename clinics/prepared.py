"""How is a statement planned once a session, instead of each time that it is asked?

To plan a statement that finds a few rows by their numbers takes PostgreSQL longer than to carry it out. Where
PLAN_ONCE is set, as in workers, a statement is prepared at its second asking and planned for whatever values come
(PREPARE and plan_cache_mode in PostgreSQL's manual). It lives as long as its session, and no other session knows it: a
pooler that lends another session to each transaction must not stand between.

Where a migration has changed the type of a column meanwhile, the server refuses what was prepared before: that asking
fails, and the next one prepares anew.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.db import NotSupportedError, connection

#: So many statements a session; those that come later are planned each time.
MOST = 200
_PLACES = re.compile(r"%\((\w+)\)s|%s")


class _Told(threading.local):
    """What this thread's session knows."""

    link: Any = None
    #: Statement → its name there; empty where it was asked only once.
    names: dict[str, str]


_numbers = count(1)
_told = _Told()


def ask(cursor: Any, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> None:
    """Executes the statement, which has no `%` but the places of its values, with a cursor of `connection`.
    Raises NotSupportedError where the type of a column that it gives has changed since it was prepared."""
    name = _name(cursor, sql) if settings.PLAN_ONCE else ""
    if not name:
        cursor.execute(sql, values)
        return
    given = [values[place] for place in _named(sql)] if isinstance(values, Mapping) else list(values)
    places = f" ({', '.join(['%s'] * len(given))})" if given else ""
    try:
        cursor.execute(f"EXECUTE {name}{places}", given)
    except NotSupportedError:
        del _told.names[sql]
        raise


def _name(cursor: Any, sql: str) -> str:
    """Of the statement in this session, in which it is prepared where this is its second time; none at its first."""
    if _told.link is not connection.connection:
        _told.link, _told.names = connection.connection, {}
    names = _told.names
    if sql not in names:
        if len(names) < MOST:
            names[sql] = ""
        return ""
    if not names[sql]:
        name = f"asked_{next(_numbers)}"
        cursor.execute(f"PREPARE {name} AS {_numbered(sql)}")
        names[sql] = name
    return names[sql]


@cache
def _named(sql: str) -> list[str]:
    """The names of a statement's values in the order in which they first come."""
    return list(dict.fromkeys(match[1] for match in _PLACES.finditer(sql)))


def _numbered(sql: str) -> str:
    """The statement as PREPARE wants it: $1, $2, …; a value that is named twice has one number."""
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${numbers.setdefault(match[1] or f'at {match.start()}', len(numbers) + 1)}"

    return _PLACES.sub(number, sql)
