"""What would the decision say of these reminders now? For pages: the same function that the sender asks.

An ended reminder is answered with its gates as they were seen then, frozen with it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinics.models import Clinic
from reminders.conditions import Gate
from reminders.decision import Decision, Foresight, decide, foresee
from reminders.decision_facts import Facts
from reminders.facts import facts_of, part_of
from reminders.fallback import foreseen_fallback
from reminders.kinds import IN_FLIGHT_STATES, OPEN_STATES
from reminders.material import Material, gather
from reminders.models import Reminder, Rule
from reminders.plan import plan_in_memory


def live(clinic: Clinic, reminders: Sequence[Reminder], now: datetime) -> dict[int, Decision]:
    """The decision on each reminder as it stands now, whatever state it is in. Inside `in_clinic`; a fixed number of
    queries."""
    material = gather(clinic, [reminder.appointment_id for reminder in reminders])
    rounds = _further_rounds(material)
    return {one.pk: decide(_facts(material, one, rounds), now) for one in reminders}


def _further_rounds(material: Material) -> list[Reminder]:
    return list(Reminder.objects.filter(appointment__in=material.appointments, round__gt=1))


def _facts(material: Material, reminder: Reminder, rounds: Sequence[Reminder]) -> Facts:
    rule = material.rules.get(reminder.rule_id or 0)
    appointment = material.appointments[reminder.appointment_id]
    return facts_of(material, appointment, rule, part_of(material, reminder, rounds))


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
    siblings = [one for one in rows if one.round > 1]
    for reminder in rows:
        if reminder.state not in OPEN_STATES:
            continue
        rule = material.rules.get(reminder.rule_id or 0)
        foresight = _foresight(_facts(material, reminder, siblings), reminder, now)
        yield Foreseen(reminder, rule, foresight)
        fallback = foreseen_fallback(material, reminder, foresight.decision, foresight.at)
        if fallback is not None:
            yield Foreseen(fallback, rule, foresee(_facts(material, fallback, ()), foresight.at))


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
    rounds = _further_rounds(material)
    for one in here:
        facts = _facts(material, one, rounds)
        if one.state in IN_FLIGHT_STATES:
            found[one.pk] = View(decide(facts, now).gates)
        else:
            foresight = _foresight(facts, one, now)
            found[one.pk] = View(foresight.decision.gates, foresight.goes_at)
    return found
