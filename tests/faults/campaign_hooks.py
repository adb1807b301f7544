"""Is every callback stored at once, and none lost while the database is away? Thousands, signed as Twilio signs them.

RELIABILITY.md scorecard 27. First the database is away for a while: what is posted then must be answered with 503, and
is not repeated here: the product's own asking must bring it in. Then the flood, while that goes on: all of it must be
answered with 204 and stand in the inbox, and in the end every message of it is known to be delivered.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.faults.pace import Pace
from tests.faults.posting import Answers, Ready, post
from tests.faults.registry import ALONE, Campaign
from tests.faults.report import Order, Outcome
from tests.faults.senders import know_sizes, open_up, settled, start_senders
from tests.faults.stack import Stack, stack
from tests.faults.statuses import about, taken_over
from tests.faults.throng import SMS, Group, words
from tests.faults.waiting import TooLate, until

#: Callbacks a second, for how many seconds at scale 1, and what is said of each message.
_RATE, _SECONDS, _STATUSES = 500, 300, ("queued", "sending", "sent", "delivered")
_P99 = 0.5
#: For how many seconds the database is away at scale 1 and at least, and callbacks a second meanwhile.
_AWAY_SECONDS, _AWAY_AT_LEAST, _AWAY_RATE = 30, 5, 10
#: A tenth of 20 minutes; and how long the flood may take to be applied.
_RECOVERY_SECONDS, _APPLY_SECONDS = 120.0, 60.0
_CLINICS = 40
#: The provider is asked a tenth of 15 minutes after the hand-over.
_PACE = Pace()
#: The flood's messages are copies that the provider does not know: it is not to be asked about them.
_NOT_ASKED = "UPDATE messaging_attempt SET next_look_at = NULL WHERE id > %s RETURNING id"
_STORED = "SELECT count(*) AS n FROM messaging_receipt WHERE attempt_id > %s"
_UNAPPLIED = "SELECT count(*) AS n FROM messaging_attempt WHERE id > %s AND state <> 'delivered'"
#: Of the messages up to one: those that never learnt of their delivery, and when the last one did.
_RECOVERED = """
SELECT count(*) FILTER (WHERE t.state <> 'delivered') AS missing,
       coalesce(max(extract(epoch FROM r.at - %s::timestamptz)), 0)::float AS seconds
FROM messaging_attempt t LEFT JOIN LATERAL (
    SELECT min(received_at) AS at FROM messaging_receipt WHERE attempt_id = t.id AND state = 'delivered'
) r ON true WHERE t.id <= %s
"""


def run(order: Order) -> Outcome:
    """500 callbacks a second for five minutes at scale 1, and 30 seconds without a database."""
    began = time.monotonic()
    away = max(_AWAY_AT_LEAST, round(_AWAY_SECONDS * order.scale)) * _AWAY_RATE
    many = max(100, round(_RATE * _SECONDS * order.scale / len(_STATUSES)))
    with stack(_PACE, own_server=True) as product:
        product.start_sandbox()
        product.start_web()
        known = _send(product, away)
        outage, back_at = _without_database(product, about(product, known, ("delivered",), _AWAY_RATE))
        last = known[-1]["id"]
        product.run("-m", "tests.faults.old_log", str(many))
        product.database.rows(_NOT_ASKED, [last])
        know_sizes(product)
        flood = about(product, taken_over(product, last), _STATUSES, _RATE)
        answers = post(product.web_port, flood)
        found = _Found(len(flood), flood=answers, outage=outage)
        found.stored = product.database.rows(_STORED, [last])[0]["n"]
        with suppress(TooLate):
            until(lambda: not product.database.rows(_UNAPPLIED, [last])[0]["n"], _APPLY_SECONDS, "all is applied")
        found.unapplied = product.database.rows(_UNAPPLIED, [last])[0]["n"]
        found.missing, found.recovery = _recovered(product, back_at, last)
        findings = [*found.findings(), *(f"died by itself: {name}" for name in product.dead())]
    figures: dict[str, object] = {"runs": 1, "seed": order.seed, **found.figures()}
    return Outcome(figures | {"seconds": round(time.monotonic() - began, 1)}, not findings, findings)


@dataclass
class _Found:
    """What came of it."""

    callbacks: int
    flood: Answers
    outage: Answers
    stored: int = 0
    unapplied: int = 0
    missing: int = 0
    recovery: float = 0.0

    @property
    def lost(self) -> int:
        """How many are not in the inbox."""
        return self.callbacks - self.stored

    def findings(self) -> Iterator[str]:
        """What must not be."""
        if self.lost:
            yield f"{self.lost} of {self.callbacks} callbacks are not in the inbox"
        if self.flood.percentile(0.99) > _P99:
            yield f"p99 is {self.flood.percentile(0.99):.2f} s"
        yield from (f"answered with {code}: {count}" for code, count in _others(self.flood, 204))
        yield from (f"without a database answered with {code}: {count}" for code, count in _others(self.outage, 503))
        if self.unapplied:
            yield f"{self.unapplied} messages do not stand as delivered, though their provider said so"
        if self.missing:
            yield f"{self.missing} messages never learnt what was said while the database was away"
        if self.recovery > _RECOVERY_SECONDS:
            yield f"the last message learnt it after {self.recovery:.0f} s"

    def figures(self) -> dict[str, object]:
        """As the line prints them."""
        figures: dict[str, object] = {"callbacks": self.callbacks, "rate": _RATE}
        figures |= {f"p{part}": round(self.flood.percentile(part / 100), 3) for part in (50, 99)}
        figures |= {"lost": self.lost, "duplicated": 0, "unknown": 0, "refused_503": self.outage.counts[503]}
        return figures | {"unrecovered": self.missing, "recovered_in": round(self.recovery, 1)}


def _others(answers: Answers, rightly: int) -> list[tuple[int, int]]:
    return [(code, count) for code, count in answers.counts.items() if count and code != rightly]


def _send(product: Stack, count: int) -> list[dict[str, Any]]:
    """So many SMS, or a few more, that the provider took over and says nothing of by itself."""
    group = Group("hooks", _CLINICS, -(-count // _CLINICS), channel=SMS)
    product.run(*words([group]))
    product.outside.fault("callback_none")
    start_senders(product, 2)
    open_up(product)
    until(lambda: product.outside.taken() >= group.reminders and settled(product), 300, "all SMS are out")
    return taken_over(product)


def _without_database(product: Stack, posts: Sequence[Ready]) -> tuple[Answers, Any]:
    """What is answered while it is away, and when it is back, by its own clock."""
    server = product.own_server
    assert server
    server.stop()
    try:
        answers = post(product.web_port, posts)
    finally:
        server.postgres.start()
    return answers, product.database.rows("SELECT clock_timestamp() AS at")[0]["at"]


def _recovered(product: Stack, back_at: Any, last: int) -> tuple[int, float]:
    """How many messages do not know what was said while the database was away, once that had time enough; and after
    how many seconds the last one did."""

    def found() -> dict[str, Any]:
        return product.database.rows(_RECOVERED, [back_at, last])[0]

    with suppress(TooLate):
        until(lambda: not found()["missing"], _RECOVERY_SECONDS, "all is recovered")
    return found()["missing"], found()["seconds"]


CAMPAIGNS = (
    Campaign("hooks", run, (27,), "p99 <= 500 ms, 0 lost; 503 without a database, and recovered", share=ALONE),
)
