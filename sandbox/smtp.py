"""How does one SMTP conversation go, and how does the server misbehave where a commanded fault strikes?

On aiosmtpd's protocol: STARTTLS before AUTH, AUTH before MAIL. What depends on the number of mails is
overridden for speed (an address is read by a pattern, a text in one piece instead of line by line).
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import Callable
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, TLSSetupException

from sandbox.course import Course, World
from sandbox.faults import Fault
from sandbox.kinds import Behaviour, Moment
from sandbox.truth import Outcome, Phase

_log = logging.getLogger("sandbox.smtp")
_PLAIN_ADDRESS = re.compile(r'<([^<>\s"\\@]+@[^<>\s"\\@\[\]]+)>\s*(.*)')
_LARGEST_MESSAGE = 10 * 1024 * 1024  # bytes
_IDLE_SECONDS = 600.0


class Conversation(SMTP):
    """One client's conversation. `ended` is called when its connection is gone."""

    line_length_limit = _LARGEST_MESSAGE  # the reader's limit: a text is read in one piece

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop, ended: Callable[[Conversation], None]) -> None:
        super().__init__(
            Steps(),
            hostname="sandbox.localhost",
            ident="Avisa sandbox",
            tls_context=world.context,
            require_starttls=True,
            auth_required=True,
            authenticator=_authenticate,
            enable_SMTPUTF8=True,
            data_size_limit=_LARGEST_MESSAGE,
            timeout=_IDLE_SECONDS,
            loop=loop,
        )
        self.world = world
        self.course = Course(world)
        self.locked_out = False
        self._ended: Callable[[Conversation], None] | None = ended

    async def _handle_client(self) -> None:
        fault = self.course.strike(Moment.CONNECT)
        try:
            if fault is not None:
                await self.push(await self.perform(fault))
            else:
                await super()._handle_client()
        except ConnectionError:
            _log.debug("conversation %d: the client is gone", self.course.number)  # recorded by connection_lost

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone (aiosmtpd calls this a second time after a failed handshake)."""
        super().connection_lost(error)
        ended, self._ended = self._ended, None
        if ended is not None:
            self.course.record_end()
            ended(self)

    async def push(self, status: AnyStr) -> None:
        """Send a reply. The one place that records refusals before the final dot, whoever made them."""
        code = _code(status)
        if code >= 400 and self.course.phase is not Phase.REPLY:
            self.course.record_attempt(code)
        await super().push(status)
        if code == 421 and self.transport is not None:
            self.transport.close()

    async def perform(self, fault: Fault) -> str:
        """Behave as commanded: gives the reply to send, or never returns."""
        if fault.kind.behaviour is Behaviour.REPLY:
            return fault.kind.reply
        if fault.kind.behaviour is Behaviour.HANG:
            await self._wait(fault.seconds)
        self.hang_up()
        await asyncio.Event().wait()  # connection_lost cancels this
        raise AssertionError("nobody sets this event")

    def hang_up(self) -> None:
        """Tear the connection down."""
        transport = self._original_transport or self.transport
        if transport is not None:
            assert isinstance(transport, asyncio.Transport)
            transport.abort()

    async def _wait(self, seconds: float) -> None:
        """Say nothing for so long; a client that leaves cancels this."""
        self._reset_timeout(seconds + 60)
        await asyncio.sleep(seconds)

    def _set_rset_state(self) -> None:
        super()._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it without types
        self.course.end_mail()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        plain = _PLAIN_ADDRESS.fullmatch(arg)
        return (plain[1], plain[2]) if plain else super()._getaddr(arg)

    async def smtp_STARTTLS(self, arg: str) -> None:
        """Begin TLS; a handshake that fails is recorded when the connection ends."""
        self.course.begin_tls()
        await super().smtp_STARTTLS(arg)
        self.course.end_tls()

    async def smtp_DATA(self, arg: str) -> None:
        """Receive a text, record it, answer."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos or arg:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        self.course.begin_text(self.envelope.rcpt_tos)
        fault = self.course.strike(Moment.DATA)
        if fault is not None and fault.kind.at_once:
            await self.perform(fault)
        if fault is None:
            self._reader.feed_data(b"\r\n")  # the client waits: in front of its text, so that "." alone ends it
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        if fault is not None:
            await self._reader.read(1)  # not before the text has begun
            await self.perform(fault)
        try:
            raw = await self._reader.readuntil(b"\r\n.\r\n")
        except asyncio.LimitOverrunError:
            await self.push("421 4.3.4 Message too big")
            return
        # RFC 5321 4.5.2: the client doubled every dot that begins a line.
        await self.push(await self._received(raw[:-3].replace(b"\r\n.", b"\r\n")[2:]))
        self._set_rset_state()

    async def _received(self, raw: bytes) -> str:
        """Record the text whose final dot is here and give the answer to send, if any is to be sent."""
        self.course.begin_dot()
        fault, late = self.course.strike(Moment.DOT), self.course.strike(Moment.WAIT)
        silent = fault is not None and fault.kind.behaviour is not Behaviour.REPLY
        reply = fault.kind.reply if fault is not None else "250 2.0.0 OK: kept"
        code = None if silent else _code(reply)
        struck, answers_now = fault or late, not silent and late is None
        ids = self.course.record_message(
            raw,
            Outcome(
                phase=Phase.REPLY if answers_now else Phase.DOT,
                code=code if answers_now else None,
                fault=None if struck is None else struck.name,
                kept=code in {None, 250},
            ),
        )
        if late is not None:
            await self._wait(late.seconds)
        if fault is not None and code is None:
            await self.perform(fault)
        if late is not None and code is not None:
            self.world.truth.answered(ids, code)
        self.course.phase = Phase.REPLY
        return reply


class Steps:
    """aiosmtpd's hooks for the steps that faults can strike."""

    async def handle_MAIL(
        self, server: Conversation, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """MAIL FROM."""
        server.course.begin_mail(address)
        fault = server.course.strike(Moment.MAIL)
        if fault is not None:
            return await server.perform(fault)
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: Conversation, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """RCPT TO."""
        server.course.begin_recipient(address)
        fault = server.course.strike(Moment.RCPT)
        if fault is not None:
            return await server.perform(fault)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_QUIT(self, server: Conversation, session: Session, envelope: Envelope) -> str:
        """QUIT."""
        server.course.begin_quit()
        fault = server.course.strike(Moment.QUIT)
        return "221 2.0.0 Bye" if fault is None else await server.perform(fault)

    async def handle_exception(self, error: Exception) -> str:
        """An error of the sandbox itself: say so, without the mail's words."""
        if not isinstance(error, TLSSetupException):  # a client that does not trust us is its own affair
            _log.error("conversation failed: %s", type(error).__name__)
        return "451 4.3.0 The sandbox itself failed"


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
    """Any user name, the one password. `handled=False` makes aiosmtpd send the 535; else it says nothing."""
    assert isinstance(server, Conversation)
    assert isinstance(login, LoginPassword)
    course = server.course
    course.phase = Phase.AUTH
    course.account = login.login.decode("utf-8", "replace")
    # Clients try the next mechanism after a refusal: one strike refuses the whole conversation.
    fault = None if server.locked_out else course.strike(Moment.AUTH)
    server.locked_out = server.locked_out or fault is not None
    known = hmac.compare_digest(login.password, server.world.password.encode())
    if server.locked_out or not known:
        course.logins_refused += 1
        return AuthResult(success=False, handled=False, message=fault.kind.reply if fault is not None else None)
    course.logins += 1
    return AuthResult(success=True, auth_data=login)


def _code(status: str | bytes) -> int:
    digits = status[:3]
    return int(digits) if digits.isdigit() else 0
