"""What becomes of a callback about a message that nobody here knows? Kept for a day, then reported.

An attempt is committed before its call, so a callback always finds it; unless the database was set back to an earlier
state, or the attempt was deleted. What is kept is what the account itself signed. Should its attempt come back, it is a
receipt like any other.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from clinics.clock import real_now
from messaging import receipts
from messaging.models import Attempt, Orphan
from messaging.outcomes import AttemptState, FailureKind
from messaging.providers import Report

log = logging.getLogger(__name__)

#: How many orphans a drain looks at, and how many senders may have one account.
BATCH, MOST_SENDERS = 200, 10


@dataclass(frozen=True)
class Claimed:
    """A sender that may be the one of which a callback says that it comes from it."""

    sender_id: int
    clinic_id: int


def claimed(provider: str, account: str) -> list[Claimed]:
    """The senders of that account, in whichever clinic; ids only. The callback is not verified by that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, clinic_id FROM messaging_senders_of(%s, %s, %s)", [provider, account, MOST_SENDERS])
        return [Claimed(*row) for row in cursor.fetchall()]


def keep(clinic_id: int, sender_id: int, token: str, report: Report) -> None:
    """Puts it aside; one that is there already is passed over. Inside `in_clinic`."""
    orphan = Orphan(clinic_id=clinic_id, sender_id=sender_id, token=token, **receipts.kept(report))
    Orphan.objects.bulk_create([orphan], ignore_conflicts=True)


def due() -> dict[int, list[int]]:
    """Orphans whose attempt has come, or whose time is over: clinic id → orphan ids."""
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, clinic_id FROM messaging_orphans(%s::interval, %s)",
            [f"{settings.ORPHAN_SECONDS} seconds", BATCH],
        )
        for orphan_id, clinic_id in cursor.fetchall():
            found.setdefault(clinic_id, []).append(orphan_id)
    return found


def settle(clinic_id: int, orphan_ids: Sequence[int]) -> None:
    """Gives those whose attempt has come to it, and reports the others. Inside `in_clinic`."""
    orphans = list(Orphan.objects.select_for_update(of=("self",)).filter(pk__in=orphan_ids, reported_at=None))
    attempts = dict(Attempt.objects.filter(token__in=[one.token for one in orphans]).values_list("token", "pk"))
    for one in orphans:
        if one.token in attempts:
            receipts.store(clinic_id, attempts[one.token], _report(one))
            one.delete()
            continue
        one.reported_at = real_now()
        one.save(update_fields=["reported_at"])
        log.warning(
            "clinic %s: sender %s reports %s of %s, a message that nobody here knows",
            clinic_id, one.sender_id, one.state, one.provider_ref,
        )  # fmt: skip


def _report(one: Orphan) -> Report:
    failure = FailureKind(one.failure) if one.failure else None
    return Report(one.event, AttemptState(one.state), one.provider_ref, failure, one.code)
