"""Does a clinic's e-mail account work? Tried step by step over the very code that sends; nothing is sent.

Name → connection → encryption → log-in → From address (MAIL and RSET). A host that must not be reached answers exactly
like a name that nobody knows, and no sooner, so that trying hosts tells nothing of the network inside (OWASP, server
side request forgery). No word of the server is passed on, only its reply's number.
"""

import threading
import time
from dataclasses import dataclass
from enum import StrEnum

from messaging.outcomes import Failed, FailureKind, Phase, SendError
from messaging.providers import Account
from messaging.providers.smtp import SmtpProvider

#: A refusal of the name takes at least this long, whatever its cause.
LEAST_SECONDS = 2.0
#: After this long the answer is given up; a server that drips its words does not hold the page for ever.
MOST_SECONDS = 25.0


class Step(StrEnum):
    """The steps of a try, in their order."""

    NAME = "name"
    CONNECT = "connect"
    TLS = "tls"
    LOGIN = "login"
    FROM = "from"


@dataclass(frozen=True)
class Checked:
    """What became of a try: `failed_at` is None when every step went well. `code` is the reply's number, if any."""

    failed_at: Step | None
    kind: FailureKind | None = None
    code: str = ""


def check(account: Account) -> Checked:
    """Tries the account. Takes up to 25 seconds; needs no database and opens no transaction. Never raises for what a
    server can do."""
    began = time.monotonic()
    found: list[Checked] = []
    trying = threading.Thread(target=lambda: found.append(_try(account)), daemon=True)
    trying.start()
    trying.join(MOST_SECONDS)
    answer = found[0] if found else Checked(Step.CONNECT, FailureKind.UNREACHABLE)
    if answer.failed_at is Step.NAME:
        time.sleep(max(0.0, LEAST_SECONDS - (time.monotonic() - began)))
    return answer


def _try(account: Account) -> Checked:
    try:
        SmtpProvider().try_out(account)
    except SendError as error:
        return _answer(error.failed)
    return Checked(None)


def _answer(failed: Failed) -> Checked:
    if failed.kind is FailureKind.TARGET_REFUSED or (
        failed.phase is Phase.CONNECT and failed.detail in {"gaierror", "UnicodeError", "UnicodeEncodeError"}
    ):
        return Checked(Step.NAME, FailureKind.TARGET_REFUSED)
    if failed.kind is FailureKind.TLS_FAILED or failed.phase is Phase.TLS:
        return Checked(Step.TLS, FailureKind.TLS_FAILED)
    step = {Phase.CONNECT: Step.CONNECT, Phase.AUTH: Step.LOGIN}.get(failed.phase, Step.FROM)
    return Checked(step, failed.kind, failed.code)
