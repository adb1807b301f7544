"""A decision's facts to start from: a reminder that nothing stops, and a way to change one thing of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from messaging.channels import Channel
from reminders.decision import Decision
from reminders.decision_facts import AppointmentFacts, ClinicFacts, Facts, PatientFacts, ReminderFacts, RuleFacts
from reminders.kinds import LatePolicy, TimingKind
from reminders.timing import Hours, Timing

START = datetime(2027, 1, 15, 9, 0, tzinfo=UTC)  # a Friday, 10:00 in Madrid
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = START - DAY
BOOKED = START - 9 * DAY
DEADLINE = DUE + 6 * HOUR

Change = Callable[[Facts], Facts]


def facts() -> Facts:
    """A reminder by e-mail 24 hours before, which nothing stops from its due moment on."""
    return Facts(
        clinic=ClinicFacts(False, frozenset({"email"}), "email", None, False, Hours("Europe/Madrid")),
        rule=RuleFacts(
            True, "email", frozenset({"scheduled", "confirmed"}), Timing(TimingKind.BEFORE_ELAPSED, 24 * 60),
            LatePolicy.NEXT_ALLOWED,
        ),
        appointment=AppointmentFacts(START, "scheduled", False, 1, BOOKED + timedelta(minutes=3)),
        patient=PatientFacts(False, True, True, frozenset({"email"}), "", True, True),
        reminder=ReminderFacts(Channel.EMAIL, 1, BOOKED, False),
        has_sender=True,
        has_wording=True,
    )  # fmt: skip


def but(part: str = "", **changes: Any) -> Change:
    """The facts with one part changed (`part` empty: the facts themselves)."""

    def change(given_facts: Facts) -> Facts:
        if not part:
            return replace(given_facts, **changes)
        return replace(given_facts, **{part: replace(getattr(given_facts, part), **changes)})

    return change


def codes(decision: Decision) -> set[str]:
    return {gate.code for gate in decision.failed}


def value_of(decision: Decision, code: str) -> str:
    return next(gate.value for gate in decision.gates if gate.code == code)
