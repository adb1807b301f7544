"""How does a message travel? begin([…]) attempt rows, commit; call() one by one, no transaction open; finish([…]).

The attempt row is committed before the call, and each call leaves its mark just before it starts and when it ends
(messaging.marks). A kill therefore leaves at most one attempt a connection of which nobody knows how it ended;
everything else is provably sent or provably not. First try, retry and recovery take this same way.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from clinics.clock import real_now
from clinics.rows import update_rows
from messaging.channels import Channel
from messaging.marks import Ended
from messaging.models import Attempt, AttemptText, Message, Sender, new_token
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
        sender.sealed_secret = ""
        return account_of(sender)


def begin(clinic_id: int, sender: Sender, drafts: Sequence[Draft], now: datetime) -> list[Begun]:
    """Writes a message (where there is none yet) and an attempt for each draft, in their order.

    Inside `in_clinic`; commit before calling. Two live attempts of one message are refused by the database
    (IntegrityError). An account whose secret cannot be opened begins with an empty one and is refused by its server.
    """
    fresh = [
        Message(clinic_id=clinic_id, token=new_token(), channel=draft.channel, purpose=draft.purpose,
                address=draft.address, deadline=draft.deadline, created_at=now)
        for draft in drafts if draft.message is None
    ]  # fmt: skip
    made = iter(Message.objects.bulk_create(fresh))
    _renew(drafts)
    messages = [draft.message or next(made) for draft in drafts]
    numbers, first_look = _last_numbers([message.pk for message in messages]), _first_look(sender)
    attempts = Attempt.objects.bulk_create(
        Attempt(clinic_id=clinic_id, message=message, sender=sender, token=new_token(),
                number=numbers.get(message.pk, 0) + 1, state=AttemptState.SENDING, phase=Phase.BEGUN,
                body_hash=_hash(draft), began_at=now, next_look_at=first_look)
        for message, draft in zip(messages, drafts, strict=True)
    )  # fmt: skip
    AttemptText.objects.bulk_create(
        AttemptText(clinic_id=clinic_id, attempt=attempt, subject=draft.subject, text=draft.text, html=draft.html)
        for attempt, draft in zip(attempts, drafts, strict=True)
    )
    account = account_or_empty(sender)
    return [
        Begun(attempt.pk, attempt.token, message.pk, account,
              Outgoing(message.token, draft.address, draft.subject, draft.text, draft.html,
                       useless_at=_from_now(draft.deadline, now)),
              start_before=_from_now(draft.start_before or draft.deadline, now))
        for attempt, message, draft in zip(attempts, messages, drafts, strict=True)
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


def _renew(drafts: Sequence[Draft]) -> None:
    """A further attempt goes where the patient is reached now, until when it is of use now."""
    kept = []
    for draft in drafts:
        if draft.message is not None:
            draft.message.address, draft.message.deadline = draft.address, draft.deadline
            kept.append(draft.message)
    update_rows(Message, kept, ["address", "deadline"])


def _last_numbers(message_ids: list[int]) -> dict[int, int]:
    rows = Attempt.objects.filter(message__in=message_ids).values("message").annotate(last=Max("number"))
    return {row["message"]: row["last"] for row in rows}


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
