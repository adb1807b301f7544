"""How does a campaign talk to the program that forks senders (pointed.py)? An order a line, and an answer a line."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from config.local.foreground import python
from config.local.places import ROOT
from tests.faults.stack import Stack

#: Of each reminder of the last claim: its state, that of its newest attempt, and whether that was marked as called.
STATES = """
SELECT r.id, r.state, coalesce(t.state, '') AS attempt, t.called_at IS NOT NULL AS called
FROM reminders_reminder r LEFT JOIN LATERAL (
    SELECT state, called_at FROM messaging_attempt t
    WHERE t.clinic_id = r.clinic_id AND t.message_id = r.message_id ORDER BY number DESC LIMIT 1) t ON true
WHERE r.id = ANY (%s) ORDER BY r.id
"""


Senders = subprocess.Popen[str]


@contextmanager
def senders_of(product: Stack) -> Iterator[Senders]:
    """The program that forks the senders."""
    variables = {**product.variables, "SENDER_THREADS": "1", "PGAPPNAME": "pointed"}
    with (product.folder / "pointed.log").open("ab") as log:
        child = subprocess.Popen(
            python("-m", "tests.faults.pointed"), cwd=ROOT, env=variables, stderr=log, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    try:
        yield child
    finally:
        assert child.stdin and child.stdout
        child.stdin.close()
        child.stdout.close()
        child.wait()


def tell(senders: Senders, order: dict[str, Any]) -> dict[str, Any]:
    """Gives an order and waits for the answer. Raises RuntimeError where the program has ended."""
    assert senders.stdin and senders.stdout
    senders.stdin.write(f"{json.dumps(order)}\n")
    senders.stdin.flush()
    said = senders.stdout.readline()
    if not said:
        raise RuntimeError(f"the senders' program ended with {senders.wait()}")
    return dict(json.loads(said))
