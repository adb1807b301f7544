"""What would the decision say of these reminders now? For pages: the same function that the sender asks.

An ended reminder is answered with its gates as they were seen then, frozen with it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Q

from clinics.models import Clinic
from reminders.conditions import Gate
from reminders.decision import Decision, Foresight, decide, foresee
from reminders.decision_facts import Facts, ReminderFacts
from reminders.facts import facts_of, part_of
from reminders.fallback import foreseen_fallback
from reminders.kinds import IN_FLIGHT_STATES, OPEN_STATES
from reminders.material import Material, gather
from reminders.models import Reminder, Rule
from reminders.plan import plan_in_memory
from reminders.series import Series, has_series


def live(clinic: Clinic, reminders: Sequence[Reminder], now: datetime) -> dict[int, Decision]:
    """The decision on each reminder as it stands now, whatever state it is in. Inside `in_clinic`; a fixed number of
    queries."""
    material = gather(clinic, [reminder.appointment_id for reminder in reminders])
    others = _others(material)
    return {one.pk: decide(others.facts(one, now), now) for one in reminders}


class _Others:
    """What else there is of some appointments that matters to one of their reminders: further rounds of its step, and
    the other steps of its series."""

    def __init__(self, material: Material, rows: Sequence[Reminder]) -> None:
        self._material, self._series = material, Series(material, rows)
        self._rounds = [one for one in rows if one.round > 1]

    def facts(self, reminder: Reminder, now: datetime) -> Facts:
        """The facts of that reminder, as the drain will have them."""
        part = part_of(self._material, reminder, self._rounds)
        return self._with(self._series.complete(part, reminder, partial(self._goes_at, now)), reminder)

    def _goes_at(self, now: datetime, step: Reminder) -> datetime | None:
        facts = self._with(part_of(self._material, step, self._rounds), step)
        return _foresight(facts, step, now).goes_at

    def _with(self, part: ReminderFacts, reminder: Reminder) -> Facts:
        appointment = self._material.appointments[reminder.appointment_id]
        return facts_of(self._material, appointment, self._material.rules.get(reminder.rule_id or 0), part)


def _others(material: Material) -> _Others:
    steps = Q(event_at=None) if has_series(material) else Q(pk=None)
    rows = Reminder.objects.filter(Q(round__gt=1) | steps, appointment__in=material.appointments)
    return _Others(material, list(rows))


@dataclass(frozen=True)
class Foreseen:
    """A reminder that has not gone yet, as it will be once the plan has caught up (then perhaps without an id), and
    what will become of it."""

    reminder: Reminder
    rule: Rule | None
    foresight: Foresight


def foreseen(clinic: Clinic, appointment_ids: Collection[int], now: datetime) -> list[Foreseen]:
    """Everything that these appointments' patients will still receive, or will not, by moment; inside `in_clinic`.
    Writes nothing. A fixed number of queries."""
    standing = list(Reminder.objects.filter(appointment__in=appointment_ids).order_by("pk"))
    found = foreseen_of(gather(clinic, appointment_ids), standing, now)
    return sorted(found, key=lambda one: one.reminder.due_at)


def foreseen_of(material: Material, standing: list[Reminder], now: datetime) -> Iterator[Foreseen]:
    """The same for the material's appointments and the reminders that stand, which then are as the plan will leave
    them."""
    rows = plan_in_memory(material, standing, now).standing
    others = _Others(material, rows)
    for reminder in rows:
        if reminder.state not in OPEN_STATES:
            continue
        rule = material.rules.get(reminder.rule_id or 0)
        foresight = _foresight(others.facts(reminder, now), reminder, now)
        yield Foreseen(reminder, rule, foresight)
        fallback = foreseen_fallback(material, reminder, foresight.decision, foresight.at)
        if fallback is not None:
            yield Foreseen(fallback, rule, foresee(_Others(material, ()).facts(fallback, now), foresight.at))


def _foresight(facts: Facts, reminder: Reminder, now: datetime) -> Foresight:
    """A retry waits for its own moment."""
    return foresee(facts, max(now, reminder.look_at if reminder.tries else now))


def frozen(reminder: Reminder) -> tuple[Gate, ...]:
    """The gates as they were seen when the reminder ended or began; empty where it has not been decided yet."""
    return tuple(Gate(code, passed, value) for code, passed, value in reminder.gates)


@dataclass(frozen=True)
class View:
    """What lists show of a reminder: its gates, and when it goes (None: it does not, or has ended)."""

    gates: tuple[Gate, ...]
    goes_at: datetime | None = None


def outlook(clinic: Clinic, reminders: Sequence[Reminder], now: datetime) -> dict[int, View]:
    """What to show beside each reminder: while it waits the gates of the moment that decides, in a worker's hands those
    of now, once it has ended as they were seen then. Inside `in_clinic`; a fixed number of queries."""
    here = [one for one in reminders if one.state in OPEN_STATES | IN_FLIGHT_STATES]
    material = gather(clinic, [one.appointment_id for one in here])
    found = {one.pk: View(frozen(one)) for one in reminders}
    others = _others(material)
    for one in here:
        facts = others.facts(one, now)
        if one.state in IN_FLIGHT_STATES:
            found[one.pk] = View(decide(facts, now).gates)
        else:
            foresight = _foresight(facts, one, now)
            found[one.pk] = View(foresight.decision.gates, foresight.goes_at)
    return found
