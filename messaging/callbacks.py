"""Whose are these callbacks, and what do they say? Verified by the secret of the attempt's own sender, then stored.

Those that came at the same moment are taken together: one statement finds their attempts, one puts them into the inbox.
A sender's account is read and opened once, and kept until its row changes.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from clinics.scope import in_clinic
from messaging import orphans, receipts
from messaging.delivery import account_of
from messaging.models import Sender
from messaging.providers import Account, Forged, Report, provider
from messaging.secrets import Unreadable

log = logging.getLogger(__name__)

#: A provider gives up after 15 s and comes again where it was told to: a database that is too slow is as good as away.
SECONDS = 4
#: Of an attempt's token, in characters.
_TOKEN_LENGTH = 32
#: No statement of the same transaction waits for longer; one that would is an OperationalError. Outside of one,
#: statements sent together are one (PostgreSQL, Message Flow: Multiple Statements in a Simple Query).
_IN_TIME = f"SET LOCAL statement_timeout = '{SECONDS}s';"
_NAMED = f"{_IN_TIME} SELECT place, clinic_id, sender_id, version FROM messaging_attempts_named(%s::text[])"
_TAKE_IN = f"""{_IN_TIME}
SELECT place FROM messaging_take_in(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
"""


class Answer(Enum):
    """What becomes of a callback."""

    TAKEN = "taken"  #: it is stored, or says nothing of use
    REFUSED = "refused"  #: it is not the provider's
    LATER = "later"  #: it cannot be verified now
    UNKNOWN = "unknown"  #: no attempt has that token; nothing is verified


@dataclass(frozen=True)
class Callback:
    """A callback as it came: to the address of a provider and a token, by the address that the provider signed."""

    name: str
    token: str
    url: str
    form: Mapping[str, list[str]]
    signature: str

    def report(self, account: Account) -> Report | None:
        """What it says, in our words. Raises Forged."""
        return provider(self.name).read_callback(account, self.url, self.form, self.signature)


@dataclass(frozen=True)
class _Sender:
    clinic_id: int
    sender_id: int
    #: Of its row.
    version: int


#: The account of each sender, by its id, as its row was in that version.
_kept: dict[int, tuple[_Sender, Account]] = {}


def take(callbacks: Sequence[Callback]) -> list[Answer]:
    """Verifies and stores them, all by one statement outside of any transaction; what is answered as taken is
    committed. Raises OperationalError and InterfaceError while the database is away or too slow, and then nothing is
    stored. Raises RuntimeError inside a transaction, which could yet be rolled back."""
    with transaction.atomic(durable=True):
        pass  # asks the server nothing; that there is none around us is all it is for
    with connection.cursor() as cursor:
        senders = _senders(cursor, [one.token for one in callbacks])
        accounts = {one: _account(one) for one in set(senders.values())}
        heard = {place: _verify(callbacks[place], accounts[one]) for place, one in senders.items()}
        return _stored(cursor, callbacks, heard)


def _stored(
    cursor: CursorWrapper, callbacks: Sequence[Callback], heard: Mapping[int, tuple[Answer, Report | None]]
) -> list[Answer]:
    said = [(place, report) for place, (_, report) in heard.items() if report is not None]
    stored = _store(cursor, [callbacks[place].token for place, _ in said], [report for _, report in said])
    answers = [heard[place][0] if place in heard else Answer.UNKNOWN for place in range(len(callbacks))]
    for index, (place, _) in enumerate(said):
        if index not in stored:  # its attempt has been deleted meanwhile
            answers[place] = Answer.UNKNOWN
    return answers


def _senders(cursor: CursorWrapper, tokens: list[str]) -> dict[int, _Sender]:
    """The senders of these tokens' attempts, by the token's place."""
    cursor.execute(_NAMED, [tokens])
    return {place - 1: _Sender(*sender) for place, *sender in cursor.fetchall()}


def _account(sender: _Sender) -> Account | None:
    """The sender's account; None where its secret cannot be opened, which may be mended any moment."""
    kept_of, account = _kept.get(sender.sender_id, (None, None))
    return account if kept_of == sender else _read(sender)


def _read(sender: _Sender) -> Account | None:
    with in_clinic(sender.clinic_id), connection.cursor() as cursor:
        cursor.execute(_IN_TIME)
        row = Sender.objects.get(pk=sender.sender_id)
    try:
        account = account_of(row)
    except Unreadable as error:
        log.error("callback not verified, the secret of sender %s cannot be opened: %s", sender.sender_id, error)
        return None
    _kept[sender.sender_id] = (sender, account)
    return account


def _verify(callback: Callback, account: Account | None) -> tuple[Answer, Report | None]:
    if account is None:
        return Answer.LATER, None
    if account.provider != callback.name:
        return Answer.REFUSED, None
    try:
        return Answer.TAKEN, callback.report(account)
    except Forged as error:
        log.warning("callback refused for sender %s: %s", account.key, error)
        return Answer.REFUSED, None


def _store(cursor: CursorWrapper, tokens: list[str], reports: list[Report]) -> set[int]:
    """Puts these into the inbox; gives the places of those that have an attempt."""
    if not tokens:
        return set()
    said = [receipts.words(report) for report in reports]
    columns = [[one[name] for one in said] for name in ("event", "state", "failure", "code", "provider_ref")]
    cursor.execute(_TAKE_IN, [tokens, *columns])
    return {place - 1 for (place,) in cursor.fetchall()}


def take_orphan(callback: Callback) -> Answer:
    """One about an attempt that nobody knows: kept where the account of one of our senders itself has signed it."""
    if len(callback.token) != _TOKEN_LENGTH:
        return Answer.REFUSED
    account = provider(callback.name).claims(callback.form)
    for candidate in orphans.claimed(callback.name, account) if account else ():
        with in_clinic(candidate.clinic_id), connection.cursor() as cursor:
            cursor.execute(_IN_TIME)
            try:
                report = callback.report(account_of(Sender.objects.get(pk=candidate.sender_id)))
            except Forged:
                continue  # another clinic may send over the same account
            if report is not None:
                orphans.keep(candidate.clinic_id, candidate.sender_id, callback.token, report)
        return Answer.TAKEN
    return Answer.REFUSED
