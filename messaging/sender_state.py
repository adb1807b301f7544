"""Does a sender's account work, and how fast may it be used? Its breaker and its pace, a row a sender, in real time.

The breaker opens after FAILURES failures in a row that speak against the account or its server, where half of
WINDOW_CALLS calls and more end badly within a minute, or at once where the account itself was refused. Then nothing is
called for one minute, 2, 4 … 30 (a refused log-in: 30 from the start, since servers lock accounts), and after that one
message, the probe, tries: a success closes the breaker, a failure opens it for longer. Ends are noted in the database
as their marks are written (`messaging_note` in reminders/migrations/0012): of several workers none begins a call once
the first failure is known. Here stand the words and waits that go with an end, and what drains and people do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from clinics.clock import real_now
from messaging.channels import Channel
from messaging.models import Sender, SenderState
from messaging.outcomes import Failed, FailureKind, Outcome, Says, says

#: As `messaging_note` has them, for words and tests.
FAILURES, WINDOW_CALLS, WINDOW = 5, 20, timedelta(seconds=60)
#: The longest rest is so many times the first one.
LONGEST = 30
#: Kinds whose first rest is the longest already.
_LOCKS_ACCOUNTS = frozenset({FailureKind.AUTH_REFUSED})
#: An alert that was taken and not sent, as its drain died, is taken again after this long: twice is better than never.
ALERT_LEASE = timedelta(minutes=5)


def note_of(outcome: Outcome) -> dict[str, object]:
    """What goes with an end to `messaging_note`: what it says of the account, and how long that is let be for it."""
    said, seconds = says(outcome), float(settings.BREAKER_SECONDS)
    if said in (Says.NOTHING, Says.WELL):
        return {"says": said}
    most = seconds * LONGEST
    locks = isinstance(outcome, Failed) and outcome.kind in _LOCKS_ACCOUNTS
    return {"says": said, "seconds": most if locks else seconds, "most": most}


@dataclass(frozen=True)
class Failing:
    """An account that is let be; times are real ones. `kind` is None where it was cut off in the midst of calls."""

    channel: Channel
    address: str
    since: datetime
    until: datetime
    kind: FailureKind | None
    code: str
    detail: str


def failing(state: SenderState) -> Failing:
    """The row of an account that is let be, as plain values; its sender is read with it. Raises ValueError where
    the account works."""
    until = state.open_until
    if until is None:
        raise ValueError("the account works")
    return Failing(
        Channel(state.sender.channel),
        state.sender.address,
        state.since or until,
        until,
        FailureKind(state.failure) if state.failure else None,
        state.code,
        state.detail,
    )


def failing_senders(*, lock: bool = False) -> dict[Channel, SenderState]:
    """The clinic's accounts that are let be, or wait for their probe's answer; inside `in_clinic`. `lock`: nobody else
    takes their probe, or mends them, until the transaction ends."""
    rows = SenderState.objects.select_related("sender").filter(open_until__isnull=False, sender__active=True)
    if lock:
        rows = rows.select_for_update(of=("self",)).order_by("pk")
    return {Channel(state.sender.channel): state for state in rows}


def take_probe(state: SenderState, attempt_id: int) -> None:
    """This attempt tries whether the account works again; nobody else does until it has ended, or its lease. The row
    is locked."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    SenderState.objects.filter(pk=state.pk).update(probe=attempt_id, open_until=real_now() + lease)


def mended(sender: Sender) -> None:
    """A try of the account has gone well: what was held for it goes on. Inside `in_clinic`."""
    SenderState.objects.filter(sender=sender.pk, open_until__isnull=False).update(**_AFRESH, mended_at=real_now())


def changed(sender: Sender) -> None:
    """The account is another one now, and nobody knows whether it works: one message tries. Inside `in_clinic`."""
    real = real_now()
    kept = {name: value for name, value in _AFRESH.items() if name not in ("open_until", "since", "alert_at")}
    SenderState.objects.filter(sender=sender.pk, open_until__isnull=False).update(
        **kept, open_until=real, mended_at=real
    )


#: An account of which nothing bad is known.
_AFRESH: dict[str, Any] = {
    "failures": 0, "window_from": None, "window_calls": 0, "window_failures": 0, "open_until": None, "opens": 0,
    "since": None, "probe": None, "alert_at": None,
}  # fmt: skip


def news(limit: int) -> dict[int, list[int]]:
    """Accounts that administrators are to be told of, or that work again: clinic id → ids of their states."""
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, clinic_id FROM messaging_sender_news(%s)", [limit])
        for state_id, clinic_id in cursor.fetchall():
            found.setdefault(clinic_id, []).append(state_id)
    return found


def mended_channels(state_ids: list[int]) -> dict[int, tuple[Channel, datetime]]:
    """Those of these accounts that work again while reminders are still held for them: state id → its channel, and
    since when. Inside `in_clinic`."""
    rows = SenderState.objects.filter(pk__in=state_ids, mended_at__isnull=False)
    found = rows.values_list("pk", "sender__channel", "mended_at")
    return {state_id: (Channel(channel), at) for state_id, channel, at in found}


def released(state_id: int, mended_at: datetime) -> None:
    """What was held for this account goes on; inside `in_clinic`."""
    SenderState.objects.filter(pk=state_id, mended_at=mended_at).update(mended_at=None)


def take_alerts(state_ids: list[int]) -> list[SenderState]:
    """Those of these accounts that are still to be told of, and that no other drain has taken; inside `in_clinic`.
    Commit before telling, then say `told`."""
    real = real_now()
    rows = SenderState.objects.select_for_update(of=("self",), skip_locked=True).select_related("sender")
    taken = list(rows.filter(pk__in=state_ids, alert_at__lte=real, open_until__isnull=False))
    SenderState.objects.filter(pk__in=[one.pk for one in taken]).update(alert_at=real + ALERT_LEASE)
    return taken


def told(state_id: int, since: datetime | None) -> None:
    """Administrators have been told of this time that the account is let be; inside `in_clinic`."""
    rows = SenderState.objects.filter(pk=state_id, since=since)
    rows.update(alert_at=None, alerted_at=real_now())
