"""What would the decision say of these reminders now? For pages: the same function that the sender asks.

An ended reminder is answered with its gates as they were seen then, frozen with it.
"""

from collections.abc import Sequence
from datetime import datetime

from clinics.models import Clinic
from reminders.decision import Decision, Gate, decide
from reminders.facts import facts_of, part_of
from reminders.kinds import IN_FLIGHT_STATES, OPEN_STATES
from reminders.material import gather
from reminders.models import Reminder


def live(clinic: Clinic, reminders: Sequence[Reminder], now: datetime) -> dict[int, Decision]:
    """The decision on each reminder as it stands now, whatever state it is in. Inside `in_clinic`; a fixed number of
    queries. A reminder without a rule has none."""
    material = gather(clinic, [reminder.appointment_id for reminder in reminders])
    found = {}
    for reminder in reminders:
        rule = material.rules.get(reminder.rule_id or 0)
        if rule is not None:
            appointment = material.appointments[reminder.appointment_id]
            found[reminder.pk] = decide(facts_of(material, appointment, rule, part_of(reminder, reminders)), now)
    return found


def frozen(reminder: Reminder) -> tuple[Gate, ...]:
    """The gates as they were seen when the reminder ended or began; empty where it has not been decided yet."""
    return tuple(Gate(code, passed, value) for code, passed, value in reminder.gates)


def outlook(clinic: Clinic, reminders: Sequence[Reminder], now: datetime) -> dict[int, tuple[Gate, ...]]:
    """The gates to show beside each reminder: live while it is open, as they were seen then once it has ended."""
    is_open = [one for one in reminders if one.state in OPEN_STATES | IN_FLIGHT_STATES]
    answers = {pk: decision.gates for pk, decision in live(clinic, is_open, now).items()}
    return {one.pk: answers.get(one.pk) or frozen(one) for one in reminders}
