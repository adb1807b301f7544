"""What becomes of a reminder that cannot even be looked at, as its facts or words cannot be made? Strikes, then an end.

It never stops the others of its batch. Strikes are counted apart from tries: what a mail server refused thrice is not
given up at the first fault of ours. After the last strike it has failed for good, which is one line in the log for the
platform's people, and an Error with its cause on the clinic's pages.
"""

import logging
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


def strike_claim(claim: Claim, now: datetime) -> None:
    """The same for a claim that could not be prepared even alone; none if it is not ours any more. In `in_clinic`."""
    ours = Reminder.objects.select_for_update(of=("self",)).filter(state=State.CLAIMED, epoch=claim.epoch)
    for reminder in ours.filter(pk=claim.reminder_id):
        strike(reminder, now)
        reminder.save(update_fields=["state", "look_at", "lease_until", "strikes", "failure", "ended_at"])
