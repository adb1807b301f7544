"""How long does it take to make the whole plan of a large clinic again, and do others' reminders wait for it meanwhile?

The product runs as it is started for real: two workers, beat, and the outside world played by the sandbox. Three
figures: the whole (30 s are asked for), the longest wait of another clinic's due reminder during it (the published
promise: within 10 s of due), and what writing the rows at once gains over saving each.
"""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from statistics import median

from tests.bench.big_clinic import APART
from tests.bench.figure import Figure
from tests.faults.stack import UNHURRIED, Stack, stack
from tests.faults.waiting import until

_APPOINTMENTS, _ROWS, _ROUNDS = 100_000, 2000, 6
_MUST_SECONDS, _MUST_WAIT = 30.0, 10.0
_WORKERS = ("worker-1", "worker-2")
#: Reminders of the other clinic: the first fall due before the change, the last after the longest walk.
_OTHERS_SECONDS, _QUIET_SECONDS = 90, 10
_PLANNED_SECONDS = 1200.0
_PROGRAM = ("-m", "tests.bench.big_clinic")

_BEHIND = "SELECT 1 FROM appointments_appointment WHERE revision <> planned_revision LIMIT 1"
_WALKS = "SELECT 1 FROM reminders_planstamp WHERE NOT done LIMIT 1"
_MOVED = """
SELECT count(*) AS n FROM reminders_reminder r JOIN appointments_appointment a ON a.id = r.appointment_id
WHERE r.due_at = a.start - interval '48 hours'
"""


def run() -> Iterator[Figure]:
    """The three figures."""
    with stack(UNHURRIED) as product:
        product.start_sandbox()
        product.run(*_PROGRAM, "fill", str(_APPOINTMENTS))
        product.start(*_WORKERS, "beat-1")
        until(lambda: not product.database.rows(_BEHIND), _PLANNED_SECONDS, "the appointments are planned")
        yield from _walk(product)
        product.kill(*_WORKERS, "beat-1")
        yield _rows(product)


def _walk(product: Stack) -> Iterator[Figure]:
    count = int(_OTHERS_SECONDS / APART.total_seconds())
    due = {
        address: datetime.fromisoformat(at).timestamp()
        for address, at in json.loads(product.run(*_PROGRAM, "others", str(count))).items()
    }
    asked_after = min(due.values()) + _QUIET_SECONDS
    until(lambda: time.time() >= asked_after, _OTHERS_SECONDS, "some went before the change")
    worked = _worked(product)
    began = float(product.run(*_PROGRAM, "change"))
    until(lambda: not product.database.rows(_WALKS), _PLANNED_SECONDS, "the plan is made again")
    ended, used = time.time(), _worked(product) - worked
    moved = product.database.rows(_MOVED)[0]["n"]
    if moved < _APPOINTMENTS:
        raise RuntimeError(f"{moved} reminders of {_APPOINTMENTS} stand in the plan")
    yield Figure(
        ratio=_MUST_SECONDS / (ended - began),
        must=1,
        aim=2,
        metrics={
            "seconds": f"{ended - began:.1f}",
            "appointments": _APPOINTMENTS,
            "workers_cpu_s": f"{used:.1f}",
        },
    )
    yield _waits(product, due, began, ended)


def _waits(product: Stack, due: dict[str, float], began: float, ended: float) -> Figure:
    """How long after its moment each reminder of the other clinic was received, before the walk and during it."""
    meanwhile = {address for address, moment in due.items() if moment <= ended}
    until(lambda: product.outside.taken() >= len(meanwhile), _PLANNED_SECONDS, "what fell due is received")
    arrived = {
        one["recipient"]: datetime.fromisoformat(one["received_at_real"]).timestamp()
        for one in product.outside.messages()
    }
    waits = {address: arrived[address] - due[address] for address in meanwhile}
    during = [wait for address, wait in waits.items() if arrived[address] > began]
    before = [wait for address, wait in waits.items() if arrived[address] <= began]
    return Figure(
        ratio=_MUST_WAIT / max(during),
        must=1,
        aim=3,
        metrics={
            "others": len(during),
            "longest_wait_s": f"{max(during):.2f}",
            "median_wait_s": f"{median(during):.2f}",
            "longest_before_s": f"{max(before, default=0):.2f}",
        },
    )


def _worked(product: Stack) -> float:
    """Seconds of processor time that the workers have used so far."""
    ticks = 0
    for name in _WORKERS:
        with suppress(OSError):
            fields = Path(f"/proc/{product.running[name].pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


def _rows(product: Stack) -> Figure:
    took = json.loads(product.run(*_PROGRAM, "rows", str(_ROWS), str(_ROUNDS)))[1:]
    return Figure(
        ratio=median(each / ours for ours, each in took),
        must=8,
        aim=12,
        metrics={
            "rows": _ROWS,
            "rows_per_s": round(_ROWS / median(ours for ours, _ in took)),
            "saved_per_s": round(_ROWS / median(each for _, each in took)),
        },
    )
