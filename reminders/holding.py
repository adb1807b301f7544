"""What do a mark and a switch of one appointment hold back, and what goes again without them?

A mark ("reminded elsewhere") stands for a channel or for all, a switch for one channel. Both are gates of the decision;
here it is asked how it would decide without one of them. Writes nothing.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from appointments.models import Appointment
from clinics.models import Clinic
from messaging.channels import Channel
from reminders.kinds import State
from reminders.material import Material
from reminders.models import Reminder
from reminders.outlook import Foreseen, around, foreseen_of

MARK, SWITCH = "reminded_elsewhere", "appointment_reminder_off"


@dataclass(frozen=True)
class Held:
    """What is held back: what goes again without it, by moment, and the steps whose moment has passed under it."""

    goes_again: tuple[Foreseen, ...]
    missed: tuple[Reminder, ...]


@dataclass(frozen=True)
class Holding:
    """One appointment's reminders as they will be, and as they would be."""

    material: Material
    appointment: Appointment
    standing: Sequence[Reminder]
    #: Those of other appointments of the patient, which may go before them.
    beside: Sequence[Reminder]
    #: What goes as things stand, by moment.
    goes: tuple[Foreseen, ...]
    now: datetime

    def stopped_by_mark(self, channel: str) -> tuple[Foreseen, ...]:
        """What would not go any more if this channel ("" for all) were marked now. Notices go all the same."""
        return tuple(one for one in self.goes if channel in ("", one.reminder.channel) and _heeds(one, MARK))

    def stopped_by_switch(self, channel: str) -> tuple[Foreseen, ...]:
        """What would not go any more if this channel were switched off now."""
        return tuple(one for one in self.goes if one.reminder.channel == channel and _heeds(one, SWITCH))

    def held_by_mark(self, channel: str) -> Held:
        """What the standing mark of this channel ("" for all) holds back."""
        key = (self.appointment.pk, self.appointment.occurrence)
        left = {name: how for name, how in self.material.marks.get(key, {}).items() if name != channel}
        without = replace(self.material, marks={**self.material.marks, key: left})
        return self._held(without, MARK, frozenset({channel} if channel else Channel) - left.keys())

    def held_by_switch(self, channel: str) -> Held:
        """What the channel's being switched off holds back."""
        left = self.material.unwanted.get(self.appointment.pk, set()) - {channel}
        without = replace(self.material, unwanted={**self.material.unwanted, self.appointment.pk: left})
        return self._held(without, SWITCH, frozenset({channel}))

    def _held(self, without: Material, code: str, channels: frozenset[str]) -> Held:
        goes_already = {_step(one.reminder) for one in self.goes}
        would_go = _going(without, self.appointment, [*self.standing, *self.beside], self.now)
        return Held(
            tuple(one for one in would_go if _step(one.reminder) not in goes_already),
            tuple(one for one in self.standing if one.channel in channels and self._missed(one, code)),
        )

    def _missed(self, one: Reminder, code: str) -> bool:
        """Whether its moment passed under it: its gates were frozen with it, and this one was closed."""
        present = one.occurrence == self.appointment.occurrence
        return present and one.state == State.SKIPPED and [code, False] in [gate[:2] for gate in one.gates]


def holding(clinic: Clinic, appointment: Appointment, now: datetime) -> Holding:
    """Of an appointment; inside `in_clinic`. A fixed number of queries, however much is then asked of it."""
    material, everything = around(clinic, [appointment.pk], now)
    own = sorted((one for one in everything if one.appointment_id == appointment.pk), key=lambda one: one.due_at)
    beside = [one for one in everything if one.appointment_id != appointment.pk]
    row = material.appointments[appointment.pk]
    return Holding(material, row, own, beside, _going(material, row, everything, now), now)


def _going(
    material: Material, appointment: Appointment, reminders: Iterable[Reminder], now: datetime
) -> tuple[Foreseen, ...]:
    """What goes of the appointment, by moment; the given rows are left as they are."""
    found = foreseen_of(material, [copy(one) for one in reminders], now)
    own = (one for one in found if one.foresight.goes_at and one.reminder.appointment_id == appointment.pk)
    return tuple(sorted(own, key=lambda one: one.foresight.at))


def _heeds(one: Foreseen, code: str) -> bool:
    """Whether that gate is one of its own."""
    return any(gate.code == code and gate.passed is not None for gate in one.foresight.decision.gates)


def _step(one: Reminder) -> tuple[object, ...]:
    return one.rule_id, one.trigger, one.route, one.round
