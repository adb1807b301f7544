"""Of which messages has the provider not said what became of them? It is asked, and after three days given up.

A provider repeats a lost callback for seconds, not for hours. So what it took over and has reported no end of is looked
up by its reference 15 minutes, 1, 6, 24 and 72 hours after the hand-over (settings.RECEIPT_SECONDS), in real time: the
provider's work does not follow the sandbox's clock. An answer is a receipt like any other. After the last look the
attempt stays accepted, and the log says that no receipt came; a callback counts however late it comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from clinics.clock import real_now
from messaging.delivery import account_or_empty
from messaging.models import Attempt
from messaging.outcomes import AttemptState
from messaging.providers import Account, CannotTell, Report, provider
from messaging.receipts import store

#: How long a question may be under way before another drain asks it again: its asker may have died.
LEASE = timedelta(minutes=5)
#: A look that came a little early counts for its wait: the first one is counted from the begin, not from the call.
_EARLY = 1.1


@dataclass(frozen=True)
class Unheard:
    """What to ask a provider about a message that it took over; plain values for a thread without a connection."""

    attempt_id: int
    account: Account
    provider_ref: str

    def ask(self) -> Report | CannotTell:
        """One look at the provider. What was taken over without a reference cannot be looked up."""
        if not self.provider_ref:
            return CannotTell()
        return provider(self.account.provider).fetch(self.account, self.provider_ref)


def overdue(limit: int) -> dict[int, list[int]]:
    """Attempts whose provider is to be asked now, those that have waited longest first: clinic id → attempt ids."""
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, clinic_id FROM messaging_unheard(%s)", [limit])
        for attempt_id, clinic_id in cursor.fetchall():
            found.setdefault(clinic_id, []).append(attempt_id)
    return found


def take(attempt_ids: Sequence[int]) -> list[Unheard]:
    """Takes attempts to be asked about, those that no other drain has taken meanwhile. Inside `in_clinic`; commit
    before asking."""
    real = real_now()
    free = Attempt.objects.select_for_update(of=("self",), skip_locked=True).select_related("sender")
    attempts = list(free.filter(pk__in=attempt_ids, state=AttemptState.ACCEPTED, next_look_at__lte=real).order_by("pk"))
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).update(next_look_at=real + LEASE)
    return [Unheard(one.pk, account_or_empty(one.sender), one.provider_ref) for one in attempts]


def take_answer(clinic_id: int, question: Unheard, said: Report | CannotTell) -> None:
    """Puts the answer into the inbox, and sets when to ask next. Inside `in_clinic`."""
    if isinstance(said, Report):
        store(clinic_id, question.attempt_id, said)
    attempt = Attempt.objects.select_for_update(of=("self",)).get(pk=question.attempt_id)
    attempt.asked_at = real_now()
    attempt.next_look_at = _next_look(attempt.called_at, attempt.asked_at)
    attempt.save(update_fields=["asked_at", "next_look_at"])


def _next_look(called_at: datetime | None, real: datetime) -> datetime | None:
    """The first wait that is still to come; what an absence of ours has passed over is not made up for. None after the
    last one."""
    if called_at is None:
        return None
    waits = [timedelta(seconds=seconds) for seconds in settings.RECEIPT_SECONDS]
    return next((called_at + wait for wait in waits if wait > (real - called_at) * _EARLY), None)
