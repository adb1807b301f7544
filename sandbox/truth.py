"""What did the outside world really receive? The record that every campaign is judged by.

Here the mails; what was sent by SMS is in sms/record.py. A message is committed before its final dot is
answered, so a killed sandbox forgets nothing that it said. The text is parsed when somebody reads it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sandbox.store import Stamp, Store

_TABLES = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_real REAL NOT NULL, received_clock REAL NOT NULL,
    session INTEGER NOT NULL, account TEXT, mail_from TEXT, recipient TEXT NOT NULL, mailbox TEXT NOT NULL,
    accepted INTEGER NOT NULL, kept INTEGER NOT NULL, code INTEGER, phase TEXT NOT NULL, fault TEXT,
    bytes INTEGER NOT NULL, body_hash TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS messages_by_mailbox ON messages (mailbox, id) WHERE kept;
CREATE TABLE IF NOT EXISTS texts (message INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mailboxes (
    address TEXT PRIMARY KEY, mails INTEGER NOT NULL, newest INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mailboxes_by_newest ON mailboxes (newest);
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_real REAL NOT NULL, at_clock REAL NOT NULL,
    session INTEGER NOT NULL, account TEXT, mail_from TEXT, recipient TEXT,
    phase TEXT NOT NULL, code INTEGER, fault TEXT);
CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY, opened_real REAL NOT NULL, closed_real REAL NOT NULL, account TEXT,
    phase TEXT NOT NULL, logins INTEGER NOT NULL, logins_refused INTEGER NOT NULL, messages INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value REAL NOT NULL);
"""


class Phase(StrEnum):
    """How far a conversation had come: the last step that was begun."""

    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"  # the final dot was received, nothing was answered
    REPLY = "reply"  # the final dot was answered
    QUIT = "quit"


@dataclass(frozen=True)
class Party:
    """Who talks: the conversation's number, its account, and the envelope as far as it is known."""

    session: int
    account: str | None
    mail_from: str | None
    recipients: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """What became of something: the code answered (None: no answer) and the fault that struck."""

    phase: Phase
    code: int | None
    fault: str | None = None
    kept: bool = False  # the patient has the mail, whatever was answered

    @property
    def accepted(self) -> bool:
        """Whether 250 was sent for a final dot."""
        return self.phase is Phase.REPLY and self.code == 250


class Truth(Store):
    """The record. Used from one thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _TABLES)
        self.newest = self._number("SELECT max(seq) FROM sqlite_sequence WHERE name = 'messages'")
        last_session = "SELECT max(s) FROM (SELECT max(id) s FROM sessions UNION SELECT max(session) FROM messages)"
        self._sessions = self._number(last_session)

    def new_session(self) -> int:
        """A number for a conversation that begins."""
        self._sessions += 1
        return self._sessions

    def add_message(self, at: Stamp, party: Party, raw: bytes, outcome: Outcome) -> list[int]:
        """Record a message whose final dot was received: one row per recipient. Gives their ids."""
        body_hash = hashlib.sha256(raw.partition(b"\r\n\r\n")[2]).hexdigest()
        ids = []
        with self._transaction():
            for recipient in party.recipients:
                mailbox = recipient.lower()
                row = self._db.execute(
                    "INSERT INTO messages (received_real, received_clock, session, account, mail_from, recipient,"
                    " mailbox, accepted, kept, code, phase, fault, bytes, body_hash)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        at.real,
                        at.clock,
                        party.session,
                        party.account,
                        party.mail_from,
                        recipient,
                        mailbox,
                        outcome.accepted,
                        outcome.kept,
                        outcome.code,
                        outcome.phase,
                        outcome.fault,
                        len(raw),
                        body_hash,
                    ),
                )
                message = row.lastrowid or 0
                self._db.execute("INSERT INTO texts VALUES (?, ?)", (message, raw))
                if outcome.kept:
                    self._db.execute(
                        "INSERT INTO mailboxes VALUES (?, 1, ?) ON CONFLICT (address)"
                        " DO UPDATE SET mails = mails + 1, newest = excluded.newest",
                        (mailbox, message),
                    )
                ids.append(message)
        self.newest = max(ids, default=self.newest)
        return ids

    def answered(self, ids: Sequence[int], code: int) -> None:
        """The late answer to a message's final dot was sent."""
        self._db.executemany(
            "UPDATE messages SET code = ?, accepted = ?, phase = ? WHERE id = ?",
            [(code, code == 250, Phase.REPLY, message) for message in ids],
        )

    def restamp(self, after: int, upto: int, offset: float) -> None:
        """The messages with after < id <= upto came by a clock that many seconds ahead of the machine's."""
        self._db.execute(
            "UPDATE messages SET received_clock = received_real + ? WHERE id > ? AND id <= ?",
            (offset, after, upto),
        )

    def add_attempt(self, at: Stamp, party: Party, outcome: Outcome) -> None:
        """Record what ended before a final dot: a refusal, a struck fault, a client that left."""
        self._db.execute(
            "INSERT INTO attempts"
            " (at_real, at_clock, session, account, mail_from, recipient, phase, code, fault)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                at.real,
                at.clock,
                party.session,
                party.account,
                party.mail_from,
                party.recipients[-1] if party.recipients else None,
                outcome.phase,
                outcome.code,
                outcome.fault,
            ),
        )

    def add_session(self, row: tuple[int, float, float, str | None, Phase, int, int, int]) -> None:
        """Record a conversation that ended; the row is in the order of the table's columns."""
        self._db.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def messages(self, since: int = 0, limit: int = 1000) -> list[sqlite3.Row]:
        """Every message received with id > since, oldest first, with its text (`raw`)."""
        return self._rows(
            "SELECT m.*, t.raw FROM messages m JOIN texts t ON t.message = m.id WHERE m.id > ? ORDER BY m.id LIMIT ?",
            (since, limit),
        )

    def message(self, message: int) -> sqlite3.Row | None:
        """One message with its text."""
        rows = self._rows(
            "SELECT m.*, t.raw FROM messages m JOIN texts t ON t.message = m.id WHERE m.id = ?", (message,)
        )
        return rows[0] if rows else None

    def attempts(self, since: int = 0, limit: int = 1000) -> list[sqlite3.Row]:
        """What ended before a final dot, with id > since, oldest first."""
        return self._rows("SELECT * FROM attempts WHERE id > ? ORDER BY id LIMIT ?", (since, limit))

    def sessions(self, since: int = 0, limit: int = 1000) -> list[sqlite3.Row]:
        """Conversations that have ended, with id > since, by their beginning."""
        return self._rows("SELECT * FROM sessions WHERE id > ? ORDER BY id LIMIT ?", (since, limit))

    def counts(self) -> dict[str, int]:
        """How many messages, of them accepted and kept, and how many attempts and ended conversations."""
        row = self._rows(
            "SELECT count(*) count, coalesce(sum(accepted), 0) accepted, coalesce(sum(kept), 0) kept,"
            " (SELECT count(*) FROM attempts) attempts, (SELECT count(*) FROM sessions) sessions"
            " FROM messages",
            (),
        )[0]
        return {key: row[key] for key in row.keys()}  # noqa: SIM118 - a Row iterates over its values

    def mailboxes(self, like: str = "", limit: int = 200) -> list[sqlite3.Row]:
        """The mailboxes with mail, newest mail first; `like` is a part of the address."""
        return self._rows(
            "SELECT b.address, b.mails, m.received_clock, t.raw FROM mailboxes b"
            " JOIN messages m ON m.id = b.newest"
            " JOIN texts t ON t.message = b.newest WHERE instr(b.address, ?) ORDER BY b.newest DESC LIMIT ?",
            (like.lower(), limit),
        )

    def mailbox(self, address: str, limit: int = 200) -> list[sqlite3.Row]:
        """The mails that a patient has, newest first, with their texts."""
        return self._rows(
            "SELECT m.*, t.raw FROM messages m JOIN texts t ON t.message = m.id"
            " WHERE m.mailbox = ? AND m.kept ORDER BY m.id DESC LIMIT ?",
            (address.lower(), limit),
        )

    def forget(self) -> None:
        """Empty the record; ids go on rising, so that nobody's `since` points into another past."""
        self._empty("messages", "texts", "mailboxes", "attempts", "sessions")

    def offset(self) -> float:
        """The clock's offset that was known last, in seconds."""
        rows = self._rows("SELECT value FROM facts WHERE name = 'offset'", ())
        return float(rows[0]["value"]) if rows else 0.0

    def keep_offset(self, seconds: float) -> None:
        """Remember the clock's offset over a restart."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES ('offset', ?)", (seconds,))
