"""What if a newer release migrates the database, and works on it, while this one sends?

RELIABILITY.md F44: what a newer release adds (columns, a table, an index, states) is in nobody's way, and what it has
put into a state that this release does not know stays with it. A migration waits two seconds for a lock, as everybody
queues behind it, and is run again.
"""

import time
from contextlib import closing, suppress

from psycopg2.errors import LockNotAvailable

from tests.faults.assault import Shape, loaded
from tests.faults.closing import close
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.senders import linked, settled, start_senders
from tests.faults.stack import Stack
from tests.faults.waiting import TooLate, until

_REMINDERS, _PARKED, _STATE = 2_000, 20, "parked_new"
_END_SECONDS, _MOST_TRIES = 240.0, 30
_MIGRATION = (
    "ALTER TABLE reminders_reminder ADD COLUMN newer_note text NOT NULL DEFAULT ''",
    "ALTER TABLE messaging_attempt ADD COLUMN newer_rank int",
    "ALTER TABLE appointments_appointment ADD COLUMN newer_room text",
    "CREATE TABLE reminders_newer (id bigserial PRIMARY KEY)",
    "CREATE INDEX CONCURRENTLY reminders_newer_note ON reminders_reminder (clinic_id, newer_note)",
)
_PARK = """
UPDATE reminders_reminder SET state = %s, newer_note = 'no credit' WHERE id IN (
    SELECT id FROM reminders_reminder WHERE state = 'planned' ORDER BY look_at DESC, id DESC LIMIT %s
    FOR UPDATE SKIP LOCKED) RETURNING id
"""
_STILL = "SELECT id FROM reminders_reminder WHERE state = %s"
_GO_ON = "UPDATE reminders_reminder SET state = 'planned' WHERE state = %s RETURNING id"


def run(order: Order) -> Outcome:
    """2,000 reminders at scale 1, three in ten of them SMS; 20 of them are the newer release's for a while."""
    began, findings = time.monotonic(), list[str]()
    due = max(300, round(_REMINDERS * order.scale))
    tries = parked = 0
    with loaded(Shape(due, strikes=0, delay=0.2, sms=0.3), order.seed) as product:
        start_senders(product, 2)
        try:
            until(lambda: product.outside.taken() >= due // 10, _END_SECONDS, "some are out")
            tries = _migrate(product)
            parked = len(product.database.rows(_PARK, [_STATE, _PARKED]))
            until(lambda: product.outside.taken() >= due - parked and settled(product), _END_SECONDS, "the rest is out")
            still = len(product.database.rows(_STILL, [_STATE]))
            findings += [f"{parked - still} of {parked} were taken from the newer release"] if still < parked else []
            product.database.rows(_GO_ON, [_STATE])
            until(lambda: product.outside.taken() >= due and settled(product), _END_SECONDS, "all is out")
        except TooLate as late:
            findings.append(str(late))
        closed = close(product)
    findings += [*closed.findings, *(["nothing was left for the newer release"] if not parked else [])]
    figures: dict[str, object] = {"runs": 1, "seed": order.seed, "reminders": due, **closed.figures()}
    figures |= {"migrations": tries, "parked": parked, "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings and not closed.judgement.unknown, findings, closed.judgement.unknown)


def _migrate(product: Stack) -> int:
    """As `manage.py migrate` does it, again wherever a lock was not to be had; how many tries it took."""
    tries = 0
    with closing(linked(product.database.owner_url)) as link, link.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        for statement in _MIGRATION:
            for _ in range(_MOST_TRIES):
                tries += 1
                with suppress(LockNotAvailable):
                    cursor.execute(statement)
                    break
            else:
                raise TooLate(f"the newer release never got its lock: {statement}")
    return tries


CAMPAIGNS = (Campaign("releases", run, (), "0 lost, 0 twice, what the newer release holds stays with it"),)
