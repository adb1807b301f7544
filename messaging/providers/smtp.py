"""How does an e-mail leave over the clinic's own SMTP account? One message a call, over kept connections.

The phase that a call reached decides what may follow: before the final dot the server does not have the message; from
the moment the dot is written only its reply tells. smtplib raises the same exception in both cases, so the phase is
recorded here, and set before the dot is written.
"""

import logging
import smtplib
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings

from messaging.outcomes import Accepted, Ambiguous, FailureKind, Phase, SendError
from messaging.providers import Account, CannotTell, Forged, Outgoing, Sought
from messaging.providers.mime import message_id, mime_bytes
from messaging.targets import TargetRefused, judged_address

log = logging.getLogger(__name__)

#: A kept connection idle for longer is not used again; servers close such after minutes (RFC 5321 4.5.3.2.7).
IDLE_SECONDS = 30
#: Some servers take only so many messages a connection.
MESSAGES_A_CONNECTION = 100


class SmtpProvider:
    """Sends over SMTP; keeps one idle connection an account. SMTP cannot be asked afterwards, and calls nobody back."""

    can_be_asked = False
    reports_delivery = False

    def __init__(self) -> None:
        """An empty pool."""
        self._idle: dict[Account, list[_Connection]] = defaultdict(list)
        self._lock = threading.Lock()

    def pace(self, address: str) -> None:
        """No known limit: a server that has one says so by deferring."""

    def send(self, account: Account, message: Outgoing, *, attempt_token: str, callback_url: str) -> Accepted:
        """Hands one message to the account's server. SMTP has no callbacks; the Message-ID names the message.

        Raises SendError where the server provably does not have it, Ambiguous where only its reply could have told.
        """
        try:
            body = mime_bytes(account, message)
        except Exception as error:  # the library has many for what cannot stand in a header; nothing was called yet
            raise SendError(FailureKind.CONTENT_REFUSED, Phase.BEGUN, detail=type(error).__name__) from error
        kept = self._take(account)
        connection = kept or _Connection(account)
        try:
            try:
                code = connection.transmit(account.address, message.to, body)
            except _DeadBeforeMail:
                connection = _Connection(account)  # the server closed the kept connection: not a try, open anew once
                code = connection.transmit(account.address, message.to, body)
        except BaseException:
            connection.abandon()
            raise
        self._keep(account, connection)
        return Accepted(provider_ref=message_id(account, message), code=code)

    def find(self, account: Account, sought: Sought) -> CannotTell:
        """No SMTP server can be asked what it took."""
        return CannotTell()

    def fetch(self, account: Account, provider_ref: str) -> CannotTell:
        """Nor what became of it."""
        return CannotTell()

    def read_callback(self, account: Account, url: str, form: Mapping[str, list[str]], signature: str) -> None:
        """No SMTP server calls back: whoever does is somebody else. Raises Forged."""
        raise Forged("SMTP servers do not call back")

    def claims(self, form: Mapping[str, list[str]]) -> str:
        """No account: nobody calls back."""
        return ""

    def try_out(self, account: Account) -> None:
        """Connects, encrypts, logs in and names the sender, then leaves: nothing is sent. Raises SendError."""
        connection = _Connection(account)
        try:
            connection.accepts_sender(account.address)
        finally:
            connection.abandon()

    def _take(self, account: Account) -> "_Connection | None":
        with self._lock:
            idle = self._idle[account]
            while idle:
                connection = idle.pop()
                if connection.usable():
                    return connection
                connection.abandon()
        return None

    def _keep(self, account: Account, connection: "_Connection") -> None:
        with self._lock:
            self._idle[account].append(connection)


class _DeadBeforeMail(Exception):
    """A kept connection was gone when it was used again."""


class _Connection:
    """One connection to an account's server, logged in, with the phase of its present call."""

    def __init__(self, account: Account) -> None:
        self.phase = Phase.CONNECT
        self.sent = 0
        self.last_used = time.monotonic()
        self._smtp = _open(account, self)

    def usable(self) -> bool:
        """Whether it may be used for one more message."""
        return self.sent < MESSAGES_A_CONNECTION and time.monotonic() - self.last_used < IDLE_SECONDS

    def abandon(self) -> None:
        """Closes it without a word: after an error, or when it is old."""
        self._smtp.close()

    def accepts_sender(self, sender: str) -> None:
        """Names the sender and takes it back (MAIL, RSET): nothing is sent. Raises SendError."""
        self.phase = Phase.MAIL
        try:
            self._expect(self._smtp.mail(sender), Phase.MAIL)
            self._smtp.rset()
        except SendError:
            raise
        except Exception as error:
            raise SendError(_unsent(error), Phase.MAIL, detail=type(error).__name__) from error

    def transmit(self, sender: str, to: str, body: bytes) -> str:
        """One message. Gives the reply's code and text; raises SendError, Ambiguous or _DeadBeforeMail."""
        self.phase = Phase.MAIL
        try:
            self._expect(self._smtp.mail(sender), Phase.MAIL)
            self.phase = Phase.RCPT
            self._expect(self._smtp.rcpt(to), Phase.RCPT)
            self.phase = Phase.DATA
            code = self._data(body)
        except SendError:
            raise
        except Exception as error:
            raise self._cut_off(error) from error
        self.sent += 1
        self.last_used = time.monotonic()
        return str(code)

    def _data(self, body: bytes) -> int:
        self._smtp.putcmd("data")
        reply = self._smtp.getreply()
        if reply[0] != 354:
            self._expect(reply, Phase.DATA)
        quoted = smtplib._quote_periods(body)  # type: ignore[attr-defined]  # what SMTP.data itself uses
        self._smtp.send(quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n")
        self.phase = Phase.DOT  # before it is written: from here on only the reply tells
        self._smtp.send(b".\r\n")
        reply = self._smtp.getreply()
        if not (200 <= reply[0] < 300 or 400 <= reply[0] < 600):  # neither yes nor no: nobody can say
            raise smtplib.SMTPServerDisconnected("no reply that can be read")
        self.phase = Phase.REPLY
        self._expect(reply, Phase.REPLY)
        return reply[0]

    def _expect(self, reply: tuple[int, bytes], phase: Phase) -> None:
        code, text = reply
        if 200 <= code < 300:
            return
        if code == -1 or (code == 421 and phase is Phase.MAIL):  # 421 to a kept connection: closed for idleness
            raise smtplib.SMTPServerDisconnected("no reply")
        words = text.decode(errors="replace")
        raise SendError(_refusal(code, words, phase), phase, str(code), words)

    def _cut_off(self, error: Exception) -> Exception:
        if self.phase is Phase.DOT:
            return Ambiguous(Phase.DOT, type(error).__name__)
        if self.phase is Phase.MAIL and self.sent:
            return _DeadBeforeMail()
        return SendError(_unsent(error), self.phase, detail=type(error).__name__)


def _unsent(error: Exception) -> FailureKind:
    """Our word for an error before the final dot."""
    if isinstance(error, UnicodeError):  # an address that SMTP without SMTPUTF8 (RFC 6531) cannot carry
        return FailureKind.ADDRESS_REFUSED
    if isinstance(error, smtplib.SMTPException | OSError):
        return FailureKind.UNREACHABLE
    return FailureKind.PLATFORM_FAULT


def _refusal(code: int, words: str, phase: Phase) -> FailureKind:
    """Our word for a refusing reply. 421 closes the service; 4xx asks to come again; enhanced codes 5.7.x (RFC 3463)
    speak of the sender, as does any permanent refusal of MAIL."""
    if code == 421:
        return FailureKind.UNREACHABLE
    if 400 <= code < 500:
        return FailureKind.DEFERRED
    if phase is Phase.MAIL or words.startswith("5.7."):
        return FailureKind.SENDER_REFUSED
    return FailureKind.ADDRESS_REFUSED if phase is Phase.RCPT else FailureKind.CONTENT_REFUSED


def _open(account: Account, connection: _Connection) -> smtplib.SMTP:
    """Connects, encrypts and logs in. Raises SendError: nothing of a message was said yet."""
    smtp: smtplib.SMTP | None = None
    try:
        address = judged_address(account.host, account.port)
        smtp = _connect(account, address)
        if account.security == "starttls":
            connection.phase = Phase.TLS
            smtp.starttls(context=_tls())
        connection.phase = Phase.AUTH
        if account.username:
            _log_in(smtp, account)
        return smtp
    except Exception as error:
        if smtp is not None:
            smtp.close()
        raise _not_opened(error, connection.phase) from error


def _log_in(smtp: smtplib.SMTP, account: Account) -> None:
    """By the first mechanism that both sides know, and no other: smtplib would try the same wrong password again with
    the next one, and servers lock accounts by such counts."""
    smtp.ehlo_or_helo_if_needed()
    offered = smtp.esmtp_features.get("auth", "").split()
    known = [one for one in ("PLAIN", "LOGIN", "CRAM-MD5") if one in offered]
    if not known:
        raise smtplib.SMTPNotSupportedError("the server offers no log-in that we know")
    smtp.esmtp_features["auth"] = known[0]
    smtp.login(account.username, account.secret)


def _connect(account: Account, address: str) -> smtplib.SMTP:
    made = _ImplicitTls(address) if account.security == "ssl" else _Plain(address)
    made.connect(account.host, account.port)
    made._host = account.host  # type: ignore[attr-defined]  # the name that STARTTLS checks the certificate against
    made.ehlo_or_helo_if_needed()
    return made


class _Plain(smtplib.SMTP):
    """Connects to a judged address instead of resolving the name a second time."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__(timeout=settings.SMTP_TIMEOUT_SECONDS, local_hostname="avisa.invalid")

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return socket.create_connection((self._address, port), timeout)


class _ImplicitTls(_Plain):
    """The same, encrypted from the first byte (RFC 8314)."""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return _tls().wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


@cache
def _tls() -> ssl.SSLContext:
    """Certificates are always checked; SMTP_CA_FILE adds an authority of one's own."""
    context = ssl.create_default_context()
    if settings.SMTP_CA_FILE:
        context.load_verify_locations(settings.SMTP_CA_FILE)
    return context


def _not_opened(error: Exception, phase: Phase) -> SendError:
    """Our word for why no connection came about."""
    words = type(error).__name__
    if isinstance(error, TargetRefused):
        return SendError(FailureKind.TARGET_REFUSED, phase, detail=str(error))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        kind = FailureKind.AUTH_REFUSED if error.smtp_code >= 500 else FailureKind.UNREACHABLE
        return SendError(kind, phase, str(error.smtp_code), text)
    if isinstance(error, ssl.SSLError) or (phase is Phase.TLS and isinstance(error, smtplib.SMTPException)):
        return SendError(FailureKind.TLS_FAILED, phase, detail=words)
    if phase is Phase.AUTH and isinstance(error, smtplib.SMTPNotSupportedError):
        return SendError(FailureKind.AUTH_REFUSED, phase, detail=words)
    return SendError(_unsent(error), phase, str(getattr(error, "smtp_code", "")), words)
