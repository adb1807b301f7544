"""What is to be done next, in which clinic? The reads across clinics, by functions that see ids and times only."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

#: How many reminders a claim takes in all, and of each clinic: clinics take turns, so that none waits for another.
CLAIM_LIMIT = 400
CLAIM_EACH = 20
#: How many appointments the plan, and how many lost leases the settling, takes at once.
BATCH = 500
#: How many clinics are walked side by side.
WALKING = 50


@dataclass(frozen=True)
class Claim:
    """A reminder that is ours until its lease ends; writes carry the epoch."""

    reminder_id: int
    epoch: int


def claim(now: datetime, after: int, busy: Iterable[int]) -> dict[int, list[Claim]]:
    """Claims reminders whose moment has come, clinic by clinic in turn after the clinic `after`, passing over the
    clinics in `busy`. Gives clinic id → claims."""
    lease = f"{settings.LEASE_SECONDS} seconds"
    rows = _rows(
        "SELECT clinic_id, id, epoch FROM reminders_claim(%s, %s, %s::bigint[], %s, %s, %s::interval)",
        [now, after, list(busy), CLAIM_LIMIT, CLAIM_EACH, lease],
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
