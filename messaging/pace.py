"""How fast may a sender's account be used? Its calls are spread over time, whichever workers make them.

A provider says how many messages a second a sender may hand over (None: as many as come); where it answers that this is
too many (429), the pace is halved, and successes bring it back (`messaging_note`). Each begin of a batch takes the next
moments for itself, in the account's row: what begins within AHEAD waits for its moment in its lane, and the rest is
looked at again when the account is likely to be free. Real time (a generic cell rate, without bursts).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from clinics.clock import real_now
from messaging.models import Sender, SenderState
from messaging.providers import provider

#: A lane waits so long at most for the moments of its calls; and never for more than a quarter of its lease.
AHEAD = timedelta(seconds=5)
#: From how many messages a second an account without a usual pace is slowed down.
FASTEST = 20.0


@dataclass(frozen=True)
class Slots:
    """When each of a batch may begin, as many as fit in; and when each of the others is to be looked at again. Both are
    told in seconds from now."""

    begin: tuple[float, ...]
    later: tuple[float, ...]


def pace_of(sender: Sender, slowed: float | None) -> float | None:
    """Messages a second; None for as many as come. `slowed` is what is left of the usual pace (None: all of it)."""
    usual = provider(sender.provider).pace(sender.address)
    if slowed is None or slowed >= 1:
        return usual
    return (usual or FASTEST) * slowed


def shared_out(
    pace: float, count: int, real: datetime, free_at: datetime, spread_until: datetime
) -> tuple[Sequence[datetime], Sequence[datetime]]:
    """The moments at which so many calls begin, and those at which the ones that do not fit in are looked at again;
    pure. `free_at` and `spread_until` are where either begins, at the earliest now."""
    gap, ahead = timedelta(seconds=1 / pace), min(AHEAD, timedelta(seconds=settings.LEASE_SECONDS / 4))
    first = max(free_at, real)
    begin = [first + number * gap for number in range(count) if first + number * gap <= real + ahead]
    again = max(spread_until, first + len(begin) * gap)
    return begin, [again + number * gap for number in range(count - len(begin))]


def reserve(sender: Sender, pace: float, count: int) -> Slots:
    """Takes the account's next moments for so many calls. Inside `in_clinic`; holds the account's row until its end."""
    SenderState.objects.get_or_create(clinic_id=sender.clinic_id, sender=sender)
    state = SenderState.objects.select_for_update(of=("self",)).get(sender=sender)
    real, gap = real_now(), timedelta(seconds=1 / pace)
    begin, later = shared_out(pace, count, real, state.next_free_at or real, state.spread_until or real)
    state.next_free_at = begin[-1] + gap if begin else state.next_free_at
    state.spread_until = later[-1] + gap if later else state.spread_until
    state.save(update_fields=["next_free_at", "spread_until"])
    return Slots(
        tuple((one - real).total_seconds() for one in begin), tuple((one - real).total_seconds() for one in later)
    )
