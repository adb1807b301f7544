"""How does a message travel? begin([…]) attempt rows, commit; call() one by one, no transaction open; finish([…]).

The attempt row is committed before the call, and each call leaves its mark just before it starts and when it ends
(messaging.marks). A kill therefore leaves at most one attempt a connection of which nobody knows how it ended;
everything else is provably sent or provably not. First try, retry and recovery take this same way.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from clinics.clock import real_now
from clinics.prepared import ask
from messaging.channels import Channel
from messaging.marks import Ended
from messaging.models import Message, Sender, new_token
from messaging.outcomes import (
    Ambiguous,
    AttemptState,
    Failed,
    FailureKind,
    Outcome,
    Phase,
    Purpose,
    SendError,
    Unknown,
)
from messaging.providers import Account, Outgoing, provider
from messaging.secrets import Unreadable

log = logging.getLogger(__name__)

#: How often a lane that waits for its account's pace looks whether it is still to go on.
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Draft:
    """A text about to leave: `message` is the one of an earlier attempt, or None for a first."""

    message: Message | None
    channel: Channel
    purpose: Purpose
    address: str
    deadline: datetime
    subject: str
    text: str
    html: str
    #: When the call must have started; the deadline where it is not given.
    start_before: datetime | None = None


@dataclass(frozen=True)
class Begun:
    """An attempt whose row is written: plain values, ready for a thread without a database connection."""

    attempt_id: int
    attempt_token: str
    message_id: int
    account: Account
    outgoing: Outgoing
    #: `time.monotonic()` of this process from which on the call must not start any more.
    start_before: float = float("inf")
    #: The same, before which it must not: its account's pace (messaging.pace).
    not_before: float = 0.0


def account_of(sender: Sender) -> Account:
    """The sender's account as plain values. Raises messaging.secrets.Unreadable."""
    return Account(
        key=f"{sender.clinic_id}/{sender.pk}",
        provider=sender.provider,
        address=sender.address,
        display_name=sender.display_name,
        host=sender.host,
        port=sender.port or 0,
        security=sender.security,
        username=sender.username,
        secret=sender.secret(),
    )


def account_or_empty(sender: Sender) -> Account:
    """The same, with an empty secret where it cannot be opened: the account's server then refuses it."""
    try:
        return account_of(sender)
    except Unreadable as error:
        log.error("the secret of sender %s cannot be opened: %s", sender.pk, error)
        unsealed = copy(sender)
        unsealed.sealed_secret = ""
        return account_of(unsealed)


#: Messages where there are none yet (the others go where the patient is reached now, until when they are of use now),
#: and an attempt with its words for each, all in one statement: a clinic has few that are due together.
_BEGIN = """
WITH given AS (
    SELECT * FROM unnest(
        %(messages)s::bigint[], %(message_tokens)s::text[], %(tokens)s::text[], %(channels)s::text[],
        %(purposes)s::text[], %(addresses)s::text[], %(deadlines)s::timestamptz[], %(hashes)s::text[],
        %(subjects)s::text[], %(texts)s::text[], %(htmls)s::text[]
    ) WITH ORDINALITY AS g (message_id, message_token, token, channel, purpose, address, deadline, hash, subject, text,
                            html, place)
), fresh AS (
    INSERT INTO messaging_message (clinic_id, token, channel, purpose, address, deadline, created_at)
    SELECT %(clinic)s::bigint, g.message_token, g.channel, g.purpose, g.address, g.deadline, %(now)s::timestamptz
    FROM given g WHERE g.message_id IS NULL ORDER BY g.place RETURNING id, token
), renewed AS (
    UPDATE messaging_message m SET address = g.address, deadline = g.deadline
    FROM given g WHERE m.clinic_id = %(clinic)s AND m.id = g.message_id
), made AS (
    INSERT INTO messaging_attempt (clinic_id, message_id, sender_id, token, number, state, phase, failure, code, detail,
                                   provider_ref, body_hash, looks, absent_looks, began_at, next_look_at)
    SELECT %(clinic)s::bigint, coalesce(g.message_id, fresh.id), %(sender)s::bigint, g.token, 1 + coalesce((
        SELECT max(a.number) FROM messaging_attempt a WHERE a.clinic_id = %(clinic)s AND a.message_id = g.message_id
    ), 0), %(state)s::text, %(phase)s::text, '', '', '', '', g.hash, 0, 0, %(now)s::timestamptz,
           %(first_look)s::timestamptz
    FROM given g LEFT JOIN fresh ON fresh.token = g.message_token ORDER BY g.place RETURNING id, message_id, token
), worded AS (
    INSERT INTO messaging_attempttext (clinic_id, attempt_id, subject, text, html)
    SELECT %(clinic)s::bigint, made.id, g.subject, g.text, g.html FROM made JOIN given g ON g.token = made.token
)
SELECT made.id, made.message_id FROM made JOIN given g ON g.token = made.token ORDER BY g.place
"""


def begin(clinic_id: int, sender: Sender, drafts: Sequence[Draft], now: datetime) -> list[Begun]:
    """Writes a message (where there is none yet) and an attempt for each draft, in their order.

    Inside `in_clinic`; commit before calling. Two live attempts of one message are refused by the database
    (IntegrityError). An account whose secret cannot be opened begins with an empty one and is refused by its server.
    """
    if not drafts:
        return []
    tokens = [(draft.message.token if draft.message else new_token(), new_token()) for draft in drafts]
    values: dict[str, Any] = {
        "clinic": clinic_id, "sender": sender.pk, "now": now, "first_look": _first_look(sender),
        "state": AttemptState.SENDING, "phase": Phase.BEGUN,
        "messages": [draft.message.pk if draft.message else None for draft in drafts],
        "message_tokens": [own for own, _ in tokens], "tokens": [own for _, own in tokens],
        "channels": [draft.channel for draft in drafts], "purposes": [draft.purpose for draft in drafts],
        "addresses": [draft.address for draft in drafts], "deadlines": [draft.deadline for draft in drafts],
        "hashes": [_hash(draft) for draft in drafts], "subjects": [draft.subject for draft in drafts],
        "texts": [draft.text for draft in drafts], "htmls": [draft.html for draft in drafts],
    }  # fmt: skip
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        ask(cursor, _BEGIN, values)
        made = cursor.fetchall()
    account = account_or_empty(sender)
    return [
        Begun(attempt_id, token, message_id, account,
              Outgoing(message_token, draft.address, draft.subject, draft.text, draft.html,
                       useless_at=_from_now(draft.deadline, now)),
              start_before=_from_now(draft.start_before or draft.deadline, now))
        for (attempt_id, message_id), (message_token, token), draft in zip(made, tokens, drafts, strict=True)
    ]  # fmt: skip


def _first_look(sender: Sender) -> datetime | None:
    """When the provider is first asked what became of a message, should it not say so itself; real time, counted from
    here, as the call follows at once. None for one that reports nothing."""
    if not provider(sender.provider).reports_delivery:
        return None
    return real_now() + timedelta(seconds=settings.RECEIPT_SECONDS[0])


def _from_now(moment: datetime, now: datetime) -> float:
    """A moment of the shifted clock on this process's own, which runs at the same pace."""
    return time.monotonic() + (moment - now).total_seconds()


def _hash(draft: Draft) -> str:
    return hashlib.sha256(f"{draft.subject}\n\n{draft.text}".encode()).hexdigest()


def call(begun: Begun) -> Outcome:
    """One provider call; no transaction is open and no database is touched. Never raises: whatever an unforeseen
    error leaves open is `Unknown`, since nobody can say how far the call had come."""
    try:
        return provider(begun.account.provider).send(
            begun.account,
            begun.outgoing,
            attempt_token=begun.attempt_token,
            callback_url=f"{settings.BASE_URL}/w/{begun.account.provider}/{begun.attempt_token}",
        )
    except SendError as error:
        return error.failed
    except Ambiguous as error:
        return error.unknown
    except Exception as error:
        log.exception("attempt %s: unforeseen error in the provider", begun.attempt_id)
        return Unknown(Phase.BEGUN, type(error).__name__)


def _waited(moment: float, keep_going: Callable[[], bool]) -> bool:
    """Waits until that moment of `time.monotonic`; False where it is not to be waited for any more."""
    while keep_going():
        left = moment - time.monotonic()
        if left <= 0:
            return True
        time.sleep(min(left, _LOOK_SECONDS))  # the account's pace; wakes to see whether to stop
    return False


Exchange = Callable[[list[Ended], list[int]], set[int]]


def deliver(chunk: Sequence[Begun], exchange: Exchange, keep_going: Callable[[], bool]) -> None:
    """Calls the attempts of one clinic one after the other, each marked before and after.

    `exchange` is MarkWriter.exchange or like it; what it does not let start is settled otherwise, or its account is let
    be, and was ended with that. Stops when `keep_going` says so. What was not called then, or because its time is over,
    ends as NEVER_CALLED and costs no try: the next decision says what becomes of it.
    """
    ended: list[Ended] = []
    for begun in sorted(chunk, key=lambda one: one.not_before):
        if ended and begun.not_before > time.monotonic():  # how the last one ended does not wait with the next one
            exchange(ended, [])
            ended = []
        if not _waited(begun.not_before, keep_going) or time.monotonic() >= begun.start_before:
            ended.append(Ended(begun.attempt_id, Failed(FailureKind.NEVER_CALLED, Phase.BEGUN)))
            continue
        may_start = exchange(ended, [begun.attempt_id])
        ended = []
        if begun.attempt_id in may_start:
            ended.append(Ended(begun.attempt_id, call(begun)))
    if ended:
        exchange(ended, [])
