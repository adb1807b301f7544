"""How does one request to the Messages API go, and how does the server misbehave where a commanded fault strikes?

Create, fetch and list, and the fetch of an account (with it clients try their credentials). Any account sid of the
right form is an account of this sandbox; all of them share one token.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web

from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.kinds import Behaviour, Moment
from sandbox.sms.answers import message_answer, page_answer
from sandbox.sms.journey import Journeys, manners_for
from sandbox.sms.record import Asked, Filter, SmsRecord
from sandbox.sms.refusals import Refused, answer
from sandbox.sms.wishes import read_wish

_ACCOUNT = re.compile(r"AC[0-9a-zA-Z]{32}")
_TOKEN = re.compile(r"PASM(\d{1,18})", re.ASCII)
_PAGE_SIZE, _LARGEST_PAGE = 50, 1000
_FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")
_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing resets the connection


@dataclass(frozen=True)
class SmsWorld:
    """What all requests share."""

    record: SmsRecord
    faults: Faults
    clock: Clock
    journeys: Journeys
    token: str


class Api:
    """The handlers of the Messages API."""

    def __init__(self, world: SmsWorld) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Where each handler is found."""
        account = "/2010-04-01/Accounts/{account}"
        return [
            web.post(f"{account}/Messages.json", self.create),
            web.get(f"{account}/Messages.json", self.listing),
            web.get(f"{account}/Messages/{{sid}}.json", self.fetch),
            web.get(f"{account}.json", self.account),
            web.route("*", "/2010-04-01/{rest:.*}", self.unknown),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Take a message, or refuse it; every request leaves a record."""
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        account = request.match_info["account"]
        sender = form.get("From") or form.get("MessagingServiceSid")
        asked = Asked("create", account, sender, form.get("To"), form.get("Body"))
        return await self._guarded(request, asked, lambda: self._create(request, asked, form))

    async def fetch(self, request: web.Request) -> web.Response:
        """One message."""

        async def work() -> web.Response:
            self._look_up(request)
            row = self._world.record.find(request.match_info["account"], request.match_info["sid"])
            if row is None:
                raise Refused(20404, request.path)
            return web.json_response(message_answer(row))

        return await self._guarded(request, Asked("fetch", request.match_info["account"]), work)

    async def listing(self, request: web.Request) -> web.Response:
        """A page of the account's messages, newest first."""

        async def work() -> web.Response:
            self._look_up(request)
            query = [(name, request.query[name]) for name in _FILTERS if request.query.get(name)]
            size = min(_whole(request.query.get("PageSize"), _PAGE_SIZE) or _PAGE_SIZE, _LARGEST_PAGE)
            page = _whole(request.query.get("Page"), 0)
            rows = self._world.record.listed(_filter(request), size + 1)
            return web.json_response(page_answer(request.path, query, rows[:size], (page, size), len(rows) > size))

        return await self._guarded(request, Asked("list", request.match_info["account"]), work)

    async def account(self, request: web.Request) -> web.Response:
        """The account itself."""
        sid = request.match_info["account"]

        async def work() -> web.Response:
            names = {"friendly_name": "Sandbox account", "status": "active", "type": "Full"}
            return web.json_response({"sid": sid, "owner_account_sid": sid, **names, "uri": request.path})

        return await self._guarded(request, Asked("account", sid), work)

    async def unknown(self, request: web.Request) -> web.Response:
        """What this sandbox does not have."""
        return answer(Refused(20404, request.path))

    async def _guarded(
        self, request: web.Request, asked: Asked, work: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        """Do the work for whoever knows the token; record what is refused."""
        try:
            self._log_in(request, asked.account)
            return await work()
        except Refused as refused:
            self._world.record.refuse(self._world.clock.stamp(), asked, refused.status, refused.code, None)
            return answer(refused)

    def _log_in(self, request: web.Request, account: str) -> None:
        """HTTP basic authentication, the account's sid and its token."""
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        try:
            login, _, password = base64.b64decode(credentials.strip(), validate=True).partition(b":")
        except ValueError:
            raise Refused(20003) from None
        known = hmac.compare_digest(password, self._world.token.encode())
        if not (known and scheme.lower() == "basic" and _ACCOUNT.fullmatch(account) and login == account.encode()):
            raise Refused(20003)

    def _look_up(self, request: web.Request) -> None:
        """Raises Refused where a fault keeps messages from being looked up."""
        fault = self._world.faults.take(Moment.SMS_LOOKUP, request.match_info["account"], None)
        if fault is not None:
            raise Refused(fault.kind.code)

    async def _create(self, request: web.Request, asked: Asked, form: dict[str, str]) -> web.Response:
        wish = read_wish(form)
        strike = self._world.faults.take
        account, recipient = asked.account, wish.recipient
        late, fault = strike(Moment.SMS_WAIT, account, recipient), strike(Moment.SMS, account, recipient)
        if fault is not None and not fault.kind.taken:
            return await self._not_taken(request, asked, fault, late)
        fate, manners = strike(Moment.SMS_FATE, account, recipient), manners_for(self._world.faults, account, recipient)
        names = [struck.name for struck in (fault, late, fate) if struck is not None] + [*manners.faults]
        message = self._world.record.take(
            self._world.clock.stamp(), account, wish, None if fate is None else fate.code, ", ".join(names) or None
        )
        self._world.clock.message_came()
        journey = self._world.journeys.begin(message, manners)
        if manners.first:
            await asyncio.wait({journey})  # a client that leaves cancels the waiting, not the journey
        if late is not None:
            await asyncio.sleep(late.seconds)
        if fault is not None and fault.kind.behaviour is not Behaviour.REPLY:
            return await _say_nothing(request, fault)
        refused = None if fault is None else Refused(fault.kind.code)
        self._world.record.answered(message["id"], 201 if refused is None else refused.status)
        return web.json_response(message_answer(message), status=201) if refused is None else answer(refused)

    async def _not_taken(self, request: web.Request, asked: Asked, fault: Fault, late: Fault | None) -> web.Response:
        about = (asked.sender if fault.kind.code == 21606 else asked.recipient) or ""
        refused = Refused(fault.kind.code, about) if fault.kind.behaviour is Behaviour.REPLY else None
        stamp = self._world.clock.stamp()
        if refused is None:
            self._world.record.refuse(stamp, asked, None, None, fault.name)
        else:
            self._world.record.refuse(stamp, asked, refused.status, refused.code, fault.name)
        if late is not None:
            await asyncio.sleep(late.seconds)
        return await _say_nothing(request, fault) if refused is None else answer(refused)


async def _say_nothing(request: web.Request, fault: Fault) -> web.Response:
    """Hang for the fault's time and close, or reset the connection at once."""
    if fault.kind.behaviour is Behaviour.HANG:
        await asyncio.sleep(fault.seconds)
    if request.transport is not None:
        if fault.kind.behaviour is Behaviour.DROP:
            connection: socket.socket = request.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        assert isinstance(request.transport, asyncio.Transport)
        request.transport.abort()
    return web.Response()  # goes nowhere: the connection is gone


def _filter(request: web.Request) -> Filter:
    """What the query asks for; a date that is none, like every parameter it does not know, filters nothing."""
    query = request.query
    day = _moment(query.get("DateSent"))
    since, until = _moment(query.get("DateSent>")), _moment(query.get("DateSent<"))
    if day is not None:
        since = day.replace(hour=0, minute=0, second=0, microsecond=0)
        until = since + timedelta(days=1, microseconds=-1)
    token = _TOKEN.fullmatch(query.get("PageToken", ""))
    return Filter(
        account=request.match_info["account"],
        recipient=query.get("To") or None,
        sender=query.get("From") or None,
        sent_from=None if since is None else since.timestamp(),
        sent_until=None if until is None else until.timestamp(),
        before=None if token is None else int(token[1]),
    )


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else default
