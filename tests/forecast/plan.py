"""Which rows should stand for an appointment? The model's own plan, from the design's chapters on words and states.

Imports nothing of the product. A plan that runs twice at one moment changes nothing the second time.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from tests.forecast.entities import (
    BOOKING,
    CANCELLATION,
    CANCELLED,
    CHANGE,
    EXPIRED,
    FAILED,
    FALLBACK,
    NOTICES,
    PLANNED,
    PRIMARY,
    SENDING,
    SENT,
    SKIPPED,
    SUPERSEDED,
    UNCERTAIN,
    Agreed,
    Appointment,
    Clinic,
    Patient,
    Row,
    Rule,
)
from tests.forecast.schedule import GRACE, Schedule, schedule

#: A step in one of these has had its moment.
_PAST = {SENDING, SENT, UNCERTAIN, FAILED, EXPIRED, SKIPPED}
#: Whom staff may remind without any rule: who is still to come.
_TO_COME = frozenset({"requested", "scheduled", "confirmed"})


@dataclass
class World:
    """A clinic with everything in it, and what became of its reminders."""

    clinic: Clinic
    rules: dict[int, Rule] = field(default_factory=dict)
    patients: dict[int, Patient] = field(default_factory=dict)
    appointments: dict[int, Appointment] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    #: Row → to whom its message last began, over which channel, and when.
    began: dict[tuple[int, int | None, str, str, int], tuple[int | None, str, datetime]] = field(default_factory=dict)

    def of(self, appointment: Appointment) -> list[Row]:
        """Every row of an appointment."""
        return [row for row in self.rows if row.appointment == appointment.key]

    def rule(self, row: Row) -> Rule:
        """The row's rule; one made by hand without any has what it needs of one."""
        if row.rule is not None:
            return self.rules[row.rule]
        return Rule(0, kind=row.kind, channel=row.channel, statuses=_TO_COME)

    def schedule(self, row: Row) -> Schedule:
        """When a row leaves, as things are."""
        return schedule(self.clinic, self.rule(row), self.appointments[row.appointment], row)

    def channel(self, rule: Rule, appointment: Appointment) -> str:
        """The rule's own, else the patient's preferred one, else the clinic's default."""
        patient = self.patients.get(appointment.patient or 0)
        preferred = patient.preferred if patient and patient.preferred != "none" else ""
        return rule.channel or preferred or self.clinic.default_channel


def plan(world: World, now: datetime, keys: Collection[int] | None = None) -> None:
    """Brings the rows of these appointments (None: all) up to date, as far as they are to come. What happens at a
    moment of its own needs no plan; a change of what rows rest on does."""
    for appointment in world.appointments.values():
        if appointment.start > now and (keys is None or appointment.key in keys):
            _remember_what_was_told(appointment, now)
            _end_and_bring_back(world, appointment, now)
            _make(world, appointment, now)
            _refresh(world, appointment, now)
            _leave_the_nearest(world, appointment, now)


def agree(world: World, appointment: Appointment, event: str, revision: int, now: datetime) -> None:
    """Staff said that the patient is to be told. A change before the booking was told is told as a booking."""
    still_open = [row for row in world.of(appointment) if row.open and row.kind in NOTICES]
    kind = BOOKING if event == CHANGE and any(row.kind == BOOKING for row in still_open) else event
    for row in still_open:
        row.state = SUPERSEDED
    appointment.agreed, appointment.told_before = Agreed(kind, f"c{revision}", now), None


def decline(world: World, appointment: Appointment, now: datetime) -> None:
    """Staff said that the patient is not to be told: he knows."""
    appointment.told_before = (appointment.told or appointment.facts(), now)
    appointment.told, appointment.agreed = appointment.facts(), None
    for row in world.of(appointment):
        if row.open and row.kind in NOTICES:
            row.state = CANCELLED


def concerns(rule: Rule, appointment: Appointment) -> bool:
    """Whether the rule is on, and for this practitioner, place and type."""
    filters = (
        (rule.practitioners, appointment.practitioner),
        (rule.locations, appointment.location),
        (rule.types, appointment.type),
    )
    return rule.active and all(not wanted or value in wanted for wanted, value in filters)


def fits(rule: Rule, appointment: Appointment) -> bool:
    """Whether the rule sends for this appointment, as both stand."""
    if not concerns(rule, appointment) or appointment.deleted:
        return False
    if rule.kind == CANCELLATION:
        return appointment.status == "cancelled"
    return appointment.status in rule.statuses


def should_end(world: World, appointment: Appointment, row: Row) -> str | None:
    """The state in which an open row must end, whatever the time; None where it stands."""
    if not fits(world.rule(row), appointment):
        return CANCELLED
    if row.kind not in NOTICES and row.occurrence != appointment.occurrence:
        return SUPERSEDED
    return None


def _remember_what_was_told(appointment: Appointment, now: datetime) -> None:
    """As it was first seen. A "no" to a change that does not outlive the grace was said of nothing."""
    appointment.told = appointment.told or appointment.facts()
    if appointment.told_before is not None and appointment.told != appointment.facts():
        before, said = appointment.told_before
        appointment.told, appointment.told_before = before if now < said + GRACE else appointment.told, None


def _end_and_bring_back(world: World, appointment: Appointment, now: datetime) -> None:
    for row in world.of(appointment):
        should = should_end(world, appointment, row)
        if row.open and should:
            row.state = should
            row.by_move = should == SUPERSEDED
        elif should is None and (
            (row.state == SUPERSEDED and row.by_move)
            or (row.state == CANCELLED and world.schedule(row).looked_at > now and _still_meant(appointment, row))
        ):
            row.state, row.by_move = PLANNED, False


def _still_meant(appointment: Appointment, row: Row) -> bool:
    """A notice is brought back only where no later one, and no "no", came after it."""
    return row.kind not in NOTICES or (appointment.agreed is not None and row.trigger == appointment.agreed.trigger)


def _make(world: World, appointment: Appointment, now: datetime) -> None:
    """Rows that are not there yet: of each step for the present occurrence, and of each notice that staff agreed to
    while its moment is still to come."""
    present = {(row.rule, row.trigger) for row in world.of(appointment)}
    agreed = appointment.agreed
    for rule in world.rules.values():
        if rule.kind not in NOTICES:
            row = _new(world, rule, appointment, now)
        elif agreed is not None and rule.kind == agreed.kind:
            row = _new(world, rule, appointment, now)
            row.trigger, row.event_at = agreed.trigger, agreed.at
            if world.schedule(row).looked_at <= now:
                continue
        else:
            continue
        if concerns(rule, appointment) and (row.rule, row.trigger) not in present:
            row.state = should_end(world, appointment, row) or PLANNED
            world.rows.append(row)


def _new(world: World, rule: Rule, appointment: Appointment, now: datetime) -> Row:
    trigger, channel = f"o{appointment.occurrence}", world.channel(rule, appointment)
    return Row(appointment.key, rule.key, trigger, rule.kind, channel, appointment.occurrence, now)


def _refresh(world: World, appointment: Appointment, now: datetime) -> None:
    """Channels and moments, as things are. A change that put the moment of what was still to come into the past makes
    it known from now on: it is late, as if it had been booked now."""
    for row in world.of(appointment):
        if not row.open:
            continue
        rule = world.rule(row)
        row.channel = rule.fallback_channel if row.route == FALLBACK else world.channel(rule, appointment)
        plan = world.schedule(row)
        if row.event_at is None and row.due is not None and row.due > now > plan.looked_at:
            row.first_seen = now
            plan = world.schedule(row)
        row.due, row.meant, row.waits = plan.looked_at, plan.due or plan.nominal, None


def _leave_the_nearest(world: World, appointment: Appointment, now: datetime) -> None:
    """Of several past steps of a kind only the one nearest the start goes; what has ended counts with the moment for
    which it was meant then, whatever its rule says since, for those that came to be later. One that came in time and
    still waits is past too."""
    steps = [row for row in world.of(appointment) if row.route == PRIMARY and row.occurrence == appointment.occurrence]
    timed = [row for row in steps if row.event_at is None]
    named = {row.name: world.schedule(row) for row in timed}
    waiting = [(row, named[row.name].nominal) for row in timed if row.open and named[row.name].nominal < now]
    ended = [(row, row.meant or row.first_seen) for row in timed if row.state in _PAST]
    for row in timed:
        if row.open and named[row.name].late:
            before = [(other, meant) for other, meant in ended if other.first_seen < row.first_seen]
            past = [meant for other, meant in (*waiting, *before) if other.kind == row.kind]
            if any(meant > named[row.name].nominal for meant in past):
                row.state = SUPERSEDED
