"""How do programs command the sandbox and read what it received? The JSON API under /control/."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.faults import BadFault, Faults
from sandbox.mail import header, read_headers, read_mail
from sandbox.questions import bad, error, iso, json_object, page_of, plain
from sandbox.truth import Truth


class Control:
    """The handlers of the control API (those of the SMS are in sms/control.py). `forget` empties every record."""

    def __init__(self, truth: Truth, faults: Faults, clock: Clock, forget: Callable[[], Awaitable[None]]) -> None:
        self._truth = truth
        self._faults = faults
        self._clock = clock
        self._forget = forget

    def routes(self) -> list[web.RouteDef]:
        """Where each handler is found."""
        return [
            web.post("/control/faults", self.command),
            web.get("/control/faults", self.faults),
            web.delete("/control/faults", self.lift_all),
            web.delete(r"/control/faults/{id:\d{1,18}}", self.lift),
            web.get("/control/truth", self.messages),
            web.delete("/control/truth", self.forget),
            web.get("/control/truth/count", self.count),
            web.get("/control/truth/attempts", self.attempts),
            web.get("/control/truth/sessions", self.sessions),
            web.get(r"/control/truth/{id:\d{1,18}}", self.message),
            web.get("/control/clock", self.clock),
            web.post("/control/clock", self.set_clock),
        ]

    async def command(self, request: web.Request) -> web.Response:
        """Put a fault in force."""
        try:
            fault = self._faults.command(await json_object(request))
        except BadFault as wrong:
            raise bad(str(wrong)) from wrong
        return web.json_response(fault.as_json(), status=201)

    async def faults(self, request: web.Request) -> web.Response:
        """The faults in force."""
        return web.json_response({"faults": [fault.as_json() for fault in self._faults.active()]})

    async def lift(self, request: web.Request) -> web.Response:
        """Lift one fault; 404 where it is not in force (its `times` may be used up)."""
        if not self._faults.remove(int(request.match_info["id"])):
            raise error(web.HTTPNotFound, "no such fault is in force")
        return web.json_response({})

    async def lift_all(self, request: web.Request) -> web.Response:
        """Lift every fault."""
        self._faults.clear()
        return web.json_response({})

    async def messages(self, request: web.Request) -> web.Response:
        """Messages whose final dot was received, oldest first. Parsed beside the loop, which goes on."""
        rows = self._truth.messages(**page_of(request))
        return web.json_response({"messages": await asyncio.to_thread(lambda: [describe(row) for row in rows])})

    async def message(self, request: web.Request) -> web.Response:
        """One message with its texts."""
        row = self._truth.message(int(request.match_info["id"]))
        if row is None:
            raise error(web.HTTPNotFound, "no such message")
        mail = read_mail(row["raw"])
        return web.json_response(
            {**describe(row), "text": mail.text, "html": mail.html, "attachments": mail.attachments}
        )

    async def count(self, request: web.Request) -> web.Response:
        """How much was received."""
        return web.json_response(self._truth.counts())

    async def attempts(self, request: web.Request) -> web.Response:
        """Refusals, struck faults, clients that left before a final dot; with the phase they had reached."""
        rows = self._truth.attempts(**page_of(request))
        return web.json_response({"attempts": [describe_attempt(row) for row in rows]})

    async def sessions(self, request: web.Request) -> web.Response:
        """Conversations that have ended: logins, messages, the phase at their end."""
        rows = self._truth.sessions(**page_of(request))
        return web.json_response(
            {"sessions": [plain(row, opened_real="opened_at_real", closed_real="closed_at_real") for row in rows]}
        )

    async def forget(self, request: web.Request) -> web.Response:
        """Empty the record: mails and SMS."""
        await self._forget()
        return web.json_response({})

    async def clock(self, request: web.Request) -> web.Response:
        """The shifted clock as the sandbox knows it."""
        return web.json_response(
            {
                "offset_seconds": self._clock.offset,
                "now": iso(self._clock.stamp().clock),
                "product_answers": self._clock.reading is not None,
            }
        )

    async def set_clock(self, request: web.Request) -> web.Response:
        """Set the offset by hand (for campaigns without a product that answers)."""
        offset = (await json_object(request)).get("offset_seconds")
        if not isinstance(offset, (int, float)) or isinstance(offset, bool) or not math.isfinite(offset):
            raise bad("offset_seconds must be a number")
        self._clock.set_offset(float(offset))
        return await self.clock(request)


def describe(row: sqlite3.Row) -> dict[str, Any]:
    """A message as the API shows it."""
    headers = read_headers(row["raw"])
    return {
        "id": row["id"],
        "received_at_real": iso(row["received_real"]),
        "received_at_clock": iso(row["received_clock"]),
        "session": row["session"],
        "account": row["account"],
        "mail_from": row["mail_from"],
        "recipient": row["recipient"],
        "message_id": header(headers, "Message-ID"),
        "subject": header(headers, "Subject"),
        "accepted": bool(row["accepted"]),
        "kept": bool(row["kept"]),
        "code": row["code"],
        "phase": row["phase"],
        "fault": row["fault"],
        "bytes": row["bytes"],
        "body_hash": row["body_hash"],
        "headers": headers,
    }


def describe_attempt(row: sqlite3.Row) -> dict[str, Any]:
    """What ended before a final dot, as the API shows it."""
    return plain(row, at_real="at_real", at_clock="at_clock")
