"""How does a record keep what came? One SQLite file, used from one thread.

`synchronous=OFF` leaves only a power cut to lose what was committed, not a kill.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stamp:
    """A moment by the machine's clock and by the product's shifted clock, both in seconds since 1970."""

    real: float
    clock: float


class Store:
    """A record's file. `tables` is SQL that makes them where they are missing."""

    def __init__(self, path: Path, tables: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        # In pages; the default of 1000 copies every 150 mails.
        self._db.execute("PRAGMA wal_autocheckpoint=10000")
        self._db.executescript(tables)

    def close(self) -> None:
        """Write everything out."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing: a full disk must not leave half a message, nor a transaction open."""
        self._db.execute("BEGIN")
        with self._db:  # commits, or rolls back on an error
            yield

    def _rows(self, query: str, values: tuple[object, ...]) -> list[sqlite3.Row]:
        with closing(self._db.execute(query, values)) as cursor:
            return cursor.fetchall()

    def _number(self, query: str) -> int:
        return int(self._rows(query, ())[0][0] or 0)

    def _empty(self, *tables: str) -> None:
        """Delete every row; the counters of AUTOINCREMENT stay."""
        with self._transaction():
            for table in tables:
                self._db.execute(f"DELETE FROM {table}")
