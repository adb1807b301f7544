"""What do the processes that send need while they work? Workers at work, their memory, and their database sessions."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.faults.stack import Stack
from tests.faults.waiting import until

_START_SECONDS = 90.0
_LOOK_SECONDS = 0.25
#: A statement that runs, and a transaction that does nothing, for longer than this is one too long, in seconds.
LONG_SECONDS = 1.0
_SESSIONS = """
SELECT state, extract(epoch FROM clock_timestamp() - CASE state WHEN 'active' THEN query_start ELSE state_change END)
       ::float AS seconds, query
FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'worker-%' AND state IS NOT NULL
AND query_start IS NOT NULL
"""
#: As /sandbox/clock does it: forward only.
_OPEN_UP = """
INSERT INTO clinics_clock (id, shift)
SELECT 1, look_at - clock_timestamp() - %s * interval '1 second' FROM reminders_next()
WHERE look_at > clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0')
ON CONFLICT (id) DO UPDATE SET shift = excluded.shift
RETURNING id
"""
_BEFORE_SECONDS = 3.0
_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")


def start_senders(product: Stack, workers: int) -> list[str]:
    """Starts so many workers, waits until each works, then the one beat. Gives the workers' names."""
    names = [f"worker-{number + 1}" for number in range(workers)]
    product.start(*names)
    until(lambda: len(product.working(names)) == len(names), _START_SECONDS, "all workers work")
    product.start("beat-1")
    return names


def open_up(product: Stack) -> None:
    """Moves the product's clock to a little before the next reminder is due."""
    moved = product.database.rows(_OPEN_UP, [_BEFORE_SECONDS])
    if not moved:
        raise RuntimeError("the loading took longer than its reminders were ahead")


def settled(product: Stack) -> bool:
    """Whether nothing is in a worker's hands any more: what came is on record too."""
    return not product.database.rows("SELECT 1 FROM reminders_reminder WHERE state IN ('claimed', 'sending') LIMIT 1")


def know_sizes(product: Stack) -> None:
    """Has the database count what its tables hold now, as it does by itself a little later."""
    with closing(linked(product.database.owner_url)) as link, link.cursor() as cursor:
        cursor.execute("ANALYZE")


def linked(url: str) -> Any:
    """A session of that URL, each statement its own transaction."""
    link = psycopg2.connect(urlsplit(url)._replace(scheme="postgresql").geturl())
    link.autocommit = True
    return link


def resident_megabytes(product: Stack, names: Sequence[str]) -> float:
    """The memory of these processes, together."""
    found = [Path(f"/proc/{product.running[name].pid}/status").read_text(encoding="utf-8") for name in names]
    return sum(int(match[1]) for one in found if (match := _RESIDENT.search(one))) / 1024


@dataclass
class Watch:
    """What was seen of the workers' database sessions: the most at a time, and what took too long."""

    most: int = 0
    idle_in_transaction: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


@contextmanager
def watched(product: Stack) -> Iterator[Watch]:
    """Looks at them four times a second while the block runs."""
    seen, over = Watch(), threading.Event()
    link = linked(product.database.app_url)

    def look() -> None:
        while not over.wait(_LOOK_SECONDS):
            with link.cursor() as cursor:
                cursor.execute(_SESSIONS)
                sessions = cursor.fetchall()
            seen.most = max(seen.most, len(sessions))
            for state, seconds, query in sessions:
                words = f"{seconds:.1f} s: {' '.join(query.split())[:120]}"
                if seconds > LONG_SECONDS and state == "active":
                    seen.statements.append(words)
                elif seconds > LONG_SECONDS and state.startswith("idle in transaction"):
                    seen.idle_in_transaction.append(words)

    looking = threading.Thread(target=look, name="watch", daemon=True)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()
        link.close()
