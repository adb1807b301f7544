"""What would go if a person said "send now"? For each channel of an appointment, at one moment.

What was begun or handed over on the channel in the last ten minutes is on its way: nothing more is made. Else it is the
earliest step that still waits; else a further round of the newest step that was missed, or went long ago; else a row of
its own. The decision is the sender's, on a reminder made by hand: it waives what a person's act waives, and no more.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from appointments.models import Appointment, Status
from clinics.models import Clinic
from messaging.channels import Channel
from reminders.causes import causes_of
from reminders.compose import Text, compose, empty_fields, values
from reminders.conditions import Gate
from reminders.decision import Decision, Verdict, decide
from reminders.facts import address_of, facts_of, part_of
from reminders.kinds import IN_FLIGHT_STATES, NOTICES, OPEN_STATES, Kind, Origin, State
from reminders.material import Material
from reminders.models import Reminder
from reminders.outlook import Foreseen, around, foreseen_of
from reminders.plan import plan_in_memory

#: What went so short a time ago counts as being on its way.
RECENT = timedelta(minutes=10)
#: Went, or may have.
_GONE = frozenset({State.HANDED_OVER, State.UNCERTAIN})
#: Ended in a way of which a further round can be wanted.
_MISSED = _GONE | {State.SKIPPED, State.EXPIRED, State.FAILED, State.SUPERSEDED}
#: By hand these close only because another gate did, or because the appointment is over.
_CONSEQUENCES = frozenset({"due", "deadline", "no_allowed_moment"})


@dataclass(frozen=True)
class Offer:
    """What "Send now" would do on one channel."""

    channel: Channel
    #: What would go, by hand: a copy of a row that stands, or one that is not saved yet.
    step: Reminder
    #: Where it is a row that waits: the moment at which it would have gone by itself.
    planned_for: datetime | None
    #: The decision on it by hand, now.
    decision: Decision
    #: What is being sent over this channel, or went just now.
    on_its_way: Reminder | None
    #: The newest that went, or may have, over this channel for the present time: then a question comes first.
    gone_before: Reminder | None
    #: What the patient would read, and where; None and empty where there are no words, or no address.
    text: Text | None
    address: str
    #: What still goes by itself afterwards, by moment.
    later: tuple[Foreseen, ...]
    #: Stands for what a person is shown: where it differs, something else would go.
    basis: str

    @property
    def may_go(self) -> bool:
        """Whether it goes if a person says so."""
        return self.on_its_way is None and self.decision.verdict is Verdict.SEND

    @property
    def reasons(self) -> tuple[Gate, ...]:
        """Every closed gate, but those that only follow from another. A pause is one of them: it is not waited for."""
        closed = self.decision.failed
        named = (causes_of(self.decision.gates) | {"paused"}) - _CONSEQUENCES
        return tuple(gate for gate in closed if gate.code in named) or closed


def offers(clinic: Clinic, appointment: Appointment, now: datetime) -> list[Offer]:
    """For each channel that the clinic has switched on, or over which the appointment has a reminder for its present
    time; inside `in_clinic`. Writes nothing."""
    desk = _desk(clinic, appointment.pk, now)
    used = {one.channel for one in desk.rows}
    return [desk.offer(channel) for channel in Channel if channel in clinic.channels_on or channel in used]


def offer_of(clinic: Clinic, appointment: Appointment, channel: Channel, now: datetime, again: int | None) -> Offer:
    """For one channel; `again` asks for one reminder, or a further round of it. Raises LookupError where that is none
    of this channel and of the appointment's present time."""
    return _desk(clinic, appointment.pk, now).offer(channel, again)


def offer_among(
    material: Material, standing: Sequence[Reminder], channel: Channel, now: datetime, again: int | None
) -> Offer:
    """The same for the one appointment of the material and its reminders, both locked; what goes later is left out."""
    [appointment] = material.appointments.values()
    return _Desk(material, appointment, standing, (), now).offer(channel, again)


def _desk(clinic: Clinic, appointment_id: int, now: datetime) -> "_Desk":
    """The appointment as it will be once the plan has caught up."""
    material, everything = around(clinic, [appointment_id], now)
    planned = plan_in_memory(material, everything, now).standing
    standing = [one for one in planned if one.appointment_id == appointment_id] or [
        one for one in everything if one.appointment_id == appointment_id
    ]
    return _Desk(material, material.appointments[appointment_id], standing, planned, now)


@dataclass
class _Desk:
    """One appointment, before somebody who may send by hand."""

    material: Material
    appointment: Appointment
    standing: Sequence[Reminder]
    #: Its reminders, and those of its patient's other appointments; empty where nobody asks what goes later.
    around: Sequence[Reminder]
    now: datetime

    @property
    def rows(self) -> list[Reminder]:
        """Those of the appointment's present time, by the moment for which they are meant."""
        present = [one for one in self.standing if one.occurrence == self.appointment.occurrence]
        return sorted(present, key=lambda one: (one.due_at, one.pk or 0))

    def offer(self, channel: Channel, again: int | None = None) -> Offer:
        """What would go over this channel."""
        own = [one for one in self.rows if one.channel == channel]
        step, planned_for = self._chosen(own, channel, again)
        gone = [one for one in own if one.state in _GONE and (one.kind in NOTICES) == (step.kind in NOTICES)]
        gone_before = max(gone, key=when_it_went, default=None)
        patient = self.material.patients.get(self.appointment.patient_id or 0)
        decision = self._decision(step)
        return Offer(
            channel=channel,
            step=step,
            planned_for=planned_for,
            decision=decision,
            on_its_way=next((one for one in own if self._on_its_way(one)), None),
            gone_before=gone_before,
            text=self._text(step),
            address=address_of(self.material, patient, channel) if patient else "",
            later=self._later(step, decision),
            basis=f"{self.appointment.revision}/{_name(step)}/{gone_before.pk if gone_before else 0}",
        )

    def _chosen(self, own: Sequence[Reminder], channel: Channel, again: int | None) -> tuple[Reminder, datetime | None]:
        """The row that would go, as one made by hand, and when it would have gone by itself where it still waits."""
        if again is not None:
            named = next((one for one in own if one.pk == again), None)
            if named is None:
                raise LookupError(f"reminder {again} is none of this channel and the appointment's present time")
            return self._by_hand(named)
        for one in self._candidates(own):
            step, planned_for = self._by_hand(one)
            if not self._void(step):
                return step, planned_for
        return self._round_after(Reminder(trigger="", kind=Kind.REMINDER, channel=channel)), None

    def _candidates(self, own: Sequence[Reminder]) -> Iterator[Reminder]:
        """What waits, the earliest first; then what was missed or went, the newest first. Notices have a question of
        their own, but of a cancelled appointment there is nothing to say but its cancellation."""
        cancelled = self.appointment.status == Status.CANCELLED
        meant = [one for one in own if (one.kind == Kind.CANCELLATION if cancelled else one.kind not in NOTICES)]
        yield from (one for one in meant if one.state in OPEN_STATES)
        yield from reversed([one for one in meant if one.state in _MISSED])

    def _by_hand(self, one: Reminder) -> tuple[Reminder, datetime | None]:
        if one.state not in OPEN_STATES:
            return self._round_after(one), None
        step = copy(one)
        step.origin, step.event_at = Origin.MANUAL, self.now
        return step, one.look_at if one.tries else one.due_at

    def _round_after(self, one: Reminder) -> Reminder:
        """A further round of the same step; the first where it is not one that stands."""
        rounds = [other.round for other in self.standing if _same_step(other, one)]
        return Reminder(
            clinic_id=self.appointment.clinic_id, appointment=self.appointment, rule_id=one.rule_id,
            trigger=one.trigger, route=one.route, round=max(rounds, default=0) + 1, origin=Origin.MANUAL,
            kind=one.kind, channel=one.channel, occurrence=self.appointment.occurrence, planned_at=self.now,
            event_at=self.now,
        )  # fmt: skip

    def _decision(self, step: Reminder) -> Decision:
        rule = self.material.rules.get(step.rule_id or 0)
        return decide(facts_of(self.material, self.appointment, rule, part_of(self.material, step)), self.now)

    def _later(self, step: Reminder, decision: Decision) -> tuple[Foreseen, ...]:
        """What still goes by itself after this step, which counts for what its patient may receive, where it goes."""
        rows = [copy(one) for one in self.around if not _is_round(one, step)]
        if rows and decision.verdict is Verdict.SEND:
            rows.append(waiting_now(copy(step), decision, self.now))
        found = (one for one in foreseen_of(self.material, rows, self.now) if _goes_besides(one, step))
        return tuple(sorted(found, key=lambda one: one.foresight.at))

    def _void(self, step: Reminder) -> bool:
        """Whether it stands for nothing any more: its rule no longer fits, or there is nothing to tell."""
        decision = self._decision(step)
        nothing = any(gate.code == "nothing_changed" for gate in decision.failed)
        return nothing or decision.verdict in (Verdict.CANCEL, Verdict.SUPERSEDE)

    def _on_its_way(self, one: Reminder) -> bool:
        if one.state in IN_FLIGHT_STATES:
            return True
        if one.state in OPEN_STATES:  # somebody has said "now", it still may go, and no drain has come by yet
            said = one.origin != Origin.AUTOMATIC and not one.tries and one.look_at <= self.now
            return said and self._decision(one).verdict is Verdict.SEND
        return one.state in _GONE and self.now - when_it_went(one) < RECENT

    def _text(self, step: Reminder) -> Text | None:
        wording = self.material.wording(Kind(step.kind), step.channel, self.appointment)
        filled = values(self.material, self.appointment, wording.language) if wording else {}
        if wording is None or empty_fields(wording, filled):
            return None
        return compose(wording, filled, Channel(step.channel))


def when_it_went(one: Reminder) -> datetime:
    """When one that went, or may have, was taken over, or else began."""
    return one.handed_over_at or one.decided_at or one.ended_at or one.planned_at


def waiting_now(step: Reminder, decision: Decision, now: datetime) -> Reminder:
    """The step as a person's "now" leaves it to the drain, given the decision on it. Gives the same row, not saved."""
    step.state, step.look_at = State.PLANNED, now
    step.due_at, step.deadline = decision.schedule.due or now, decision.schedule.deadline
    return step


def _goes_besides(one: Foreseen, step: Reminder) -> bool:
    """Whether it is of the same appointment, and still goes after this step. What that says tells of a change too: a
    notice of it is not needed."""
    other = one.reminder.appointment_id == step.appointment_id and not _is_round(one.reminder, step)
    return other and one.foresight.goes_at is not None and one.reminder.kind != Kind.CHANGE


def _is_round(one: Reminder, step: Reminder) -> bool:
    own = one.appointment_id == step.appointment_id
    return own and _same_step(one, step) and one.round == step.round


def _same_step(one: Reminder, other: Reminder) -> bool:
    return (one.rule_id, one.trigger, one.route) == (other.rule_id, other.trigger, other.route)


def _name(step: Reminder) -> str:
    """The same whether the plan has saved it meanwhile or not."""
    return f"{step.rule_id or 0}.{step.trigger}.{step.route}.{step.round}"
