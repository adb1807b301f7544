"""What would the decision say of these reminders now? For pages: the same function that the sender asks.

An ended reminder is answered with its gates as they were seen then, frozen with it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, Subquery

from appointments.models import Appointment
from clinics.models import Clinic
from reminders.conditions import Gate
from reminders.decision import HOLD, Decision, Foresight
from reminders.kinds import IN_FLIGHT_STATES, OPEN_STATES, State
from reminders.material import Material, gather
from reminders.models import Reminder, Rule
from reminders.plan import plan_in_memory
from reminders.series import has_series
from reminders.turns import Turn, Turns

#: What has not begun: it waits, or a worker has just taken it.
_TO_COME = OPEN_STATES | {State.CLAIMED}


def live(clinic: Clinic, reminders: Sequence[Reminder], now: datetime) -> dict[int, Decision]:
    """The decision on each reminder as it stands now, whatever state it is in. Inside `in_clinic`; a fixed number of
    queries."""
    material = gather(clinic, [reminder.appointment_id for reminder in reminders])
    turns, _to_come = _turns(material, reminders, now)
    return {one.pk: turns.decide_now(one) for one in reminders}


def _turns(material: Material, reminders: Sequence[Reminder], now: datetime) -> tuple[Turns, dict[int, Turn]]:
    """The turns of these reminders and of what else is to come of the material's appointments, by id."""
    steps = Q(event_at=None) if has_series(material) else Q(pk=None)
    others = Reminder.objects.filter(Q(round__gt=1) | Q(state__in=_TO_COME) | steps)
    rows = {one.pk: one for one in [*others.filter(appointment__any_of=material.appointments), *reminders]}
    turns = Turns(material, list(rows.values()), now)
    to_come = {one.pk: turns.add(one) for one in rows.values() if one.state in _TO_COME}
    turns.run()
    return turns, to_come


@dataclass(frozen=True)
class Foreseen:
    """A reminder that has not gone yet, as it will be once the plan has caught up (then perhaps without an id), and
    what will become of it."""

    reminder: Reminder
    rule: Rule | None
    foresight: Foresight


def foreseen(clinic: Clinic, appointment_ids: Collection[int], now: datetime) -> list[Foreseen]:
    """Everything that these appointments' patients will still receive of them, or will not, by moment; inside
    `in_clinic`. Writes nothing. A fixed number of queries."""
    asked = set(appointment_ids)
    material, standing = around(clinic, asked, now)
    found = (one for one in foreseen_of(material, standing, now) if one.reminder.appointment_id in asked)
    return sorted(found, key=lambda one: one.reminder.due_at)


def around(clinic: Clinic, appointment_ids: Collection[int], now: datetime) -> tuple[Material, list[Reminder]]:
    """The material of these appointments, and of others of the same patients whose reminders may go before theirs (the
    runaway guard counts them), with all their reminders; inside `in_clinic`."""
    ids = {*appointment_ids, *_beside(appointment_ids, now)}
    standing = Reminder.objects.filter(appointment__any_of=ids).select_related("by").order_by("pk")
    return gather(clinic, ids), list(standing)


def _beside(appointment_ids: Collection[int], now: datetime) -> list[int]:
    """The other appointments to come of the same patients of which something is looked at before the last of these
    starts, or that the plan has not seen as they are."""
    asked = Appointment.objects.filter(pk__any_of=appointment_ids, start__gt=now)
    last = Subquery(asked.order_by("-start").values("start")[:1])
    waiting = Reminder.objects.filter(appointment=OuterRef("pk"), state__in=_TO_COME, look_at__lt=last)
    same = Appointment.objects.filter(patient__in=asked.values("patient"), start__gt=now)
    others = same.filter(Exists(waiting) | ~Q(planned_revision=F("revision"))).exclude(pk__any_of=appointment_ids)
    return list(others.values_list("pk", flat=True))


def foreseen_of(material: Material, standing: list[Reminder], now: datetime) -> Iterator[Foreseen]:
    """The same for the material's appointments and the reminders that stand, which then are as the plan will leave
    them."""
    rows = plan_in_memory(material, standing, now).standing
    turns = Turns(material, rows, now)
    found = [turns.add(one) for one in rows if one.state in _TO_COME]
    turns.run()
    for turn in found:
        if turn.reminder.state in OPEN_STATES:
            yield from _foreseen(material, turn)


def _foreseen(material: Material, turn: Turn) -> Iterator[Foreseen]:
    """A reminder, and the fallback that opens after it."""
    one: Turn | None = turn
    while one is not None and one.foresight is not None:
        yield Foreseen(one.reminder, material.rules.get(one.reminder.rule_id or 0), one.foresight)
        one = one.fallback


def frozen(reminder: Reminder) -> tuple[Gate, ...]:
    """The gates as they were seen when the reminder ended or began; empty where it has not been decided yet."""
    return tuple(Gate(code, passed, value) for code, passed, value in reminder.gates)


@dataclass(frozen=True)
class View:
    """What lists show of a reminder: its gates, when it goes (None: it does not, or has ended), and the gates that
    hold it back until then."""

    gates: tuple[Gate, ...]
    goes_at: datetime | None = None
    held: tuple[Gate, ...] = ()


def outlook(clinic: Clinic, reminders: Sequence[Reminder], now: datetime) -> dict[int, View]:
    """What to show beside each reminder: while it waits the gates of the moment that decides, in a worker's hands those
    of now, once it has ended as they were seen then. Inside `in_clinic`; a fixed number of queries."""
    here = [one for one in reminders if one.state in OPEN_STATES | IN_FLIGHT_STATES]
    ids = {one.appointment_id for one in here}
    turns, to_come = _turns(gather(clinic, ids.union(_beside(ids, now))), here, now)
    found = {one.pk: View(frozen(one)) for one in reminders}
    for one in here:
        foresight = to_come[one.pk].foresight if one.state in OPEN_STATES else None
        if foresight is None:
            found[one.pk] = View(turns.decide_now(one).gates)
        else:
            closed = turns.decide_now(one).failed if one.state == State.HELD else ()
            held = tuple(gate for gate in closed if gate.code in HOLD)
            found[one.pk] = View(foresight.decision.gates, foresight.goes_at, held)
    return found
