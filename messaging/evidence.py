"""What do we know of attempts whose worker was lost? Their marks tell. Inside `in_clinic`, reminders locked."""

from collections.abc import Sequence
from datetime import datetime

from messaging.models import Attempt
from messaging.outcomes import AttemptState, FailureKind


def settle_abandoned(message_ids: Sequence[int], now: datetime) -> None:
    """Settles attempts that still stand as `sending` although their lease is over.

    Never marked as called: provably not sent. Marked: nobody can say, so `unknown`; it may still be moved on by what
    the worker itself says late, or by evidence.
    """
    abandoned = Attempt.objects.filter(message__in=message_ids, state=AttemptState.SENDING)
    abandoned.filter(called_at=None).update(
        state=AttemptState.FAILED, failure=FailureKind.NEVER_CALLED, ended_at=now, detail="its worker was lost"
    )
    abandoned.update(state=AttemptState.UNKNOWN, ended_at=now, detail="its worker was lost during the call")


def last_attempts(message_ids: Sequence[int]) -> dict[int, Attempt]:
    """The newest attempt of each message, by message id."""
    rows = Attempt.objects.filter(message__in=message_ids).order_by("message", "number")
    return {attempt.message_id: attempt for attempt in rows}
