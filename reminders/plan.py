"""Which reminders should exist? Brings the plan of appointments up to date with their revision.

Called in the same transaction where a person waits for the answer, and by the drain for everything that is behind
(form, import, shell and raw SQL alike). Safe to repeat: what stands already is left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from appointments.models import Appointment
from clinics.models import Clinic
from clinics.rows import update_rows
from reminders.decision import Decision, Verdict, decide
from reminders.facts import channel_of, facts_of, new_part, part_of
from reminders.kinds import OPEN_STATES, Route, State
from reminders.material import Material, gather
from reminders.models import Reminder, Rule

#: Verdicts that end a reminder before its moment.
_GONE = {Verdict.CANCEL: State.CANCELLED, Verdict.SUPERSEDE: State.SUPERSEDED}
_CHANGED = ["channel", "state", "due_at", "deadline", "look_at", "gates", "decided_at", "ended_at"]


def bring_up_to_date(clinic: Clinic, appointment_ids: Sequence[int], now: datetime) -> int:
    """Writes the reminders of these appointments; gives how many rows were made or changed. Inside `in_clinic`.

    Appointments that somebody else is changing are passed over; they stay behind and are met again.
    """
    behind = Appointment.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=appointment_ids)
    ids = sorted(behind.values_list("pk", flat=True))
    material = gather(clinic, ids)
    standing = list(Reminder.objects.select_for_update(of=("self",)).filter(appointment__in=ids).order_by("pk"))
    made: list[Reminder] = []
    changed: list[Reminder] = []
    for appointment in material.appointments.values():
        own = [reminder for reminder in standing if reminder.appointment_id == appointment.pk]
        plan = _Plan(material, appointment, own, now)
        made += plan.missing()
        changed += plan.changes()
    Reminder.objects.bulk_create(made)
    update_rows(Reminder, changed, _CHANGED)
    Appointment.objects.filter(pk__in=ids).update(planned_revision=F("revision"))
    return len(made) + len(changed)


@dataclass
class _Plan:
    """The plan of one appointment."""

    material: Material
    appointment: Appointment
    standing: list[Reminder]
    now: datetime

    def missing(self) -> list[Reminder]:
        """Rows for the active rules that have none for the present occurrence."""
        trigger = f"o{self.appointment.occurrence}"
        have = {one.rule_id for one in self.standing if one.trigger == trigger and one.route == Route.PRIMARY}
        rows = [
            self._new(rule, trigger) for rule in self.material.rules.values() if rule.active and rule.pk not in have
        ]
        self._one_of_the_late(rows)
        return [reminder for reminder, _ in rows]

    def changes(self) -> list[Reminder]:
        """Standing rows that the present facts change."""
        return [reminder for reminder in self.standing if self._update(reminder)]

    def _new(self, rule: Rule, trigger: str) -> tuple[Reminder, Decision]:
        appointment = self.appointment
        channel = channel_of(self.material, rule, appointment)
        part = new_part(channel, appointment.occurrence, self.now)
        decision = decide(facts_of(self.material, appointment, rule, part), self.now)
        reminder = Reminder(
            clinic_id=appointment.clinic_id, appointment=appointment, rule=rule, trigger=trigger, kind=rule.kind,
            occurrence=appointment.occurrence, channel=channel, planned_at=self.now,
        )  # fmt: skip
        self._apply(reminder, decision)
        return reminder, decision

    def _update(self, reminder: Reminder) -> bool:
        """Applies the present facts to an open row, or to a cancelled one that applies again. True when changed."""
        before = [getattr(reminder, name) for name in _CHANGED]
        rule = self.material.rules.get(reminder.rule_id or 0)
        if rule is None or reminder.state not in OPEN_STATES | {State.CANCELLED}:
            return False
        if reminder.state == State.CANCELLED and reminder.occurrence != self.appointment.occurrence:
            return False
        if rule.channel == "" and not reminder.tries:
            reminder.channel = channel_of(self.material, rule, self.appointment)
        part = part_of(reminder, self.standing)
        decision = decide(facts_of(self.material, self.appointment, rule, part), self.now)
        due = decision.schedule.due
        if reminder.state == State.CANCELLED and (decision.verdict in _GONE or due is None or due <= self.now):
            return False
        self._apply(reminder, decision)
        return before != [getattr(reminder, name) for name in _CHANGED]

    def _apply(self, reminder: Reminder, decision: Decision) -> None:
        schedule = decision.schedule
        reminder.due_at = schedule.due or schedule.nominal
        reminder.deadline = schedule.deadline
        ends = _GONE.get(decision.verdict)
        if ends is not None:
            end(reminder, ends, decision, self.now)
            return
        reminder.state = State.PLANNED
        reminder.gates, reminder.decided_at, reminder.ended_at = [], None, None
        if not reminder.tries:  # a retry waits for its own moment
            reminder.look_at = decision.until or max(reminder.due_at, self.now)

    def _one_of_the_late(self, rows: list[tuple[Reminder, Decision]]) -> None:
        """Of several steps of one kind whose moment had passed, only the one nearest the start still goes."""
        late = [row for row in rows if row[1].schedule.late and row[0].state == State.PLANNED]
        for kind in {reminder.kind for reminder, _ in late}:
            steps = sorted((row for row in late if row[0].kind == kind), key=lambda row: row[1].schedule.nominal)
            for reminder, decision in steps[:-1]:
                end(reminder, State.SUPERSEDED, decision, self.now)


def end(reminder: Reminder, state: State, decision: Decision, now: datetime) -> None:
    """Ends a reminder in the given state, its gates frozen with it. Does not save."""
    reminder.state = state
    reminder.gates = decision.frozen()
    reminder.decided_at = reminder.ended_at = now
    if reminder.look_at is None:
        reminder.look_at = reminder.due_at
