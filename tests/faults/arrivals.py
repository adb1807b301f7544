"""How long did each message take from its due moment to the outside world? Read from the sandbox's own files.

The control API parses every text; here tens of thousands are counted, so the record's rows are read where they lie.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import ground
from tests.faults.stack import Stack
from tests.faults.throng import LEAD_HOURS

_MAILS = "SELECT recipient, received_real, kept, accepted, fault FROM messages ORDER BY id"
_TEXTS = "SELECT recipient, received_real, 1 AS kept, 1 AS accepted, fault FROM messages ORDER BY id"
#: When each should have left, by real time and the appointments themselves: their one rule names LEAD_HOURS before.
_DUE = f"""
SELECT c.slug, p.email, n.e164, extract(epoch FROM a.start - interval '{LEAD_HOURS} hours' - (
       SELECT coalesce(max(shift), interval '0') FROM clinics_clock))::float AS due
FROM appointments_appointment a
JOIN clinics_clinic c ON c.id = a.clinic_id
JOIN patients_patient p ON p.id = a.patient_id
LEFT JOIN patients_phone n ON n.patient_id = p.id
WHERE c.slug LIKE %s
"""


@dataclass(frozen=True)
class Came:
    """A message in the outside world: to whom, when by real time, and whether the patient has it."""

    address: str
    at: float
    kept: bool
    accepted: bool
    fault: str | None


def came(product: Stack) -> list[Came]:
    """Everything that the outside world has."""
    folder = product.folder / "sandbox"
    found = [(folder / "truth.sqlite3", _MAILS), (folder / "sms.sqlite3", _TEXTS)]
    return [Came(row[0].lower(), *row[1:]) for file, statement in found for row in _read(file, statement)]


def _read(file: Path, statement: str) -> list[tuple[str, float, bool, bool, str | None]]:
    with closing(_opened(file)) as link:
        return list(link.execute(statement))


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)


def count(product: Stack, pattern: str) -> int:
    """How many mails came to addresses like that."""
    statement = "SELECT count(*) FROM messages WHERE kept AND recipient LIKE ?"
    with closing(_opened(product.folder / "sandbox" / "truth.sqlite3")) as link:
        return int(link.execute(statement, (pattern,)).fetchone()[0])


def as_arrivals(messages: Iterable[Came]) -> list[ground.Arrival]:
    """The same for the judge."""
    return [ground.Arrival(one.address, bool(one.kept), bool(one.accepted), one.fault) for one in messages]


@dataclass
class Waits:
    """Seconds from due moment to arrival, in order; how many never came, and how many came twice."""

    seconds: list[float] = field(default_factory=list)
    missing: int = 0
    twice: int = 0

    def share_within(self, seconds: float) -> float:
        """Which part came so soon; what never came did not."""
        whole = len(self.seconds) + self.missing
        return sum(one <= seconds for one in self.seconds) / whole if whole else 0.0

    def percentile(self, percent: float) -> float:
        """So many of a hundred took no longer; infinite where what never came is among them."""
        whole = len(self.seconds) + self.missing
        rank = max(0, -int(-whole * percent // 100) - 1)
        return round(self.seconds[rank], 2) if rank < len(self.seconds) else float("inf")

    def figures(self) -> dict[str, object]:
        """As they are printed."""
        within = f"{100 * self.share_within(10):.2f}%"
        return {
            "within_10s": within,
            "p50": self.percentile(50),
            "p95": self.percentile(95),
            "p99": self.percentile(99),
        }


def waits(product: Stack, group: str, messages: Sequence[Came]) -> Waits:
    """Of all reminders of the clinics of that group."""
    when: dict[str, list[float]] = defaultdict(list)
    for one in messages:
        if one.kept:
            when[one.address].append(one.at)
    found = Waits()
    for row in product.database.rows(_DUE, [f"{group}-%"]):
        times = when[row["email"]] + when[row["e164"]]
        found.twice += len(times) > 1
        if times:
            found.seconds.append(min(times) - row["due"])
        else:
            found.missing += 1
    found.seconds.sort()
    return found
