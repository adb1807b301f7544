"""Shall this reminder go? The one decision: pure, all gates, always. Sender, chips and forecast ask it alike.

`decide` looks at every gate (`reminders.conditions`) and returns all of them; the verdict follows from the gates alone.
`foresee` asks it at the moments to come, one after the other, as the drain will. Nobody else repeats a condition.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from reminders.conditions import Gate, gates_of, handed_over_before, leaves_at, schedule_of, stands_for_it
from reminders.decision_facts import Basis, Facts
from reminders.timing import Schedule


class Verdict(StrEnum):
    """What follows from the gates."""

    SEND = "send"
    WAIT = "wait"  #: not yet: `until` says when to look again
    HOLD = "hold"  #: waits for something that is not this reminder's time: `until` says when to look again
    SKIP = "skip"  #: a gate says no
    EXPIRE = "expire"  #: its deadline has passed
    CANCEL = "cancel"  #: the appointment or the rule is gone
    SUPERSEDE = "supersede"  #: the appointment moved, or a newer notice or a nearer step stands for this one


@dataclass(frozen=True, slots=True)
class Decision:
    """All gates and the verdict. `until` is the moment it waits for, or would go; None where it never goes."""

    verdict: Verdict
    gates: tuple[Gate, ...]
    until: datetime | None
    schedule: Schedule

    @property
    def failed(self) -> tuple[Gate, ...]:
        """The gates that say no."""
        return tuple(gate for gate in self.gates if gate.passed is False)

    def frozen(self) -> list[list[object]]:
        """The gates in the compact form that is kept with the reminder."""
        return [[gate.code, gate.passed, gate.value] for gate in self.gates]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a plan takes of a decision: CANCEL or SUPERSEDE where the reminder no longer stands for anything (`gone`),
    its moments, and when it is decided next unless it is gone: what is due keeps its place by its moment, whenever it
    was planned."""

    gone: Verdict | None
    schedule: Schedule
    look_at: datetime


@dataclass(frozen=True, slots=True)
class Foresight:
    """What will become of a reminder if nothing changes: when it goes (None: it does not), and the decision `at` that
    moment, or at the one that ends it. `mended_at` is when it would go if every closed gate that a person can open
    were opened now; None where that is too late, or nobody can. `apart` is the gate that will hold it back for what
    goes to the same patient before, where one will."""

    goes_at: datetime | None
    decision: Decision
    at: datetime
    mended_at: datetime | None
    apart: Gate | None = None


#: Gates that end the reminder because it no longer stands for anything; not a refusal.
_GONE = {
    "cancelled": Verdict.CANCEL,
    "deleted": Verdict.CANCEL,
    "rule_inactive": Verdict.CANCEL,
    "rule_filter_mismatch": Verdict.CANCEL,
    "notice_declined": Verdict.CANCEL,
    "moved": Verdict.SUPERSEDE,
    "newer_notice": Verdict.SUPERSEDE,
    "status_not_eligible": Verdict.CANCEL,
}
#: Gates about the moment alone: waiting opens them, or its deadline passes.
_MOMENT = frozenset(
    {"due", "quiet_hours", "too_many_to_this_address", "paused", "sender_failing", "deadline", "in_the_past"}
)
#: Gates that hold a reminder back once it is due, for all of a clinic or of an account.
HOLD = ("paused", "sender_failing")
#: Gates that no waiting opens again.
_NEVER = frozenset({"window_passed", "no_allowed_moment", "lead_time_misconfigured"})
_FINAL = _NEVER | {"deadline"}
#: Gates that nobody opens for this reminder.
_BEYOND_MENDING = _FINAL | {"moved", "nearer_step", "newer_notice", "nothing_changed", "in_the_past", "already_sent"}
#: A pause, then quiet hours, then its moment, then others to the same patient; one more look than anything needs.
_LOOKS = 7


def decide(facts: Facts, now: datetime) -> Decision:
    """The decision on one reminder at `now` (aware). Looks at nothing else."""
    plan = schedule_of(facts)
    leaves = leaves_at(facts, plan, now)
    gates = gates_of(facts, plan, now, leaves)
    verdict = _verdict(gates)
    ends = max(facts.clinic.paused_until or now, facts.sender_failing_until or now)
    held_until = min(ends, handed_over_before(facts, plan))  # what outlasts it ends in `expired`
    waits = {Verdict.WAIT: leaves, Verdict.HOLD: held_until, Verdict.SEND: now}
    return Decision(verdict, gates, waits.get(verdict), plan)


def outline(basis: Basis, now: datetime, whole: Callable[[], Facts]) -> Outline:
    """The outline of the decision on the whole facts, of which `basis` is a part. It asks for the whole only for what
    is due: before its moment nothing else can end a reminder, nor bring another moment forward."""
    plan = schedule_of(basis)
    gone = _gone({gate.code for gate in stands_for_it(basis) if gate.passed is False})
    if gone is None and plan.due is not None and plan.due <= now:
        return outline_of(decide(whole(), now), now)
    return Outline(gone, plan, plan.due or max(plan.nominal, now))


def outline_of(decision: Decision, now: datetime) -> Outline:
    """The outline of a decision that was made at `now`."""
    gone = decision.verdict if decision.verdict in (Verdict.CANCEL, Verdict.SUPERSEDE) else None
    waits_until = decision.until if decision.verdict is Verdict.WAIT else None
    schedule = decision.schedule
    return Outline(gone, schedule, waits_until or schedule.due or max(schedule.nominal, now))


def foresee(facts: Facts, now: datetime) -> Foresight:
    """What will become of it from `now` on (aware), as the drain will decide it at each moment, if nothing else goes to
    the same patient meanwhile."""
    decision, moment = decide(facts, now), now
    for _ in range(_LOOKS):
        following = next_look(decision, moment)
        if following is None:
            break
        moment = following
        decision = decide(facts, moment)
    return seen_to_its_end(facts, decision, moment, now)


def next_look(decision: Decision, moment: datetime) -> datetime | None:
    """When it is decided again that was decided so at that moment; None where this was the last time."""
    waits = decision.verdict in (Verdict.WAIT, Verdict.HOLD)
    return decision.until if waits and decision.until is not None and decision.until > moment else None


def seen_to_its_end(facts: Facts, decision: Decision, moment: datetime, now: datetime) -> Foresight:
    """What will become of it, of its last decision, and the facts of that moment; it was asked at `now`."""
    if decision.verdict is Verdict.SEND:
        return Foresight(moment, decision, moment, moment)
    gone = decision.verdict is Verdict.EXPIRE and moment <= now
    return Foresight(None, decision, moment, None if gone else _mended_at(facts, decision, now))


def _mended_at(facts: Facts, ended: Decision, now: datetime) -> datetime | None:
    """When it would go with every closed gate open, given the decision that ended it. What holds it beyond its deadline
    is over then too."""
    failed = {gate.code for gate in ended.failed}
    if not failed.isdisjoint(HOLD):
        until = facts.clinic.paused_until and min(facts.clinic.paused_until, now)
        facts = replace(facts, clinic=replace(facts.clinic, paused_until=until), sender_failing_until=None)
    plan = schedule_of(facts)
    leaves = leaves_at(facts, plan, max(now, plan.due or now))
    if leaves is None:
        return None
    closed = {gate.code for gate in decide(facts, leaves).failed}
    return None if closed & _BEYOND_MENDING else leaves


def _verdict(gates: tuple[Gate, ...]) -> Verdict:
    failed = {gate.code for gate in gates if gate.passed is False}
    if not failed:
        return Verdict.SEND
    if gone := _gone(failed):
        return gone
    fails = "sender_failing" in failed and "due" not in failed
    held = ("paused" in failed or fails) and not failed & _NEVER  # what else is closed counts once that is over
    if "deadline" in failed and (held or failed <= _MOMENT | {"nearer_step"}):
        return Verdict.EXPIRE
    if "nearer_step" in failed and not failed & _FINAL and "due" not in failed:
        return Verdict.SUPERSEDE
    if held:
        return Verdict.HOLD
    failed = failed - {"nearer_step"}  # it counts once it is due
    if failed & _FINAL or not failed & _MOMENT or ("due" not in failed and failed - _MOMENT):
        return Verdict.SKIP
    return Verdict.WAIT  # what is closed may be mended before its moment


def _gone(failed: Set[str]) -> Verdict | None:
    """What follows from these closed gates where one of them says that it stands for nothing any more."""
    if failed.isdisjoint(_GONE):
        return None
    return next(verdict for code, verdict in _GONE.items() if code in failed)
