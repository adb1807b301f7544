"""Which reminders should exist? Brings the plan of appointments up to date with their revision.

Called in the same transaction where a person waits for the answer, and by the drain for everything that is behind
(form, import, shell and raw SQL alike). Safe to repeat: what stands already is left alone.
"""

import logging
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

log = logging.getLogger(__name__)

#: Verdicts that end a reminder before its moment.
_GONE = {Verdict.CANCEL: State.CANCELLED, Verdict.SUPERSEDE: State.SUPERSEDED}
_CHANGED = ["channel", "state", "planned_at", "due_at", "deadline", "look_at", "gates", "decided_at", "ended_at"]
#: States that say that a step no longer stands for anything.
_VOID = frozenset({State.CANCELLED, State.SUPERSEDED})


def bring_up_to_date(clinic: Clinic, appointment_ids: Sequence[int], now: datetime) -> int:
    """Writes the reminders of these appointments; gives how many rows were made or changed. Inside `in_clinic`.

    Appointments that somebody else is changing are passed over, and so is one whose facts cannot be made; they stay
    behind and are met again.
    """
    behind = Appointment.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=appointment_ids)
    ids = sorted(behind.values_list("pk", flat=True))
    material = gather(clinic, ids)
    standing = list(Reminder.objects.select_for_update(of=("self",)).filter(appointment__in=ids).order_by("pk"))
    made: list[Reminder] = []
    changed: list[Reminder] = []
    planned: list[int] = []
    for appointment in material.appointments.values():
        own = [reminder for reminder in standing if reminder.appointment_id == appointment.pk]
        try:
            missing, changes = _Plan(material, appointment, own, now).rows()
        except Exception:  # a wording or a zone that cannot be read: its neighbours do not wait for it
            log.exception("appointment %s cannot be planned", appointment.pk)
            continue
        made += missing
        changed += changes
        planned.append(appointment.pk)
    Reminder.objects.bulk_create(made)
    update_rows(Reminder, changed, _CHANGED)
    Appointment.objects.filter(pk__in=planned).update(planned_revision=F("revision"))
    return len(made) + len(changed)


@dataclass
class _Plan:
    """The plan of one appointment."""

    material: Material
    appointment: Appointment
    standing: list[Reminder]
    now: datetime

    def rows(self) -> tuple[list[Reminder], list[Reminder]]:
        """The rows to make, for the active rules that have none for the present occurrence, and the standing ones that
        the present facts change."""
        made = [self._new(rule) for rule in self.material.rules.values() if rule.active and not self._has(rule)]
        before = [_values(reminder) for reminder in self.standing]
        decided = [(one, decision) for one in self.standing if (decision := self._decide_again(one)) is not None]
        self._one_of_the_late(made + decided)
        changed = [one for one, values in zip(self.standing, before, strict=True) if _values(one) != values]
        return [reminder for reminder, _ in made], changed

    @property
    def _trigger(self) -> str:
        return f"o{self.appointment.occurrence}"

    def _has(self, rule: Rule) -> bool:
        wanted = (rule.pk, self._trigger, Route.PRIMARY)
        return any((one.rule_id, one.trigger, one.route) == wanted for one in self.standing)

    def _new(self, rule: Rule) -> tuple[Reminder, Decision]:
        appointment = self.appointment
        channel = channel_of(self.material, rule, appointment)
        part = new_part(channel, appointment.occurrence, self.now)
        decision = decide(facts_of(self.material, appointment, rule, part), self.now)
        reminder = Reminder(
            clinic_id=appointment.clinic_id, appointment=appointment, rule=rule, trigger=self._trigger, kind=rule.kind,
            occurrence=appointment.occurrence, channel=channel, planned_at=self.now,
        )  # fmt: skip
        self._apply(reminder, decision)
        return reminder, decision

    def _decide_again(self, reminder: Reminder) -> Decision | None:
        """Applies the present facts to an open row, or to a cancelled one that applies again. None where it stays."""
        rule = self.material.rules.get(reminder.rule_id or 0)
        if rule is None or reminder.state not in OPEN_STATES | {State.CANCELLED}:
            return None
        if reminder.state == State.CANCELLED and reminder.occurrence != self.appointment.occurrence:
            return None
        if rule.channel == "" and not reminder.tries:
            reminder.channel = channel_of(self.material, rule, self.appointment)
        decision = self._decision(reminder, rule)
        due = decision.schedule.due
        if reminder.state == State.CANCELLED and (decision.verdict in _GONE or due is None or due <= self.now):
            return None
        if due is not None and due < self.now < reminder.due_at and not reminder.tries:
            reminder.planned_at = self.now  # a change put it into the past: late from now on, like a late booking
            decision = self._decision(reminder, rule)
        self._apply(reminder, decision)
        return decision

    def _decision(self, reminder: Reminder, rule: Rule) -> Decision:
        return decide(facts_of(self.material, self.appointment, rule, part_of(reminder, self.standing)), self.now)

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
        """Of several steps of one kind whose moment has passed, gone or not, only the one nearest the start counts: a
        late one that is farther from it does not go any more."""
        late = [row for row in rows if row[1].schedule.late and row[0].state == State.PLANNED]
        if not late:
            return
        steps = [(reminder.kind, decision.schedule.nominal) for reminder, decision in rows if self._stands(reminder)]
        steps += [
            (one.kind, self._decision(one, rule).schedule.nominal)
            for one in self.standing
            if self._stands(one)
            and one.state not in OPEN_STATES
            and (rule := self.material.rules.get(one.rule_id or 0))
        ]
        for reminder, decision in late:
            own = decision.schedule.nominal
            if any(kind == reminder.kind and own < nominal < self.now for kind, nominal in steps):
                end(reminder, State.SUPERSEDED, decision, self.now)

    def _stands(self, reminder: Reminder) -> bool:
        return reminder.occurrence == self.appointment.occurrence and reminder.state not in _VOID


def _values(reminder: Reminder) -> list[object]:
    return [getattr(reminder, name) for name in _CHANGED]


def end(reminder: Reminder, state: State, decision: Decision, now: datetime) -> None:
    """Ends a reminder in the given state, its gates frozen with it. Does not save."""
    reminder.state = state
    reminder.gates = decision.frozen()
    reminder.decided_at = reminder.ended_at = now
    if reminder.look_at is None:
        reminder.look_at = reminder.due_at
