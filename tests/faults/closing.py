"""What is asked at the end of every campaign, whatever it did? One judgement, and one SQL statement for what is open.

Each reminder against what the outside world received; nothing open after its deadline; no callback refused; no process
that ended by itself; and the database's own walls against doubles stand.
"""

from collections.abc import Collection
from dataclasses import dataclass

from psycopg2.errors import UniqueViolation

from tests.faults import ground
from tests.faults.database import Database
from tests.faults.stack import Stack

#: A campaign counts in tenths: the scorecard's 15 minutes.
OVERDUE_SECONDS = 90.0

#: Copies of rows that the database itself must refuse, whatever the product does.
_WALLS = {
    "a second live attempt of a message": """
        INSERT INTO messaging_attempt
        SELECT (jsonb_populate_record(t, '{"id": -1, "token": "a copy", "number": 9999}')).*
        FROM messaging_attempt t WHERE t.state IN ('accepted', 'delivered', 'unknown') LIMIT 1 RETURNING id""",
    "a second reminder of one trigger": """
        INSERT INTO reminders_reminder SELECT (jsonb_populate_record(r, '{"id": -1}')).*
        FROM reminders_reminder r LIMIT 1 RETURNING id""",
}


@dataclass(frozen=True)
class Closing:
    """What was found; `arrivals` and `rows` are what it was judged by."""

    judgement: ground.Judgement
    findings: list[str]
    arrivals: list[ground.Arrival]
    rows: list[ground.Row]

    def figures(self) -> dict[str, int]:
        """The counts, as the line prints them."""
        found = self.judgement
        return {
            "lost": len(found.lost),
            "duplicated": len(found.duplicated),
            "unknown": len(found.unknown),
            "unknown_sms": len(found.unknown_sms),
            "disagreeing": len(found.disagreeing),
        }


def close(
    product: Stack,
    *,
    may_stay: Collection[str] = (),
    overdue_seconds: float = OVERDUE_SECONDS,
    askable: bool = True,
) -> Closing:
    """Asks all of it. `may_stay`: the ended states in which a reminder of this campaign may rightly not have gone;
    `askable`: the provider of SMS could be asked."""
    arrivals = [*ground.read_arrivals(product.outside), *ground.read_texts(product.outside)]
    rows = ground.read_rows(product.database)
    judgement = ground.judge(rows, arrivals, may_stay, askable=askable)
    findings = [*judgement.faults, *ground.overdue(product.database, overdue_seconds)]
    findings += ground.refused_callbacks(product.outside)
    findings += [f"died by itself: {name}" for name in product.dead()]
    findings += fallen_walls(product.database)
    return Closing(judgement, findings, arrivals, rows)


def fallen_walls(database: Database) -> list[str]:
    """Which doubles the database took. Asked last, as what it takes stays."""
    fallen = []
    for words, statement in _WALLS.items():
        try:
            if database.rows(statement):
                fallen.append(f"the database takes {words}")
        except UniqueViolation:
            pass
    return fallen
