"""What would a change of the settings do to the reminders to come? The same forecast, before and after it.

The change is made by its real writer inside a savepoint, looked at, and taken back before anything is counted: nobody
waits for its locks, and nothing of it stays. Both sides are then foreseen in memory, from the same appointments.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction

from appointments.models import Appointment
from clinics.models import Clinic, Location, Practitioner
from reminders.decision import Verdict
from reminders.material import Material, gather
from reminders.models import Reminder
from reminders.outlook import Foreseen, around, foreseen_of
from reminders.timing import GRACE

#: At most so many appointments are looked at, those that start soonest first, and for about so long.
MOST = 20_000
MOST_SECONDS = 6.0
#: At most so many rows of each list are kept; their number is always the true one.
LISTED = 200
#: Appointments gathered at once.
_CHUNK = 500
#: "Soon", for what a change stops.
_SOON = timedelta(days=7)


@dataclass(frozen=True)
class EffectRow:
    """A reminder that the change touches. `before` and `after` are when it goes; None where it does not."""

    appointment_id: int
    kind: str
    channel: str
    before: datetime | None
    after: datetime | None
    #: The channel it would have gone over, where that is another; else empty.
    former_channel: str = ""


@dataclass(frozen=True)
class Listed:
    """The first rows of a list, by moment, and how many there are in all."""

    rows: tuple[EffectRow, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Effect:
    """What a change does to the reminders that are to come. The lists have no reminder in common."""

    adds: Listed  #: go, and would not have gone
    removes: Listed  #: do not go any more
    expires: Listed  #: would have gone, and are held until it is too late
    moves: Listed  #: go at another moment, or over another channel
    #: Of those added and moved, how many leave within the minutes after saving.
    at_once: int
    #: How many of those that do not go any more would have gone within the next 7 days.
    stops_soon: int
    #: How many go exactly as they would have.
    untouched: int
    #: How many appointments were looked at, and the start of the last of them where there are more; else None.
    looked_at: int
    cut_at: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether no reminder changes, as far as was looked."""
        return not (self.adds.count or self.removes.count or self.expires.count or self.moves.count)

    @property
    def stops(self) -> int:
        """How many do not go any more, expired ones among them."""
        return self.removes.count + self.expires.count


def effect_of(clinic: Clinic, change: Callable[[], object], now: datetime, seconds: float = MOST_SECONDS) -> Effect:
    """What `change` would do, which may use the given clinic; inside `in_clinic`. Leaves nothing behind. Raises what
    the change raises. `seconds` of real time are about the longest it looks."""
    until = time.monotonic() + seconds
    after = _settings_after(clinic, change)
    coming = Appointment.objects.filter(start__gt=now, deleted=False).order_by("start", "pk")
    ids = list(coming.values_list("pk", flat=True)[: MOST + 1])
    found = _Found(now)
    looked_at = 0
    while looked_at < min(len(ids), MOST) and (looked_at == 0 or time.monotonic() < until):
        chunk = ids[looked_at : min(looked_at + _CHUNK, MOST)]
        found.take(clinic, chunk, after)
        looked_at += len(chunk)
    cut = looked_at < len(ids)
    cut_at = Appointment.objects.get(pk=ids[looked_at - 1]).start if cut else None
    return found.effect(looked_at, cut_at)


def _settings_after(clinic: Clinic, change: Callable[[], object]) -> Material:
    """What a clinic's reminders rest on besides its appointments and patients, as the change would leave it."""
    try:
        with transaction.atomic():
            change()
            fresh = Clinic.objects.get(pk=clinic.pk)
            places, people = Location.objects.in_bulk(), Practitioner.objects.in_bulk()
            after = replace(gather(fresh, []), locations=places, practitioners=people)
            transaction.set_rollback(True)
    finally:
        clinic.refresh_from_db()  # writers give the new values to the clinic in hand too
    return after


def _as_after(material: Material, after: Material) -> Material:
    """The same appointments and patients, with the settings as the change would leave them."""
    return replace(
        material,
        clinic=after.clinic,
        rules=after.rules,
        wordings=after.wordings,
        senders=after.senders,
        switched_off=after.switched_off,
        own_days=after.own_days,
        locations=after.locations,
        practitioners=after.practitioners,
    )


#: How a reminder is known on both sides, made already or not.
_Step = tuple[int, int | None, str, str, int]


def _by_step(foreseen: Iterable[Foreseen]) -> dict[_Step, Foreseen]:
    rows = ((one.reminder, one) for one in foreseen)
    return {(row.appointment_id, row.rule_id, row.trigger, row.route, row.round): one for row, one in rows}


@dataclass
class _Found:
    """What was found so far."""

    now: datetime
    adds: list[EffectRow] = field(default_factory=list)
    removes: list[EffectRow] = field(default_factory=list)
    expires: list[EffectRow] = field(default_factory=list)
    moves: list[EffectRow] = field(default_factory=list)
    untouched: int = 0

    def take(self, clinic: Clinic, appointment_ids: Sequence[int], after: Material) -> None:
        """Compares the two forecasts of these appointments; others of their patients are looked at beside them."""
        asked = set(appointment_ids)
        material, standing = around(clinic, asked, self.now)
        # The plan writes what it says into the rows that it is given.
        before = _by_step(foreseen_of(material, [copy(one) for one in standing], self.now))
        later = _by_step(foreseen_of(_as_after(material, after), standing, self.now))
        for step in before | later:
            if step[0] in asked:
                self._compare(before.get(step), later.get(step))

    def _compare(self, before: Foreseen | None, after: Foreseen | None) -> None:
        went = before.foresight.goes_at if before else None
        goes = after.foresight.goes_at if after else None
        shown = after or before
        if shown is None or (went is None and goes is None):
            return
        row = _row(shown.reminder, went, goes, before.reminder.channel if before else "")
        if went is None:
            self.adds.append(row)
        elif goes is None:
            expires = after is not None and after.foresight.decision.verdict is Verdict.EXPIRE
            (self.expires if expires else self.removes).append(row)
        elif went != goes or row.former_channel:
            self.moves.append(row)
        else:
            self.untouched += 1

    def effect(self, looked_at: int, cut_at: datetime | None) -> Effect:
        """The lists in order, cut to what is shown."""
        stopped = [row.before for row in self.removes + self.expires if row.before is not None]
        going = [row.after for row in self.adds + self.moves if row.after is not None]
        return Effect(
            adds=_listed(self.adds),
            removes=_listed(self.removes),
            expires=_listed(self.expires),
            moves=_listed(self.moves),
            at_once=sum(moment <= self.now + GRACE for moment in going),
            stops_soon=sum(moment < self.now + _SOON for moment in stopped),
            untouched=self.untouched,
            looked_at=looked_at,
            cut_at=cut_at,
        )


def _row(shown: Reminder, before: datetime | None, after: datetime | None, channel: str) -> EffectRow:
    former = channel if before and after and channel != shown.channel else ""
    return EffectRow(shown.appointment_id, shown.kind, shown.channel, before, after, former)


def _listed(rows: list[EffectRow]) -> Listed:
    first = sorted(rows, key=lambda row: (row.after or row.before, row.appointment_id))
    return Listed(tuple(first[:LISTED]), len(rows))
