"""What is to be done next, in which clinic? The reads across clinics, by functions that see ids and times only."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from reminders.shares import OTHERS_LATER, SLOTS

#: How many reminders of a clinic a claim takes: what one lane sends over one connection.
CLAIM_EACH = 20
#: How many clinics a claim takes at most: what it takes is prepared before the next one.
CLAIM_CLINICS = 12
#: How many appointments the plan, and how many lost leases the settling, takes at once.
BATCH = 500
#: How many clinics are walked side by side.
WALKING = 50


@dataclass(frozen=True)
class Claim:
    """A reminder that is ours until its lease ends; writes carry the epoch."""

    reminder_id: int
    epoch: int


def claim(
    now: datetime, busy: Iterable[int] = (), clinics: int = CLAIM_CLINICS, own: list[int] | None = None
) -> dict[int, list[Claim]]:
    """Claims reminders whose moment has come, of up to `clinics` clinics, those served least recently first. Passes
    over the clinics in `busy`, and those of which workers have so much in hand that another lane would pass
    settings.IN_FLIGHT_EACH. `own` are the slots of the worker's share (reminders.shares). Gives clinic id → claims."""
    lease, lanes = f"{settings.LEASE_SECONDS} seconds", min(clinics, CLAIM_CLINICS)
    rows = _rows(
        "SELECT clinic_id, id, epoch FROM reminders_claim("
        "%s, %s::bigint[], %s::int[], %s, %s::interval, %s, %s, %s, %s::interval)",
        [now, list(busy), own, SLOTS, OTHERS_LATER, lanes, CLAIM_EACH, settings.IN_FLIGHT_EACH, lease],
    )
    claims: dict[int, list[Claim]] = defaultdict(list)
    for clinic_id, reminder_id, epoch in rows:
        claims[clinic_id].append(Claim(reminder_id, epoch))
    return dict(claims)


def lost() -> dict[int, list[int]]:
    """Reminders whose lease, or wait for evidence, is over: clinic id → reminder ids."""
    return _by_clinic(_rows("SELECT clinic_id, id FROM reminders_lost(%s)", [BATCH]))


def undelivered(now: datetime) -> dict[int, list[int]]:
    """Reminders whose delivery was waited for long enough: clinic id → reminder ids."""
    return _by_clinic(_rows("SELECT clinic_id, id FROM reminders_undelivered(%s, %s)", [now, BATCH]))


def behind() -> dict[int, list[int]]:
    """Appointments whose plan is behind: clinic id → appointment ids."""
    return _by_clinic(_rows("SELECT clinic_id, id FROM reminders_behind(%s)", [BATCH]))


def still_behind(appointment_ids: Sequence[int]) -> list[int]:
    """Those of these appointments whose plan is behind now; inside `in_clinic`."""
    rows = _rows(
        "SELECT id FROM appointments_appointment WHERE id = ANY(%s) AND revision <> planned_revision",
        [list(appointment_ids)],
    )
    return [appointment_id for (appointment_id,) in rows]


def walking() -> list[int]:
    """Clinics whose plan is being made again, those that asked first first."""
    return [clinic_id for (clinic_id,) in _rows("SELECT clinic_id FROM reminders_walking(%s)", [WALKING])]


def next_moment() -> tuple[datetime | None, bool]:
    """When the next open reminder is looked at, and whether anything is claimed or sending."""
    look_at, busy = _rows("SELECT look_at, busy FROM reminders_next()", [])[0]
    return look_at, busy


def _by_clinic(rows: list[tuple[Any, ...]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for clinic_id, row_id in rows:
        found[clinic_id].append(row_id)
    return dict(found)


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
