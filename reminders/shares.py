"""Which clinics does a worker take first? Each has a share of them, so that a mail account keeps few connections.

Clinics fall by their id into slots, and each slot belongs to the living worker that scores highest for it (rendezvous
hashing): when one comes or goes, only what it wins or leaves changes hands. A share is a preference and no right:
whoever has room takes another's clinics too, so nothing waits for a worker that died or is stuck.
"""

import hashlib
from collections.abc import Collection

from reminders import heartbeats

#: Into how many slots clinics fall; several times as many as there may be workers.
SLOTS = 64
#: A worker that has not beaten for so many seconds leaves its share to the others. Of N workers each takes up every
#: N-th ring, and notes it every ten seconds at most.
ALIVE_SECONDS = 30.0
#: By how much others' clinics come later: a claim takes them for served so much later than they were, and what was said
#: of their messages is left to their own worker for so long.
OTHERS_LATER = "10 seconds"


def own_slots(worker: str) -> list[int] | None:
    """The slots of this worker (a part of `reminders.heartbeats`) among those alive; None: all, as it is alone."""
    ages = heartbeats.ages()
    alive = {part for part, age in ages.items() if part.startswith(heartbeats.WORKER) and age < ALIVE_SECONDS}
    others = alive - {worker}
    return share(worker, others) if others else None


def share(worker: str, others: Collection[str]) -> list[int]:
    """The slots of `worker` where `others` live beside it."""
    return [slot for slot in range(SLOTS) if all(_score(worker, slot) > _score(other, slot) for other in others)]


def _score(worker: str, slot: int) -> bytes:
    return hashlib.sha256(f"{slot}/{worker}".encode()).digest()
