"""What becomes of a reminder that cannot even be looked at, as its facts or words cannot be made? Strikes, then an end.

It never stops the others of its batch. Strikes are counted apart from tries: what a mail server refused thrice is not
given up at the first fault of ours. After the last strike it has failed for good, which is one line in the log for the
platform's people, and an Error with its cause on the clinic's pages.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from messaging.outcomes import FailureKind
from reminders.kinds import State
from reminders.models import Reminder
from reminders.queue import Claim

log = logging.getLogger(__name__)

#: A reminder whose facts or words cannot be made fails for good after so many looks, so far apart.
STRIKES = 3
APART = timedelta(minutes=1)


def strike(reminder: Reminder, now: datetime) -> None:
    """Counts a strike; the reminder is looked at again in a while, or has failed. The caller saves it."""
    reminder.strikes += 1
    reminder.failure = FailureKind.PLATFORM_FAULT
    reminder.lease_until = None
    if reminder.strikes < STRIKES:
        reminder.state, reminder.look_at = State.PLANNED, now + APART
        return
    reminder.state, reminder.ended_at = State.FAILED, now
    log.error(
        "ALERT reminder %s of clinic %s failed for good: it could not be decided in %d looks",
        reminder.pk, reminder.clinic_id, STRIKES,
    )  # fmt: skip


def strike_claims(claims: Sequence[Claim], now: datetime, *, whole_clinic: bool) -> None:
    """The same for claims that could not be prepared even one by one, as far as they are ours. Inside `in_clinic`.

    Where nothing of a `whole_clinic` can be, the fault is hardly theirs: they come back when their lease is over, until
    somebody mends it or their deadline has passed."""
    epochs = {claim.reminder_id: claim.epoch for claim in claims}
    ours = Reminder.objects.select_for_update(of=("self",)).filter(pk__in=epochs, state=State.CLAIMED).order_by("pk")
    for reminder in ours:
        if reminder.epoch == epochs[reminder.pk] and (not whole_clinic or reminder.deadline <= now):
            strike(reminder, now)
            reminder.save(update_fields=["state", "look_at", "lease_until", "strikes", "failure", "ended_at"])
