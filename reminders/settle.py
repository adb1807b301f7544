"""How did it end? Takes what the attempts say and moves their reminders on. The only way out of `sending`.

The drain calls it for attempts whose calls ended and for lost leases alike: an attempt says the same whoever asks.
Inside `in_clinic`.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from clinics.clock import real_now
from clinics.rows import update_rows
from messaging.evidence import last_attempts, settle_abandoned
from messaging.models import Attempt
from messaging.outcomes import AttemptState, FailureKind, next_try
from reminders.kinds import State
from reminders.models import Reminder

_CHANGED = ["state", "look_at", "lease_until", "tries", "failure", "handed_over_at", "ended_at"]


def settle_calls(reminder_ids: Sequence[int], now: datetime) -> None:
    """Moves on the reminders whose attempts' calls ended; the others stay in `sending` until their lease is over. What
    a worker says late, of a reminder that was given up as uncertain, counts as evidence."""
    reminders = list(Reminder.objects.select_for_update(of=("self",)).filter(
        pk__in=reminder_ids, state__in=[State.SENDING, State.UNCERTAIN]
    ).order_by("pk"))  # fmt: skip
    _move_on(reminders, now)


def settle_lost(reminder_ids: Sequence[int], now: datetime) -> None:
    """Settles reminders whose lease is over: a claim goes back to the plan, an attempt is asked for its marks, and one
    that stayed unknown until the wait for evidence was over is uncertain."""
    real = real_now()
    reminders = list(Reminder.objects.select_for_update(of=("self",), skip_locked=True).filter(
        pk__in=reminder_ids, state__in=[State.CLAIMED, State.SENDING], lease_until__lt=real
    ).order_by("pk"))  # fmt: skip
    claimed = [reminder for reminder in reminders if reminder.state == State.CLAIMED]
    for reminder in claimed:
        reminder.state, reminder.lease_until = State.PLANNED, None
    update_rows(Reminder, claimed, ["state", "lease_until"])
    sending = [reminder for reminder in reminders if reminder.state == State.SENDING]
    already_unknown = _unknown(sending)
    settle_abandoned([one.message_id for one in sending if one.message_id], now)
    _move_on(sending, now, waited_for=already_unknown)


def _unknown(reminders: list[Reminder]) -> frozenset[int]:
    last = last_attempts([one.message_id for one in reminders if one.message_id])
    return frozenset(
        one.pk for one in reminders if one.message_id in last and last[one.message_id].state == AttemptState.UNKNOWN
    )


def _move_on(reminders: list[Reminder], now: datetime, waited_for: frozenset[int] = frozenset()) -> None:
    last = last_attempts([one.message_id for one in reminders if one.message_id])
    real = real_now()
    changed = []
    for reminder in reminders:
        attempt = last.get(reminder.message_id or 0)
        if attempt is None or attempt.state == AttemptState.SENDING:
            continue
        if attempt.state == AttemptState.FAILED:
            _after_failure(reminder, attempt, now)
        elif attempt.state == AttemptState.UNKNOWN:
            if reminder.state == State.UNCERTAIN:
                continue
            _after_unknown(reminder, now, real, waited=reminder.pk in waited_for)
        else:
            reminder.state, reminder.failure = State.HANDED_OVER, ""
            reminder.handed_over_at = reminder.ended_at = attempt.ended_at
            reminder.tries, reminder.lease_until = reminder.tries + 1, None
        changed.append(reminder)
    update_rows(Reminder, changed, _CHANGED)


def _after_failure(reminder: Reminder, attempt: Attempt, now: datetime) -> None:
    """Provably not sent: the next try if the kind allows one before the deadline. An attempt that was never called
    costs no try."""
    kind = FailureKind(attempt.failure)
    reminder.lease_until = None
    if attempt.called_at is not None:
        reminder.tries += 1
    again = next_try(now, max(reminder.tries, 1), kind, random.Random(attempt.token))
    if kind is not FailureKind.NEVER_CALLED:
        reminder.failure = kind
    if again is None or reminder.state == State.UNCERTAIN:  # given up: a person decides about another try
        reminder.state, reminder.ended_at = State.FAILED, now
    elif again >= reminder.deadline:
        reminder.state, reminder.ended_at = State.EXPIRED, now
    else:
        reminder.state, reminder.look_at = State.PLANNED, again


def _after_unknown(reminder: Reminder, now: datetime, real: datetime, *, waited: bool) -> None:
    """It may have been sent: wait for evidence, for 15 minutes or until the deadline, then say so. Never again by
    itself."""
    if waited:
        reminder.state, reminder.ended_at, reminder.lease_until = State.UNCERTAIN, now, None
        return
    left = max(reminder.deadline - now, timedelta(0))
    reminder.lease_until = real + min(timedelta(seconds=settings.RECONCILE_SECONDS), left)
