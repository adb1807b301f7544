"""Which reminders should exist? Brings the plan of appointments up to date with their revision.

Called in the same transaction where a person waits for the answer, and by the drain for everything that is behind
(form, import, shell and raw SQL alike). Safe to repeat: what stands already is left alone.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from django.db.models import F

from appointments.models import Appointment
from clinics.models import Clinic
from clinics.rows import insert_rows, update_rows
from reminders.decision import Decision, Outline, Verdict, decide, outline
from reminders.decision_facts import Facts
from reminders.facts import basis_of, channel_of, facts_of, mismatch, notice_trigger, part_of
from reminders.kinds import NOTICES, OPEN_STATES, Kind, Origin, Route, State
from reminders.material import Grounds, gather_grounds
from reminders.models import Reminder, Rule
from reminders.told import note_first_sight

log = logging.getLogger(__name__)

#: Verdicts that end a reminder before its moment.
_GONE = {Verdict.CANCEL: State.CANCELLED, Verdict.SUPERSEDE: State.SUPERSEDED}
#: The columns of a standing reminder that the plan writes.
CHANGED = ("channel", "state", "planned_at", "due_at", "deadline", "look_at", "gates", "decided_at", "ended_at")
_values = attrgetter(*CHANGED)
#: States that say that a step no longer stands for anything.
_VOID = frozenset({State.CANCELLED, State.SUPERSEDED})


def bring_up_to_date(clinic: Clinic, appointment_ids: Sequence[int], now: datetime) -> int:
    """Writes the reminders of these appointments; gives how many rows were made or changed. Inside `in_clinic`.

    Appointments that somebody else is changing are passed over, and so is one whose facts cannot be made; they stay
    behind and are met again.
    """
    plan = write_plan(clinic, appointment_ids, now)
    return len(plan.made) + len(plan.changed)


def write_plan(clinic: Clinic, appointment_ids: Sequence[int], now: datetime) -> "Planned":
    """The same; gives what was written, and the appointments that were planned."""
    if not appointment_ids:  # the end of a walk
        return Planned()
    locked = Appointment.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__any_of=appointment_ids)
    rows = {row.pk: row for row in locked.order_by("pk")}
    material = gather_grounds(clinic, rows)
    locked_reminders = Reminder.objects.select_for_update(of=("self",)).filter(appointment__any_of=rows)
    standing = list(locked_reminders.order_by("pk"))  # before Told, as everywhere: no two wait for each other
    note_first_sight(material, now)
    plan = plan_in_memory(material, standing, now)
    insert_rows(Reminder, plan.made)
    update_rows(Reminder, plan.changed, CHANGED)
    behind = [pk for pk in plan.planned if rows[pk].planned_revision != rows[pk].revision]
    if behind:
        Appointment.objects.filter(pk__any_of=behind).update(planned_revision=F("revision"))
    return plan


@dataclass(frozen=True)
class Planned:
    """What the plan says of some appointments: the rows to make, those to change, all that then stand, and the
    appointments that could be planned."""

    made: list[Reminder] = field(default_factory=list)
    changed: list[Reminder] = field(default_factory=list)
    standing: list[Reminder] = field(default_factory=list)
    planned: list[int] = field(default_factory=list)


def plan_in_memory(material: Grounds, standing: Iterable[Reminder], now: datetime) -> Planned:
    """The plan of the material's appointments, given the reminders that stand; writes nothing, but the given rows
    carry what would be written."""
    own: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in standing:
        own[reminder.appointment_id].append(reminder)
    found = Planned()
    for appointment in material.appointments.values():
        rows = own[appointment.pk]
        try:
            made, changed = _Plan(material, appointment, rows, now).rows()
        except Exception:  # a wording or a zone that cannot be read: its neighbours do not wait for it
            log.exception("appointment %s cannot be planned", appointment.pk)
            continue
        found.made.extend(made)
        found.changed.extend(changed)
        found.standing.extend([*rows, *made])
        found.planned.append(appointment.pk)
    return found


def place(material: Grounds, reminder: Reminder, now: datetime) -> Reminder:
    """A row that is still to be saved, with the moments that the decision gives it. Gives the same row."""
    _Plan(material, material.appointments[reminder.appointment_id], [], now).place(reminder)
    return reminder


@dataclass
class _Plan:
    """The plan of one appointment."""

    material: Grounds
    appointment: Appointment
    standing: list[Reminder]
    now: datetime

    def rows(self) -> tuple[list[Reminder], list[Reminder]]:
        """The rows to make, for the rules that have none yet, and the standing ones that the present facts change."""
        made = [(row, self.place(row)) for row in self._of_lead_times()]
        made += [one for row in self._of_notices() if self._may_still_tell(*(one := (row, self.place(row))))]
        before = [_values(reminder) for reminder in self.standing]
        decided = [(one, outlined) for one in self.standing if (outlined := self._decide_again(one)) is not None]
        self._one_of_the_late(made + decided)
        changed = [one for one, values in zip(self.standing, before, strict=True) if _values(one) != values]
        return [reminder for reminder, _ in made], changed

    def _of_lead_times(self) -> list[Reminder]:
        """For each rule that counts back from the start and applies, unless it has one for the present occurrence."""
        trigger = f"o{self.appointment.occurrence}"
        timed = [rule for rule in self._applying() if rule.kind not in NOTICES]
        has = {(one.rule_id, one.trigger) for one in self.standing if one.route == Route.PRIMARY}
        return [self._row(rule, trigger, None) for rule in timed if (rule.pk, trigger) not in has]

    def _of_notices(self) -> list[Reminder]:
        """For each rule that tells of what staff last agreed to tell of and has none for it. A change is told with the
        booking while that has not gone, and stays told so."""
        answer = self.material.answers.get(self.appointment.pk)
        if answer is None or not answer.notify:
            return []
        trigger = notice_trigger(answer.revision)
        has = {one.rule_id: one.kind for one in self.standing if one.trigger == trigger}
        waits = any(one.kind == Kind.BOOKING and one.state in OPEN_STATES for one in self.standing)
        kind = Kind.BOOKING if answer.event == Kind.CHANGE and waits else Kind(answer.event)
        kind = Kind(next(iter(has.values()), kind))
        fresh = (rule for rule in self._applying() if rule.kind == kind and rule.pk not in has)
        return [self._row(rule, trigger, answer.at) for rule in fresh]

    def _may_still_tell(self, notice: Reminder, outlined: Outline) -> bool:
        """Whether its moment is to come, or the plan has not seen what staff agreed to. A rule that came to apply after
        that moment tells nobody of what is long past."""
        answer = self.material.answers[self.appointment.pk]
        is_behind = 0 < self.appointment.planned_revision < answer.revision
        return is_behind or (outlined.schedule.due or outlined.schedule.nominal) > self.now

    def _applying(self) -> list[Rule]:
        rules = self.material.rules.values()
        return [rule for rule in rules if rule.active and not mismatch(rule, self.appointment)]

    def _row(self, rule: Rule, trigger: str, event_at: datetime | None) -> Reminder:
        appointment = self.appointment
        return Reminder(
            clinic_id=appointment.clinic_id, appointment=appointment, rule=rule, trigger=trigger, kind=rule.kind,
            occurrence=appointment.occurrence, channel=channel_of(self.material, rule, appointment),
            planned_at=self.now, event_at=event_at,
        )  # fmt: skip

    def _decide_again(self, reminder: Reminder) -> Outline | None:
        """Applies the present facts to an open row, to a cancelled one that applies again, or to one of an occurrence
        to which the appointment returned. None where it stays."""
        rule = self.material.rules.get(reminder.rule_id or 0)
        ended = reminder.state not in OPEN_STATES
        if ended and not self._may_apply_again(reminder):
            return None
        chosen_by_rule = reminder.route == Route.PRIMARY and reminder.origin == Origin.AUTOMATIC
        if rule is not None and chosen_by_rule and not reminder.tries:
            reminder.channel = channel_of(self.material, rule, self.appointment)
        outlined = self._outline(reminder)
        looked_at = outlined.schedule.due or outlined.schedule.nominal
        missed = looked_at <= self.now and not _was_moved_away(reminder)  # whose moment comes again with the grace
        if ended and (outlined.gone or missed):
            return None
        if looked_at < self.now and self._was_put_into_the_past(reminder, outlined):
            reminder.planned_at = self.now  # late from now on, like a late booking
            outlined = self._outline(reminder)
        self._apply(reminder, outlined)
        return outlined

    def _was_put_into_the_past(self, reminder: Reminder, outlined: Outline) -> bool:
        """Whether a change did it: of a rule, of hours, of the start. The end of a pause makes nothing late."""
        schedule, pause = outlined.schedule, self.material.clinic.paused_until
        due = schedule.due or schedule.nominal
        by_pause = pause is not None and schedule.nominal < pause <= due
        was_to_come = self.now < reminder.due_at and not reminder.tries
        return reminder.event_at is None and was_to_come and not by_pause

    def _may_apply_again(self, reminder: Reminder) -> bool:
        present = reminder.occurrence == self.appointment.occurrence or Kind(reminder.kind) in NOTICES
        return present and (reminder.state == State.CANCELLED or _was_moved_away(reminder))

    def _outline(self, reminder: Reminder) -> Outline:
        rule = self.material.rules.get(reminder.rule_id or 0)
        basis = basis_of(self.material, self.appointment, rule, reminder)
        return outline(basis, self.now, lambda: self._facts(reminder))

    def _facts(self, reminder: Reminder) -> Facts:
        material, rule = self.material.whole(), self.material.rules.get(reminder.rule_id or 0)
        return facts_of(material, self.appointment, rule, part_of(material, reminder, self.standing))

    def place(self, reminder: Reminder) -> Outline:
        """Gives a new row its moments, or ends it at once."""
        outlined = self._outline(reminder)
        self._apply(reminder, outlined)
        return outlined

    def _apply(self, reminder: Reminder, outlined: Outline) -> None:
        schedule = outlined.schedule
        reminder.due_at = schedule.due or schedule.nominal
        reminder.deadline = schedule.deadline
        if outlined.gone is not None:
            self._end(reminder, _GONE[outlined.gone])
            return
        reminder.state = State.PLANNED
        reminder.gates, reminder.decided_at, reminder.ended_at = [], None, None
        if not reminder.tries:  # a retry waits for its own moment; what a pause holds back is held once it is due
            reminder.look_at = outlined.look_at

    def _end(self, reminder: Reminder, state: State) -> None:
        end(reminder, state, decide(self._facts(reminder), self.now), self.now)

    def _one_of_the_late(self, rows: list[tuple[Reminder, Outline]]) -> None:
        """Of several steps of one kind whose moment has passed only the last counts, and none where one that was there
        before it, and has ended, was meant for a later moment: a late one that is farther from the start does not go
        any more."""
        late = [row for row in rows if row[1].schedule.late and row[0].state == State.PLANNED]
        if not late:
            return
        nominal = [(reminder.kind, outlined.schedule.nominal) for reminder, outlined in rows if self._stands(reminder)]
        passed = [(kind, moment) for kind, moment in nominal if moment < self.now]
        ended = [one for one in self.standing if self._stands(one) and one.state not in OPEN_STATES]
        for reminder, outlined in late:
            own, before = outlined.schedule.nominal, [one for one in ended if one.planned_at < reminder.planned_at]
            meant = [*passed, *((one.kind, one.due_at) for one in before)]
            if any(kind == reminder.kind and own < moment for kind, moment in meant):
                self._end(reminder, State.SUPERSEDED)

    def _stands(self, reminder: Reminder) -> bool:
        timed = reminder.event_at is None and reminder.rule_id is not None
        return timed and reminder.occurrence == self.appointment.occurrence and reminder.state not in _VOID


def _was_moved_away(reminder: Reminder) -> bool:
    """Whether it ended because the appointment moved, and for nothing else."""
    return reminder.state == State.SUPERSEDED and ["moved", False] in [gate[:2] for gate in reminder.gates]


def end(reminder: Reminder, state: State, decision: Decision, now: datetime) -> None:
    """Ends a reminder in the given state, its gates frozen with it. Does not save."""
    reminder.state = state
    reminder.gates = decision.frozen()
    reminder.decided_at = reminder.ended_at = now
    if reminder.look_at is None:
        reminder.look_at = reminder.due_at
