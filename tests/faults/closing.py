"""What is asked at the end of every campaign, whatever it did? One judgement, and one SQL statement for what is open.

Each reminder against what the outside world received; nothing open after its deadline; no callback refused; no process
that ended by itself.
"""

from collections.abc import Collection
from dataclasses import dataclass

from tests.faults import ground
from tests.faults.stack import Stack

#: A campaign counts in tenths: the scorecard's 15 minutes.
OVERDUE_SECONDS = 90.0


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


def close(product: Stack, *, may_stay: Collection[str] = (), overdue_seconds: float = OVERDUE_SECONDS) -> Closing:
    """Asks all of it. `may_stay`: the ended states in which a reminder of this campaign may rightly not have gone."""
    arrivals = [*ground.read_arrivals(product.outside), *ground.read_texts(product.outside)]
    rows = ground.read_rows(product.database)
    judgement = ground.judge(rows, arrivals, may_stay)
    findings = [*judgement.faults, *ground.overdue(product.database, overdue_seconds)]
    findings += ground.refused_callbacks(product.outside)
    findings += [f"died by itself: {name}" for name in product.dead()]
    return Closing(judgement, findings, arrivals, rows)
