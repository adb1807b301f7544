"""What does a provider's callback change? Stored first, answered fast; applied by the next drain. Receipts only move
an attempt forward: repeated, late and disordered ones change nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from clinics.clock import real_now
from clinics.rows import update_rows
from messaging.models import Attempt, Receipt
from messaging.outcomes import RANKS, AttemptState
from messaging.providers import Report

#: How many receipts a drain applies at once.
BATCH = 1000


def store(clinic_id: int, attempt_id: int, report: Report) -> None:
    """Puts what a provider says into the inbox; what is there already is passed over. Inside `in_clinic`. (Callbacks
    come in by messaging.callbacks.)"""
    receipt = Receipt(clinic_id=clinic_id, attempt_id=attempt_id, **kept(report))
    Receipt.objects.bulk_create([receipt], ignore_conflicts=True)


def words(report: Report) -> dict[str, str]:
    """What a provider says as the columns of an inbox; what it says at length is cut."""
    return {
        "event": report.event[:120],
        "state": report.state,
        "failure": report.failure or "",
        "code": report.code[:20],
        "provider_ref": report.provider_ref[:120],
    }


def kept(report: Report) -> dict[str, Any]:
    """The same, received now."""
    return {**words(report), "received_at": real_now()}


def waiting(own: list[int] | None = None, slots: int = 1, later: str = "0 seconds") -> dict[int, list[int]]:
    """Receipts that are not applied yet: clinic id → receipt ids. Clinics fall by their id into `slots`; of those
    outside the slots in `own` (None: all are) only what has waited for `later`, an interval as PostgreSQL reads it."""
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, clinic_id FROM messaging_receipts(%s, %s::int[], %s, %s::interval)", [BATCH, own, slots, later]
        )
        for receipt_id, clinic_id in cursor.fetchall():
            found.setdefault(clinic_id, []).append(receipt_id)
    return found


def apply(receipt_ids: Sequence[int], now: datetime) -> list[int]:
    """Applies receipts in the order in which they came; gives the messages whose attempts moved. Inside `in_clinic`.

    Those that another drain is just applying are left to it. The attempts are locked in the order of their ids. An
    attempt that provably was not sent and yet is reported as delivered follows the report: it is the better evidence.
    """
    free = Receipt.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    receipts = list(free.filter(pk__in=receipt_ids, applied_at=None).order_by("pk"))
    # Not the keys: a callback that is just being stored refers to its attempt, and must not wait.
    locked = Attempt.objects.select_for_update(of=("self",), no_key=True)
    locked = locked.filter(pk__in={one.attempt_id for one in receipts})
    attempts = {attempt.pk: attempt for attempt in locked.order_by("pk")}
    moved: dict[int, Attempt] = {}
    for receipt in receipts:
        attempt = attempts[receipt.attempt_id]
        if _moves(attempt, receipt):
            moved[attempt.pk] = attempt
    for attempt in moved.values():
        attempt.ended_at = attempt.ended_at or now
    update_rows(Attempt, list(moved.values()), ["state", "failure", "code", "provider_ref", "ended_at"])
    Receipt.objects.filter(pk__in=[one.pk for one in receipts]).update(applied_at=real_now())
    return sorted({attempt.message_id for attempt in moved.values()})


def _moves(attempt: Attempt, receipt: Receipt) -> bool:
    """Takes the receipt over into the attempt when it says more; whether it did."""
    state = AttemptState(receipt.state)
    if RANKS[state] <= RANKS[AttemptState(attempt.state)]:
        return False
    attempt.state, attempt.failure, attempt.code = state, receipt.failure, receipt.code
    attempt.provider_ref = receipt.provider_ref or attempt.provider_ref
    return True
