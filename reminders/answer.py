"""Why, and will it? For an appointment every rule, channel and route, what has been and what is still to come.

The one decision is asked for each of them; nothing is decided here. Rules that have no reminder for the appointment
(switched off, for other appointments) are answered as if the plan made one now, so that none stays without an answer.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from appointments.models import Appointment
from clinics.models import Clinic
from reminders.conditions import Gate
from reminders.decision import Decision, Foresight, Verdict, decide, foresee
from reminders.decision_facts import Facts
from reminders.facts import channel_of, facts_of, notice_trigger, part_of
from reminders.fallback import foreseen_fallback
from reminders.kinds import ENDED_STATES, IN_FLIGHT_STATES, NOTICES, OPEN_STATES, Kind, Route, State
from reminders.material import Material
from reminders.models import Reminder, Rule
from reminders.outlook import Foreseen, around, foreseen_of, frozen


class Standing(StrEnum):
    """How a rule, or something sent by hand, stands to the appointment."""

    TO_COME = "to_come"  #: it waits for its moment, or will once the plan has caught up
    UNDER_WAY = "under_way"  #: a worker has it
    ENDED = "ended"  #: it went, or did not
    NOT_PLANNED = "not_planned"  #: the rule is off, or for other appointments: it has no reminder here
    STANDS_BY = "stands_by"  #: a fallback, which opens only if its rule's own channel cannot reach the patient
    NOT_ASKED = "not_asked"  #: a notice of something that did not happen, or that staff were not asked to tell


@dataclass(frozen=True)
class Answer:
    """What is, was or will be of one step. Without a row in the database `reminder` has no id."""

    standing: Standing
    reminder: Reminder
    rule: Rule | None
    #: The gates as they were seen when it ended or began; empty before.
    seen: tuple[Gate, ...]
    #: What the decision says now; None where nothing is to be decided (NOT_ASKED).
    now: Decision | None
    #: What is still to become of it. Of one that ended only where it would stand again: the plan took it back, and
    #: its moment is still to come.
    foresight: Foresight | None
    #: Whether it is of the appointment's present time.
    present: bool
    #: The language in which its wording is looked for first, and then the clinic's.
    language: str

    @property
    def goes_at(self) -> datetime | None:
        """When it will go; None where it will not, or went."""
        return self.foresight.goes_at if self.foresight and self.standing is Standing.TO_COME else None

    @property
    def at(self) -> datetime:
        """The moment by which answers stand in order."""
        return self.goes_at or self.reminder.handed_over_at or self.reminder.due_at


def answers(clinic: Clinic, appointment_ids: Collection[int], now: datetime) -> dict[int, list[Answer]]:
    """Appointment → its answers by moment, former times too; inside `in_clinic`. Writes nothing. A fixed number of
    queries."""
    material, standing = around(clinic, appointment_ids, now)
    to_come = list(foreseen_of(material, standing, now))  # the standing rows are as the plan will leave them, too
    found: dict[int, list[Answer]] = {pk: [] for pk in appointment_ids}
    for appointment in (material.appointments[pk] for pk in found if pk in material.appointments):
        own = [one for one in standing if one.appointment_id == appointment.pk]
        coming = [one for one in to_come if one.reminder.appointment_id == appointment.pk]
        made = list(_Answers(material, appointment, own, coming, now).all())
        found[appointment.pk] = sorted(made, key=lambda one: (one.at, one.reminder.pk or 0))
    return found


@dataclass(frozen=True)
class _Answers:
    """The answers of one appointment."""

    material: Material
    appointment: Appointment
    standing: list[Reminder]
    to_come: list[Foreseen]
    now: datetime

    def all(self) -> Iterator[Answer]:
        for one in self.to_come:
            yield self._answer(Standing.TO_COME, one.reminder, one.foresight)
        foreseen = {id(one.reminder) for one in self.to_come}
        for reminder in self.standing:
            if reminder.state in ENDED_STATES:
                yield self._answer(Standing.ENDED, reminder, self._again(reminder))
            elif reminder.state in IN_FLIGHT_STATES:
                yield self._answer(Standing.UNDER_WAY, reminder, None)
            elif id(reminder) not in foreseen:  # the plan cannot be made; it waits as it is
                yield self._answer(Standing.TO_COME, reminder, foresee(self._facts(reminder), self.now))
        rows = list({id(one): one for one in [*self.standing, *(one.reminder for one in self.to_come)]}.values())
        yield from self._fallbacks(rows)
        yield from self._without_a_row(rows)

    def _answer(self, standing: Standing, reminder: Reminder, foresight: Foresight | None) -> Answer:
        asked = standing is not Standing.NOT_ASKED
        return Answer(
            standing=standing,
            reminder=reminder,
            rule=self.material.rules.get(reminder.rule_id or 0),
            seen=frozen(reminder),
            now=decide(self._facts(reminder), self.now) if asked else None,
            foresight=foresight,
            present=reminder.occurrence == self.appointment.occurrence,
            language=self.material.language(self.appointment),
        )

    def _facts(self, reminder: Reminder) -> Facts:
        rule = self.material.rules.get(reminder.rule_id or 0)
        later = [one for one in self.standing if one.round > 1]
        return facts_of(self.material, self.appointment, rule, part_of(self.material, reminder, later))

    def _again(self, reminder: Reminder) -> Foresight | None:
        """What would become of one that the plan took back, since it stands again if its cause is mended in time."""
        present = reminder.occurrence == self.appointment.occurrence
        if reminder.state != State.CANCELLED or not present:
            return None
        foresight = foresee(self._facts(reminder), self.now)
        due = foresight.decision.schedule.due
        return foresight if due is not None and due > self.now else None

    def _fallbacks(self, rows: list[Reminder]) -> Iterator[Answer]:
        """Those that stand by: what they would meet if they opened when their primary goes, or now."""
        opened = {_step(one) for one in rows if one.route == Route.FALLBACK}
        goes = {id(one.reminder): one.foresight.goes_at for one in self.to_come}
        for one in rows:
            waits = one.state in OPEN_STATES | IN_FLIGHT_STATES or one.fallback_at is not None
            if not waits or _step(one) in opened:
                continue
            at = goes.get(id(one)) or max(one.fallback_at or self.now, self.now)
            lost = replace(decide(self._facts(one), at), verdict=Verdict.EXPIRE)
            fallback = foreseen_fallback(self.material, one, lost, at)
            if fallback is not None:
                yield self._unmade(Standing.STANDS_BY, fallback, at)

    def _without_a_row(self, rows: list[Reminder]) -> Iterator[Answer]:
        """Every rule for which no reminder stands."""
        answer = self.material.answers.get(self.appointment.pk)
        trigger = f"o{self.appointment.occurrence}"
        has = {(one.rule_id, one.trigger) for one in rows}
        notified = {one.rule_id for one in rows if Kind(one.kind) in NOTICES}
        for rule in self.material.rules.values():
            notice = Kind(rule.kind) in NOTICES
            if not notice and (rule.pk, trigger) not in has:
                yield self._unmade(Standing.NOT_PLANNED, self._row(rule, trigger, None), self.now)
            elif notice and answer is not None and answer.event == rule.kind and rule.pk not in notified:
                row = self._row(rule, notice_trigger(answer.revision), answer.at)
                yield self._unmade(Standing.NOT_PLANNED, row, self.now)
            elif notice and rule.pk not in notified:
                row = self._row(rule, "", self.now)
                row.due_at = self.appointment.start
                yield self._answer(Standing.NOT_ASKED, row, None)

    def _row(self, rule: Rule, trigger: str, event_at: datetime | None) -> Reminder:
        appointment = self.appointment
        return Reminder(
            clinic_id=appointment.clinic_id, appointment=appointment, rule=rule, trigger=trigger, kind=rule.kind,
            occurrence=appointment.occurrence, channel=channel_of(self.material, rule, appointment),
            planned_at=self.now, event_at=event_at, state=State.CANCELLED,
        )  # fmt: skip

    def _unmade(self, standing: Standing, reminder: Reminder, at: datetime) -> Answer:
        """Of a row that is not there: as it would be if it were made at that moment."""
        foresight = foresee(self._facts(reminder), at)
        schedule = foresight.decision.schedule
        reminder.due_at, reminder.deadline = schedule.due or schedule.nominal, schedule.deadline
        reminder.look_at = reminder.due_at
        return self._answer(standing, reminder, foresight)


def _step(reminder: Reminder) -> tuple[int | None, str, int]:
    return reminder.rule_id, reminder.trigger, reminder.round
