"""Which messages must have arrived, and in which named state is every reminder? The independent model.

It knows the design's words, states, time and decided stories, and nothing of the product's decision, timing or plan. A
caller changes the world's rows, has them planned (`plan.plan`) and says `settle(now)`; it answers with the messages
that left at that moment.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.forecast.distance import begin, may_go
from tests.forecast.entities import (
    EXPIRED,
    FAILED,
    FALLBACK,
    HELD,
    NOTICES,
    OPEN,
    PLANNED,
    PRIMARY,
    SENDING,
    SENT,
    SKIPPED,
    SMS,
    SUPERSEDED,
    UNCERTAIN,
    Left,
    Row,
)
from tests.forecast.gates import OPENS_FALLBACK, closed
from tests.forecast.plan import World, should_end
from tests.forecast.schedule import GRACE, goes_before
from tests.forecast.wall import MINUTE, Hours

Name = tuple[int, int | None, str, str, int]
_WENT = {SENT, SENDING, UNCERTAIN}


@dataclass
class Model:
    """The world, and what leaves it."""

    world: World
    #: Patients whose mailbox does not exist: the provider refuses, for good.
    refused: set[int] = field(default_factory=set)
    #: Patients of whom the next mail arrives, and nobody says so.
    cut_off: set[int] = field(default_factory=set)
    #: What a provider said since the last drain: (name of the row, delivered or not).
    reports: list[tuple[tuple[int, int | None, str, str, int], bool]] = field(default_factory=list)
    #: Rows whose provider has refused them, and whose calls are not over yet.
    failing: list[Row] = field(default_factory=list)

    def move(self, key: int, start: datetime, now: datetime) -> None:
        """Another start: a new occurrence, but for the way back to the former start within the grace, while nothing of
        the abandoned occurrence was begun."""
        one = self.world.appointments[key]
        if start == one.start:
            return
        left, (was, former) = (one.start, one.occurrence), one.former or (one.start, one.occurrence)
        begun = any(row.occurrence == one.occurrence and self._begun(row) for row in self.world.of(one))
        if one.former and start == was and now < one.set_at + GRACE and not begun:
            one.occurrence = former
        else:
            one.counter += 1
            one.occurrence = one.counter
        one.former, one.start, one.set_at = left, start, now

    def settle(self, now: datetime) -> list[Left]:
        """Drains until nothing is left to do at this moment; what left, in no particular order."""
        self._take_up(now)
        left: list[Left] = []
        while True:
            before = [(row.name, row.state) for row in self.world.rows]
            states = dict(before)
            for row in sorted((one for one in self.world.rows if one.open), key=self._turn):
                left += self._look(row, now, stood_for=self._stood_for(row, now, states))
            for row in self.failing:  # a call ends after everything that was due with it has been decided
                self._open_fallback(row, now, unforeseen=True)
            self.failing.clear()
            if before == [(row.name, row.state) for row in self.world.rows]:
                return left

    def _turn(self, row: Row) -> tuple[datetime, float]:
        """In the order in which they are worked off: since when they are due, then as they are numbered."""
        return (self.world.schedule(row).looked_at, math.inf if row.number is None else row.number)

    def evidence_ends(self) -> None:
        """Nobody could tell in time whether it was sent: it stays uncertain, and is never sent again by itself."""
        for row in self.world.rows:
            row.state = UNCERTAIN if row.state == SENDING else row.state

    def next_moment(self, now: datetime) -> datetime | None:
        """The next moment after `now` at which something may happen by itself."""
        moments = [row.fallback_at for row in self.world.rows if row.fallback_at]
        for row in self.world.rows:
            if row.open:
                moments += self._moments(row, now)
        return min((one for one in moments if one > now), default=None)

    def _moments(self, row: Row, now: datetime) -> list[datetime]:
        due = self.world.schedule(row)
        moments = [due.looked_at, goes_before(row, due)]
        if due.looked_at <= now and (opens := may_go(self.world, row, now, self._hours(row))):
            moments.append(opens)
        if row.waits is not None:
            moments.append(row.waits)
        if self.world.clinic.paused_until:
            moments.append(self.world.clinic.paused_until)
        return moments

    def _take_up(self, now: datetime) -> None:
        """What providers said, and what they should have said by now."""
        rows = {row.name: row for row in self.world.rows}
        for name, delivered in self.reports:
            row = rows[name]
            row.fallback_at = None
            if delivered:
                for other in self._fallbacks(row):
                    other.state = SUPERSEDED if other.open else other.state
            elif row.state == SENT:
                row.state = FAILED
                self._open_fallback(row, now, unforeseen=True)
        self.reports.clear()
        for row in list(self.world.rows):
            if row.fallback_at is not None and row.fallback_at <= now:
                row.fallback_at = None
                self._open_fallback(row, now, unforeseen=True)

    def _stood_for(self, row: Row, now: datetime, states: Mapping[Name, str]) -> bool:
        """Whether a step nearer to the start went since the row was due, or goes now: of several that are due together
        it alone does. `states` are those in which the rows were taken up."""
        due = self.world.schedule(row).due
        return _is_step(row) and any(
            _is_step(other)
            and (other.appointment, other.kind, other.occurrence) == (row.appointment, row.kind, row.occurrence)
            and self.world.schedule(other).nominal > self.world.schedule(row).nominal
            and (
                (states.get(other.name) in _WENT and due is not None and due <= (other.sent_at or due))
                or (states.get(other.name) in OPEN and self._would_go(other, now))
            )
            for other in self.world.rows
        )

    def _would_go(self, row: Row, now: datetime) -> bool:
        due, paused = self.world.schedule(row), self.world.clinic.paused_until
        in_time = (
            due.due is not None and due.looked_at <= now < goes_before(row, due) and (paused is None or now >= paused)
        )
        return in_time and not self._closed(row) and may_go(self.world, row, now, self._hours(row)) == now

    def _look(self, row: Row, now: datetime, *, stood_for: bool) -> list[Left]:
        """One look at an open row: it stays, it ends, or it goes."""
        world, due = self.world, self.world.schedule(row)
        paused = world.clinic.paused_until is not None and now < world.clinic.paused_until
        if now < due.looked_at or (row.waits is not None and now < row.waits):
            row.state = PLANNED
            return []
        why = self._closed(row)
        if due.due is None:
            return self._end(row, SKIPPED, (*why, "window_passed" if due.late else "no_allowed_moment"), now)
        if now >= goes_before(row, due):
            return self._end(row, EXPIRED, (), now)
        if stood_for:
            return self._end(row, SUPERSEDED, (), now)
        if paused:
            row.state = HELD
            return []
        if why:
            return self._end(row, SKIPPED, why, now)
        free = now if self._any_hour(row) else may_go(world, row, now, self._hours(row))
        if free is None or free >= goes_before(row, due):
            return self._end(row, EXPIRED, (), now)
        if free > now:
            row.state, row.waits, row.waited = PLANNED, free, True
            return []
        return self._send(row, now)

    def _send(self, row: Row, now: datetime) -> list[Left]:
        appointment = self.world.appointments[row.appointment]
        rule = self.world.rule(row)
        begin(self.world, row, now)
        if row.channel != SMS and (appointment.patient or 0) in self.refused:
            row.state, row.why = FAILED, ("address_refused",)
            self.failing.append(row)
            return []
        if row.channel != SMS and (appointment.patient or 0) in self.cut_off:
            self.cut_off.discard(appointment.patient or 0)
            row.state, row.sent_at = SENDING, now
            return [Left(row.name, row.kind, row.channel, now, row.by_hand)]
        row.state, row.sent_at = SENT, now
        appointment.told, appointment.told_before = appointment.facts(), None
        waits = rule.active and rule.fallback_channel and row.channel == SMS and row.route == PRIMARY
        if waits and rule.fallback_minutes:
            row.fallback_at = now + rule.fallback_minutes * MINUTE
        return [Left(row.name, row.kind, row.channel, now, row.by_hand)]

    def _end(self, row: Row, state: str, why: tuple[str, ...], now: datetime) -> list[Left]:
        row.state, row.why = state, why
        if state == EXPIRED or (state == SKIPPED and why and set(why) <= OPENS_FALLBACK):
            self._open_fallback(row, now, unforeseen=False)
        return []

    def _open_fallback(self, row: Row, now: datetime, *, unforeseen: bool) -> None:
        """The rule's other channel, from this moment on; where the visit was moved since, it ends at once.

        A rule that was switched off since opens nothing any more.
        """
        rule, one = self.world.rule(row), self.world.appointments[row.appointment]
        if rule.active and rule.fallback_channel and row.route == PRIMARY and not self._fallbacks(row):
            opened = Row(one.key, row.rule, row.trigger, row.kind, rule.fallback_channel, row.occurrence, now)
            opened.route, opened.round, opened.event_at = FALLBACK, row.round, now
            opened.unforeseen = unforeseen
            opened.state = should_end(self.world, one, opened) or PLANNED
            opened.by_move = opened.state == SUPERSEDED
            self.world.rows.append(opened)

    def _fallbacks(self, row: Row) -> list[Row]:
        return [one for one in self.world.rows if one.name == (*row.name[:3], FALLBACK, row.round)]

    def _closed(self, row: Row) -> tuple[str, ...]:
        world, one = self.world, self.world.appointments[row.appointment]
        return closed(world.clinic, world.rule(row), one, world.patients.get(one.patient or 0), row)

    def _hours(self, row: Row) -> Hours:
        return self.world.clinic.hours(self.world.appointments[row.appointment].location)

    @staticmethod
    def _any_hour(row: Row) -> bool:
        return row.by_hand or row.kind in NOTICES

    @staticmethod
    def _begun(row: Row) -> bool:
        return row.sent_at is not None or row.state == FAILED


def _is_step(row: Row) -> bool:
    """Whether a lead time names it: one that a person sends, a notice and a fallback count from what happened."""
    return row.rule is not None and row.event_at is None and row.route == PRIMARY
