"""What do we know of attempts that nobody saw end? Their marks tell, and where it can be asked, the provider.

Inside `in_clinic`, reminders locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from clinics.fetch import Wanted, fetch_together
from messaging.delivery import account_or_empty
from messaging.models import Attempt, AttemptText, Sender
from messaging.outcomes import AttemptState, FailureKind
from messaging.providers import Absent, Account, CannotTell, Found, Sought, provider

#: So many answers "it is not here", a while apart, prove that it was not sent.
ABSENT_LOOKS = 2
_OF_MESSAGES = (
    "EXISTS (SELECT 1 FROM messaging_attempt a "
    "WHERE a.clinic_id = t.clinic_id AND a.sender_id = t.id AND a.message_id = ANY(%s))"
)


def settle_abandoned(message_ids: Sequence[int], now: datetime) -> None:
    """Settles attempts that still stand as `sending` although their lease is over.

    Never marked as called: provably not sent. Marked: nobody can say, so `unknown`; it may still be moved on by what
    the worker itself says late, or by evidence. One that somebody else is just writing stays as it is.
    """
    abandoned = list(_free().filter(message__in=message_ids).values_list("pk", "called_at"))
    _never_called([pk for pk, called_at in abandoned if called_at is None], now, "its worker was lost")
    Attempt.objects.filter(pk__in=[pk for pk, called_at in abandoned if called_at is not None]).update(
        state=AttemptState.UNKNOWN, ended_at=now, detail="its worker was lost during the call"
    )


def end_uncalled(attempt_ids: Sequence[int], now: datetime) -> None:
    """Ends those of these attempts that stand without a mark: provably not called, and from here on nobody may start
    them. One that somebody else is just writing stays as it is."""
    uncalled = _free().filter(pk__in=attempt_ids, called_at=None).values_list("pk", flat=True)
    _never_called(list(uncalled), now, "its worker was stopped")


def _free() -> QuerySet[Attempt]:
    """Attempts that stand as `sending`, locked; without those that others have locked. Whoever changes an appointment
    locks its attempts before its reminders (0014_last_moment), and so does whoever applies a receipt: to wait for them
    here, with reminders locked, would be to wait for each other."""
    free = Attempt.objects.select_for_update(of=("self",), skip_locked=True)
    return free.filter(state=AttemptState.SENDING).order_by("pk")


def _never_called(attempt_ids: Sequence[int], now: datetime, detail: str) -> None:
    Attempt.objects.filter(pk__in=attempt_ids).update(
        state=AttemptState.FAILED, failure=FailureKind.NEVER_CALLED, ended_at=now, detail=detail
    )


def last_attempts(message_ids: Sequence[int]) -> dict[int, Attempt]:
    """The newest attempt of each message, with its sender, by message id."""
    ids = list(message_ids)
    (attempts, senders), _ = fetch_together(
        Wanted(Attempt, "t.message_id = ANY(%s)", (ids,), order="t.message_id, t.number"),
        Wanted(Sender, _OF_MESSAGES, (ids,)),
    )
    own = {sender.pk: sender for sender in senders}
    for attempt in attempts:
        attempt.sender = own[attempt.sender_id]
    return {attempt.message_id: attempt for attempt in attempts}


@dataclass(frozen=True)
class Question:
    """What to ask a provider about an unknown attempt; plain values for a thread without a database connection."""

    attempt_id: int
    message_id: int
    account: Account
    sought: Sought

    def ask(self) -> Found | Absent | CannotTell:
        """One look whether the provider has it."""
        return provider(self.account.provider).find(self.account, self.sought)


def can_be_asked(attempt: Attempt) -> bool:
    """Whether the attempt's provider can tell what became of it."""
    return provider(attempt.sender.provider).can_be_asked


def questions(message_ids: Sequence[int]) -> list[Question]:
    """What to ask about the unknown attempts of these messages."""
    unknown = Attempt.objects.select_related("sender", "message").filter(
        message__in=message_ids, state=AttemptState.UNKNOWN
    )
    return [_question(attempt) for attempt in unknown if can_be_asked(attempt)]


def _question(attempt: Attempt) -> Question:
    address = attempt.message.address
    others = Attempt.objects.filter(sender=attempt.sender_id, message__address=address).exclude(provider_ref="")
    text = AttemptText.objects.filter(attempt=attempt.pk).values_list("text", flat=True).first()
    return Question(
        attempt_id=attempt.pk,
        message_id=attempt.message_id,
        account=account_or_empty(attempt.sender),
        sought=Sought(
            to=address,
            text=text or "",
            called_at=attempt.called_at or attempt.began_at,
            taken=frozenset(others.values_list("provider_ref", flat=True)),
        ),
    )


def note_look(attempt_id: int, now: datetime, *, absent: bool) -> None:
    """The provider was asked, and that has ended: a question whose asker died is no look. `absent`: it answered that it
    does not have it; said often enough, that is proof of not sent."""
    attempt = Attempt.objects.select_for_update(of=("self",)).get(pk=attempt_id)
    if attempt.state != AttemptState.UNKNOWN:
        return
    attempt.looks += 1
    attempt.absent_looks += absent
    if attempt.absent_looks >= ABSENT_LOOKS:
        attempt.state, attempt.failure = AttemptState.FAILED, FailureKind.NOT_FOUND_THERE
        attempt.ended_at = now
    attempt.save(update_fields=["looks", "absent_looks", "state", "failure", "ended_at"])
