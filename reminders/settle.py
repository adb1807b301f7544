"""How did it end? Takes what the attempts say and moves their reminders on. The only way out of `sending`.

The drain calls it for attempts whose calls ended and for lost leases alike: an attempt says the same whoever asks.
Inside `in_clinic`.
"""

import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from clinics.clock import real_now
from clinics.fetch import fetch
from clinics.rows import update_rows
from messaging.channels import Channel
from messaging.delivery import Begun
from messaging.evidence import can_be_asked, end_uncalled, last_attempts, settle_abandoned
from messaging.models import Attempt
from messaging.outcomes import AttemptState, FailureKind, next_try
from reminders.fallback import close_delivered, delivery_awaited, open_after
from reminders.kinds import State
from reminders.models import Reminder
from reminders.queue import Claim
from reminders.told import note_handed_over

#: States in which what a provider says later still matters; `planned` waits for another try.
_LATE_NEWS = [State.SENDING, State.UNCERTAIN, State.HANDED_OVER, State.FAILED, State.PLANNED]
_CHANGED = [
    "state", "look_at", "lease_until", "awaits_evidence", "tries", "failure", "fallback_at", "handed_over_at",
    "ended_at",
]  # fmt: skip
#: The provider's word that it reached the patient.
_DELIVERED = frozenset({AttemptState.DELIVERED, AttemptState.READ})


def settle_calls(reminder_ids: Sequence[int], now: datetime) -> None:
    """Moves on the reminders whose attempts' calls ended; the others stay in `sending` until their lease is over. What
    a worker says late, of a reminder that was given up as uncertain, counts as evidence."""
    _move_on(_locked("t.id = ANY(%s) AND t.state = ANY(%s)", reminder_ids, [State.SENDING, State.UNCERTAIN]), now)


def settle_messages(message_ids: Sequence[int], now: datetime) -> None:
    """Moves on the reminders of messages of which a provider said something later: a receipt, or an answer."""
    _move_on(_locked("t.message_id = ANY(%s) AND t.state = ANY(%s)", message_ids, _LATE_NEWS), now)


def settle_lost(reminder_ids: Sequence[int], now: datetime) -> list[int]:
    """Settles reminders whose lease is over: a claim goes back to the plan, an attempt is asked for its marks, and one
    that stayed unknown until the wait for evidence was over is uncertain. Gives the messages whose attempts have been
    unknown for a while, for their provider to be asked."""
    reminders = _locked(
        "t.id = ANY(%s) AND t.state IN ('claimed', 'sending') AND t.lease_until < clock_timestamp()",
        reminder_ids,
        skip_locked=True,
    )
    claimed = [reminder for reminder in reminders if reminder.state == State.CLAIMED]
    for reminder in claimed:
        reminder.state, reminder.lease_until = State.PLANNED, None
    update_rows(Reminder, claimed, ["state", "lease_until"])
    sending = [reminder for reminder in reminders if reminder.state == State.SENDING]
    unknown = _unknown(sending)
    settle_abandoned([one.message_id for one in sending if one.message_id], now)
    _move_on(sending, now, waited_for=frozenset(unknown))
    return unknown


def give_back(claims: Sequence[Claim]) -> None:
    """A worker that stops has not begun these: back to the plan at once, instead of after their lease."""
    epochs = {claim.reminder_id: claim.epoch for claim in claims}
    claimed = [one for one in _locked("t.id = ANY(%s) AND t.state = 'claimed'", epochs) if one.epoch == epochs[one.pk]]
    for reminder in claimed:
        reminder.state, reminder.lease_until = State.PLANNED, None
    update_rows(Reminder, claimed, ["state", "lease_until"])


def settle_stopped(begun: Sequence[tuple[int, Begun]], now: datetime) -> None:
    """A worker that stops has begun these: what was not called goes back to the plan at once. What is in a call stays,
    and moves on when that ends, or when its lease is over."""
    reminders = _locked("t.id = ANY(%s) AND t.state = 'sending'", [reminder_id for reminder_id, _ in begun])
    end_uncalled([one.attempt_id for _, one in begun], now)
    _move_on(reminders, now)


def _locked(condition: str, *given: Collection[Any], skip_locked: bool = False) -> list[Reminder]:
    lock = "FOR UPDATE SKIP LOCKED" if skip_locked else "FOR UPDATE"
    return fetch(Reminder, f"{condition} ORDER BY t.id {lock}", [list(one) for one in given])


def _unknown(reminders: list[Reminder]) -> list[int]:
    last = last_attempts([one.message_id for one in reminders if one.message_id])
    return [message_id for message_id, attempt in last.items() if attempt.state == AttemptState.UNKNOWN]


def _move_on(reminders: list[Reminder], now: datetime, waited_for: frozenset[int] = frozenset()) -> None:
    last = last_attempts([one.message_id for one in reminders if one.message_id])
    unknown = any(attempt.state == AttemptState.UNKNOWN for attempt in last.values())
    real = real_now() if unknown else now
    changed = []
    for reminder in reminders:
        attempt = last.get(reminder.message_id or 0)
        if attempt is None or AttemptState(attempt.state) is AttemptState.SENDING:  # or in a newer release's hands
            continue
        if attempt.state == AttemptState.UNKNOWN:
            moved = _after_unknown(reminder, attempt, (now, real), waited=attempt.message_id in waited_for)
        elif attempt.state == AttemptState.FAILED:
            moved = _after_failure(reminder, attempt, now)
        else:
            moved = _after_taking_over(reminder, attempt)
        if moved:
            changed.append(reminder)
    taken = [(one, last[one.message_id or 0]) for one in changed if one.state == State.HANDED_OVER]
    awaited = [(one, attempt) for one, attempt in taken if attempt.state not in _DELIVERED]
    delivered = [one for one in reminders if (at := last.get(one.message_id or 0)) and at.state in _DELIVERED]
    delivery_awaited(awaited, now)
    close_delivered(delivered, now)
    update_rows(Reminder, [*changed, *(one for one in delivered if one not in changed)], _CHANGED)
    note_handed_over([one for one, _ in taken])
    open_after(changed, now)


def _after_taking_over(reminder: Reminder, attempt: Attempt) -> bool:
    """The provider has it, whatever was thought before."""
    if reminder.state == State.HANDED_OVER:
        return False
    reminder.state, reminder.failure = State.HANDED_OVER, ""
    reminder.handed_over_at = reminder.ended_at = attempt.ended_at
    reminder.tries, reminder.lease_until = reminder.tries + 1, None
    return True


def _after_failure(reminder: Reminder, attempt: Attempt, now: datetime) -> bool:
    """Provably not sent: the next try if the kind allows one before the deadline. An attempt that was never called
    costs no try. One that had been taken over, or given up, is not tried again by itself: a person decides."""
    if reminder.state in (State.FAILED, State.PLANNED):
        return False
    kind = FailureKind(attempt.failure)
    reminder.lease_until = None
    if attempt.called_at is not None and reminder.state == State.SENDING:
        reminder.tries += 1
    channel, chance = Channel(reminder.channel), random.Random(attempt.token)
    again = next_try(now, max(reminder.tries, 1), kind, channel, chance)
    if kind is not FailureKind.NEVER_CALLED:
        reminder.failure = kind
    if reminder.state != State.SENDING:
        reminder.state, reminder.ended_at = State.FAILED, now
    elif kind is FailureKind.TOO_LATE or (again is not None and again >= reminder.deadline):
        reminder.state, reminder.ended_at = State.EXPIRED, now
    elif again is None:
        reminder.state, reminder.ended_at = State.FAILED, now
    else:
        reminder.state, reminder.look_at = State.PLANNED, again
    return True


def _after_unknown(reminder: Reminder, attempt: Attempt, at: tuple[datetime, datetime], *, waited: bool) -> bool:
    """It may have been sent: wait for evidence, for 15 minutes or until the deadline, then say so. Never again by
    itself. Where the provider can be asked, it is asked every minute meanwhile, and the minutes are counted in looks:
    our own absence takes none of them away. `at` is (shifted now, real now)."""
    now, real = at
    if reminder.state != State.SENDING:
        return False
    asked = can_be_asked(attempt)
    given_up = attempt.looks * settings.LOOK_SECONDS >= settings.RECONCILE_SECONDS if asked else waited
    if given_up or now >= reminder.deadline:
        reminder.state, reminder.ended_at, reminder.lease_until = State.UNCERTAIN, now, None
        return True
    wait = timedelta(seconds=settings.LOOK_SECONDS if asked else settings.RECONCILE_SECONDS)
    reminder.lease_until = real + min(wait, reminder.deadline - now)
    reminder.awaits_evidence = True
    return True
