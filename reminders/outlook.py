"""What would the decision say of these reminders now? For pages: the same function that the sender asks.

An ended reminder is answered with its gates as they were seen then, frozen with it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinics.models import Clinic
from reminders.conditions import Gate
from reminders.decision import Decision, Foresight, decide, foresee
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
    found = {}
    for reminder in reminders:
        rule = material.rules.get(reminder.rule_id or 0)
        appointment = material.appointments[reminder.appointment_id]
        part = part_of(material, reminder, reminders)
        found[reminder.pk] = decide(facts_of(material, appointment, rule, part), now)
    return found


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
        appointment = material.appointments[reminder.appointment_id]
        rule = material.rules.get(reminder.rule_id or 0)
        facts = facts_of(material, appointment, rule, part_of(material, reminder, siblings))
        foresight = foresee(facts, max(now, reminder.look_at if reminder.tries else now))
        yield Foreseen(reminder, rule, foresight)
        fallback = foreseen_fallback(material, reminder, foresight.decision, foresight.at)
        if fallback is not None:
            facts = facts_of(material, appointment, rule, part_of(material, fallback))
            yield Foreseen(fallback, rule, foresee(facts, foresight.at))


def frozen(reminder: Reminder) -> tuple[Gate, ...]:
    """The gates as they were seen when the reminder ended or began; empty where it has not been decided yet."""
    return tuple(Gate(code, passed, value) for code, passed, value in reminder.gates)


def outlook(clinic: Clinic, reminders: Sequence[Reminder], now: datetime) -> dict[int, tuple[Gate, ...]]:
    """The gates to show beside each reminder: live while it is open, as they were seen then once it has ended."""
    is_open = [one for one in reminders if one.state in OPEN_STATES | IN_FLIGHT_STATES]
    answers = {pk: decision.gates for pk, decision in live(clinic, is_open, now).items()}
    return {one.pk: answers.get(one.pk) or frozen(one) for one in reminders}
