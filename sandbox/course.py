"""How far has one conversation come, which fault strikes it now, and what goes into the record?"""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.kinds import Behaviour, Moment
from sandbox.truth import Outcome, Party, Phase, Truth


@dataclass(frozen=True)
class World:
    """What all conversations share."""

    truth: Truth
    faults: Faults
    clock: Clock
    password: str
    context: ssl.SSLContext


class Course:
    """The course of one conversation. Knows no socket: smtp.py speaks, this keeps the books."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.number = world.truth.new_session()
        self.phase = Phase.CONNECT
        self.account: str | None = None
        self.logins = self.logins_refused = self.messages = 0
        self._mail_from: str | None = None
        self._recipients: list[str] = []
        self._last_recipients: list[str] = []  # of the mail before: a fault at QUIT may name them
        self._unfinished = False  # a step was begun and nothing is recorded of it yet
        self._fault: str | None = None  # struck, its reply not yet sent
        self._opened = time.time()

    def begin_tls(self) -> None:
        """STARTTLS was said."""
        self.phase, self._unfinished = Phase.TLS, True

    def end_tls(self) -> None:
        """The handshake went well."""
        self._unfinished = False

    def begin_mail(self, sender: str) -> None:
        """MAIL FROM was said."""
        self.phase, self._unfinished = Phase.MAIL, True
        self._mail_from, self._recipients = sender, []

    def begin_recipient(self, recipient: str) -> None:
        """RCPT TO was said."""
        self.phase, self._unfinished = Phase.RCPT, True
        self._recipients.append(recipient)

    def begin_text(self, recipients: list[str]) -> None:
        """DATA was said; only the accepted recipients count from here on."""
        self.phase, self._unfinished = Phase.DATA, True
        self._recipients = list(recipients)

    def begin_quit(self) -> None:
        """QUIT was said."""
        if self._unfinished:
            self.record_attempt(None)  # a mail was begun and given up
        self.phase = Phase.QUIT

    def end_mail(self) -> None:
        """The envelope is put away: answered, or given up by RSET or EHLO."""
        self._last_recipients = self._recipients or self._last_recipients
        self._mail_from, self._recipients, self._unfinished = None, [], False
        if self.account is not None:
            self.phase = Phase.AUTH

    def strike(self, moment: Moment) -> Fault | None:
        """The commanded fault that strikes now. One before the final dot that gives no reply is recorded."""
        recipients = self._last_recipients if moment is Moment.QUIT else self._recipients
        if moment is Moment.RCPT:
            recipients = recipients[-1:]
        fault = None
        for recipient in list[str | None](recipients) or [None]:
            fault = fault or self._world.faults.take(moment, self.account, recipient)
        if fault is not None and moment not in {Moment.DOT, Moment.WAIT}:
            self._fault = fault.name
            if fault.kind.behaviour is not Behaviour.REPLY:
                self.record_attempt(None)
        return fault

    def record_attempt(self, code: int | None) -> None:
        """Something ended before the final dot, with this code or without one."""
        outcome = Outcome(self.phase, code, self._fault)
        self._fault, self._unfinished = None, False
        self._world.truth.add_attempt(self._world.clock.stamp(), self._party(), outcome)

    def record_message(self, raw: bytes, outcome: Outcome) -> list[int]:
        """A text and its final dot are here. Gives the record's ids."""
        ids = self._world.truth.add_message(self._world.clock.stamp(), self._party(), raw, outcome)
        self._world.clock.message_came()
        self.messages += 1
        return ids

    def record_end(self) -> None:
        """The connection is gone."""
        if self._unfinished:
            self.record_attempt(None)  # the client left in the middle
        self._world.truth.add_session(
            (
                self.number,
                self._opened,
                time.time(),
                self.account,
                self.phase,
                self.logins,
                self.logins_refused,
                self.messages,
            )
        )

    def begin_dot(self) -> None:
        """The final dot was received; what becomes of it is a message's matter, not an attempt's."""
        self.phase, self._unfinished = Phase.DOT, False

    def _party(self) -> Party:
        return Party(self.number, self.account, self._mail_from, tuple(self._recipients))
