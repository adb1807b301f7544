"""How do programs read what was sent by SMS? The JSON API under /control/truth/sms."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.questions import MOST_ROWS, bad, page_of, plain
from sandbox.sms.record import SmsRecord


class SmsControl:
    """The handlers. `forget` empties the record and stops what is on its way."""

    def __init__(self, record: SmsRecord, forget: Callable[[], Awaitable[None]]) -> None:
        self._record = record
        self._forget = forget

    def routes(self) -> list[web.RouteDef]:
        """Where each handler is found."""
        return [
            web.get("/control/truth/sms", self.messages),
            web.delete("/control/truth/sms", self.forget),
            web.get("/control/truth/sms/count", self.count),
            web.get("/control/truth/sms/recipients", self.recipients),
            web.get("/control/truth/sms/refused", self.refused),
            web.get("/control/truth/sms/callbacks", self.callbacks),
        ]

    async def messages(self, request: web.Request) -> web.Response:
        """Every message that was taken, oldest first."""
        rows = self._record.rows("messages", **page_of(request))
        return web.json_response({"messages": [describe_message(row) for row in rows]})

    async def refused(self, request: web.Request) -> web.Response:
        """Every request that was not granted, oldest first: nothing was sent for it."""
        rows = self._record.rows("refused", **page_of(request))
        return web.json_response({"refused": [plain(row, at_real="at_real", at_clock="at_clock") for row in rows]})

    async def callbacks(self, request: web.Request) -> web.Response:
        """Every callback that was posted or given up, in the order of their ends."""
        rows = self._record.rows("callbacks", **page_of(request))
        return web.json_response({"callbacks": [plain(row, at_real="at_real", at_clock="at_clock") for row in rows]})

    async def recipients(self, request: web.Request) -> web.Response:
        """For each number: how many messages it was sent and how many of them repeat another; ?after= pages on."""
        limit = request.query.get("limit", "1000")
        if not (limit.isdecimal() and 1 <= int(limit) <= MOST_ROWS):
            raise bad(f"limit must be 1 to {MOST_ROWS}")
        rows = self._record.recipients(request.query.get("after", ""), int(limit))
        return web.json_response(
            {"recipients": [{**dict(row), "repeated": row["messages"] - row["different"]} for row in rows]}
        )

    async def count(self, request: web.Request) -> web.Response:
        """How much was received."""
        return web.json_response(self._record.counts())

    async def forget(self, request: web.Request) -> web.Response:
        """Empty the record of the SMS."""
        await self._forget()
        return web.json_response({})


def describe_message(row: sqlite3.Row) -> dict[str, Any]:
    """A message as the API shows it. `accepted`: 201 was answered; `kept`: it was sent, whatever was answered."""
    moments = {
        "received_real": "received_at_real",
        "received_clock": "received_at_clock",
        "updated_real": "updated_at_real",
    }
    shown = plain(row, **moments)
    fate = shown.pop("fate")
    shown.pop("sent_real")
    ended = row["status"] in {"undelivered", "failed"}
    return {**shown, "error_code": fate if ended else None, "accepted": row["answered"] == 201, "kept": True}
