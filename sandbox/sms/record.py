"""What was really sent to the phones, and what was refused? The record that every SMS campaign is judged by.

A message is committed before its request is answered, so a killed sandbox forgets nothing that it said.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sandbox.sms.segments import count_segments
from sandbox.sms.wishes import Wish
from sandbox.store import Stamp, Store

#: `answered` is the HTTP status that was sent for the request, NULL where none was; `fate` the error code that the
#: message will end with, NULL where it will be delivered.
_TABLES = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_real REAL NOT NULL, received_clock REAL NOT NULL,
    sid TEXT NOT NULL UNIQUE, account TEXT NOT NULL, service TEXT, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    body TEXT NOT NULL, body_hash TEXT NOT NULL, segments INTEGER NOT NULL, callback TEXT, validity INTEGER,
    status TEXT NOT NULL, fate INTEGER, updated_real REAL NOT NULL, sent_real REAL, answered INTEGER, fault TEXT);
CREATE INDEX IF NOT EXISTS messages_by_account ON messages (account, id);
CREATE INDEX IF NOT EXISTS messages_by_recipient ON messages (recipient, account, id);
CREATE INDEX IF NOT EXISTS messages_on_phones ON messages (recipient, id) WHERE status = 'delivered';
CREATE TABLE IF NOT EXISTS phones (
    number TEXT PRIMARY KEY, texts INTEGER NOT NULL, newest INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS phones_by_newest ON phones (newest);
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_real REAL NOT NULL, at_clock REAL NOT NULL, request TEXT NOT NULL,
    account TEXT, sender TEXT, recipient TEXT, body_hash TEXT, answered INTEGER, code INTEGER, fault TEXT);
CREATE TABLE IF NOT EXISTS callbacks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_real REAL NOT NULL, at_clock REAL NOT NULL, sid TEXT NOT NULL,
    status TEXT NOT NULL, url TEXT NOT NULL, connections INTEGER NOT NULL, answered INTEGER, error TEXT);
"""
FINAL = ("delivered", "undelivered", "failed")


@dataclass(frozen=True)
class Asked:
    """What a refused request asked: its kind, and as much of the rest as was given."""

    request: str  # create, fetch, list, account
    account: str
    sender: str | None = None
    recipient: str | None = None
    body: str | None = None


@dataclass(frozen=True)
class Called:
    """How a status callback went: `answered` is the HTTP status, None where no answer came."""

    sid: str
    status: str
    url: str
    connections: int
    answered: int | None
    error: str | None


@dataclass(frozen=True)
class Filter:
    """Which messages a list shows, newest first: those with id < before, of the account; None filters nothing."""

    account: str
    recipient: str | None = None
    sender: str | None = None
    sent_from: float | None = None  # seconds since 1970, inclusive
    sent_until: float | None = None
    before: int | None = None


class SmsRecord(Store):
    """The record. Used from one thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _TABLES)
        self.newest = self._number("SELECT max(seq) FROM sqlite_sequence WHERE name = 'messages'")

    def take(self, at: Stamp, account: str, wish: Wish, fate: int | None, faults: str | None) -> sqlite3.Row:
        """Record a message that goes out, not yet answered. Gives its row."""
        self.newest = (
            self._db.execute(
                "INSERT INTO messages (received_real, received_clock, sid, account, service, sender, recipient, body,"
                " body_hash, segments, callback, validity, status, fate, updated_real, fault)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(at.real, at.clock, f"SM{uuid4().hex}", account, wish.service),
                    *(wish.sender or _pooled(wish.service or ""), wish.recipient, wish.body, _hash(wish.body)),
                    *(count_segments(wish.body), wish.callback, wish.validity),
                    *("accepted" if wish.service else "queued", fate, at.real, faults),
                ),
            ).lastrowid
            or 0
        )
        return self._rows("SELECT * FROM messages WHERE id = ?", (self.newest,))[0]

    def answered(self, message: int, status: int) -> None:
        """The request that asked for the message is answered with this HTTP status."""
        self._db.execute("UPDATE messages SET answered = ? WHERE id = ?", (status, message))

    def advance(self, message: sqlite3.Row, status: str, real: float) -> None:
        """The message has come to this status. A delivered one is on the phone."""
        with self._transaction():
            self._db.execute(
                "UPDATE messages SET status = ?, updated_real = ?, sent_real = coalesce(sent_real, ?) WHERE id = ?",
                (status, real, real if status == "sent" else None, message["id"]),
            )
            if status == "delivered":
                self._db.execute(
                    "INSERT INTO phones VALUES (?, 1, ?) ON CONFLICT (number)"
                    " DO UPDATE SET texts = texts + 1, newest = max(newest, excluded.newest)",
                    (message["recipient"], message["id"]),
                )

    def refuse(self, at: Stamp, asked: Asked, answered: int | None, code: int | None, fault: str | None) -> None:
        """Record a request that was not granted: nothing was sent."""
        self._db.execute(
            "INSERT INTO refused (at_real, at_clock, request, account, sender, recipient, body_hash, answered, code,"
            " fault) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(at.real, at.clock, asked.request, asked.account, asked.sender, asked.recipient),
                *(None if asked.body is None else _hash(asked.body), answered, code, fault),
            ),
        )

    def called(self, at: Stamp, call: Called) -> None:
        """Record a status callback after its answer, or after it was given up."""
        self._db.execute(
            "INSERT INTO callbacks (at_real, at_clock, sid, status, url, connections, answered, error)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (at.real, at.clock, call.sid, call.status, call.url, call.connections, call.answered, call.error),
        )

    def restamp(self, after: int, upto: int, offset: float) -> None:
        """The messages with after < id <= upto came by a clock that many seconds ahead of the machine's."""
        self._db.execute(
            "UPDATE messages SET received_clock = received_real + ? WHERE id > ? AND id <= ?", (offset, after, upto)
        )

    def find(self, account: str, sid: str) -> sqlite3.Row | None:
        """One message of the account."""
        rows = self._rows("SELECT * FROM messages WHERE account = ? AND sid = ?", (account, sid))
        return rows[0] if rows else None

    def listed(self, wanted: Filter, limit: int) -> list[sqlite3.Row]:
        """The account's messages that the filter lets through, newest first."""
        conditions, values = ["account = ?"], list[object]([wanted.account])
        for condition, value in (
            ("recipient = ?", wanted.recipient),
            ("sender = ?", wanted.sender),
            ("sent_real >= ?", wanted.sent_from),
            ("sent_real <= ?", wanted.sent_until),
            ("id < ?", wanted.before),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        where = " AND ".join(conditions)
        return self._rows(f"SELECT * FROM messages WHERE {where} ORDER BY id DESC LIMIT ?", (*values, limit))

    def rows(self, table: str, since: int, limit: int) -> list[sqlite3.Row]:
        """The rows of messages, refused or callbacks with id > since, oldest first."""
        if table not in {"messages", "refused", "callbacks"}:
            raise ValueError(table)
        return self._rows(f"SELECT * FROM {table} WHERE id > ? ORDER BY id LIMIT ?", (since, limit))

    def unfinished(self) -> list[sqlite3.Row]:
        """Messages that a stop has overtaken on their way."""
        return self._rows(f"SELECT * FROM messages WHERE status NOT IN ({', '.join('?' * len(FINAL))})", FINAL)

    def recipients(self, after: str, limit: int) -> list[sqlite3.Row]:
        """For each number > after, in order: how many messages, and how many different ones (account and text)."""
        return self._rows(
            "SELECT recipient, count(*) messages, count(DISTINCT account || ' ' || body_hash) different,"
            " min(id) first_id, max(id) newest_id FROM messages WHERE recipient > ?"
            " GROUP BY recipient ORDER BY recipient LIMIT ?",
            (after, limit),
        )

    def counts(self) -> dict[str, object]:
        """How much was taken, answered with 201, repeated to one number, refused, called back."""
        row = self._rows(
            "SELECT count(*) count, coalesce(sum(answered = 201), 0) accepted, count(DISTINCT recipient) recipients,"
            " count(*) - count(DISTINCT account || ' ' || recipient || ' ' || body_hash) repeated,"
            " (SELECT count(*) FROM refused) refused, (SELECT count(*) FROM callbacks) callbacks FROM messages",
            (),
        )[0]
        statuses = self._rows("SELECT status, count(*) n FROM messages GROUP BY status", ())
        return {**dict(row), "statuses": {status["status"]: status["n"] for status in statuses}}

    def phones(self, like: str, limit: int) -> list[sqlite3.Row]:
        """The phones with messages, newest first; `like` is a part of the number."""
        return self._rows(
            "SELECT p.number, p.texts, m.received_clock, m.body, m.sender FROM phones p"
            " JOIN messages m ON m.id = p.newest WHERE instr(p.number, ?) ORDER BY p.newest DESC LIMIT ?",
            (like, limit),
        )

    def conversation(self, number: str, limit: int) -> list[sqlite3.Row]:
        """What the phone shows: its newest messages, oldest first."""
        rows = self._rows(
            "SELECT * FROM messages WHERE recipient = ? AND status = 'delivered' ORDER BY id DESC LIMIT ?",
            (number, limit),
        )
        return rows[::-1]

    def forget(self) -> None:
        """Empty the record; ids go on rising, so that nobody's `since` points into another past."""
        self._empty("messages", "phones", "refused", "callbacks")


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()


def _pooled(service: str) -> str:
    """The number that a Messaging Service sends from: always the same one of its pool."""
    return f"+1500555{1000 + int(service[2:], 16) % 9000}"
