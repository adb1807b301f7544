"""How does the control API read a question and put its answer?"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

MOST_ROWS = 10_000


def plain(row: sqlite3.Row, **moments: str) -> dict[str, Any]:
    """A row as JSON; `moments` gives the columns that hold a time and their names outside."""
    return {moments.get(key, key): iso(row[key]) if key in moments else row[key] for key in row.keys()}  # noqa: SIM118 - a Row iterates over its values


def iso(seconds: float) -> str:
    """A moment as JSON: ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def page_of(request: web.Request) -> dict[str, int]:
    """?since= and ?limit=, as arguments for the record's readers. Raises a 400."""
    since, limit = request.query.get("since", "0"), request.query.get("limit", "1000")
    if not (since.isdecimal() and limit.isdecimal() and len(since) < 19 and 1 <= int(limit) <= MOST_ROWS):
        raise bad(f"since must be an id, limit 1 to {MOST_ROWS}")
    return {"since": int(since), "limit": int(limit)}


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body, which must be a JSON object. Raises a 400."""
    try:
        body = await request.json()
    except ValueError as wrong:
        raise bad("the body must be JSON") from wrong
    if not isinstance(body, dict):
        raise bad("the body must be a JSON object")
    return body


def bad(words: str) -> web.HTTPException:
    """A 400 with the reason."""
    return error(web.HTTPBadRequest, words)


def error(kind: type[web.HTTPException], words: str) -> web.HTTPException:
    """An error with the reason as JSON."""
    return kind(text=json.dumps({"error": words}), content_type="application/json")
