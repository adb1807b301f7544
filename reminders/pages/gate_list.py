"""How are a decision's gates shown? Each with its mark, its sentence, the value seen, who can mend it and at which
field; what is in the way first, the rest folded away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reminders.causes import causes_of
from reminders.conditions import Gate
from reminders.gates import CATALOGUE
from reminders.pages.gate_values import gate_value
from reminders.pages.mending import Mend
from reminders.pages.words import Words

#: Gates that close as time goes by: nobody changed anything.
_TIME = frozenset(
    {"due", "deadline", "quiet_hours", "in_the_past", "window_passed", "no_allowed_moment", "nearer_step"}
)
#: Gates that open as time goes by.
_WAITS = frozenset({"due", "quiet_hours", "paused", "sender_failing", "too_many_to_this_address"})


@dataclass(frozen=True)
class Seen:
    """One gate at one moment. `mark` is yes, no, wait, so (closed, but it only follows from another) or none (does not
    apply); the template gives it a shape."""

    mark: str
    value: Words


@dataclass(frozen=True)
class GateRow:
    """A gate as it was seen, and beside it what holds now where that differs in time."""

    code: str
    sentence: Words
    seen: Seen
    now: Seen | None
    now_sentence: Words
    #: Where it is changed, as it is now.
    mend: Mend
    #: It is closed now: there is something to mend.
    to_mend: bool
    #: It stands in the way, or stood.
    closed: bool
    #: It held otherwise then.
    changed: bool
    #: It will open by itself: the end of a pause or of the quiet hours.
    waits: bool


@dataclass(frozen=True)
class GateList:
    """All gates of an answer: those in the way or changed since, those waited for, and the rest, in their order."""

    named: tuple[GateRow, ...] = ()
    rest: tuple[GateRow, ...] = ()
    #: The gates are those of the past, and today's stand beside them.
    past: bool = False

    @property
    def closed(self) -> tuple[GateRow, ...]:
        """Those in the way."""
        return tuple(row for row in self.named if row.closed)

    @property
    def all(self) -> tuple[GateRow, ...]:
        """Everything, what is named first."""
        return (*self.named, *self.rest)

    def __len__(self) -> int:
        return len(self.named) + len(self.rest)


def past_gates(seen: Sequence[Gate], now: Sequence[Gate], mend: Callable[[Gate], Mend]) -> GateList:
    """The gates as they were seen then, beside what holds now. What is closed now is mended, not what was."""
    live = {gate.code: gate for gate in now}
    causes = causes_of(seen)
    rows = [_row(gate, live.get(gate.code), causes, mend) for gate in seen if gate.code in CATALOGUE]
    return _listed(rows, past=True)


def coming_gates(then: Sequence[Gate], now: Sequence[Gate], mend: Callable[[Gate], Mend]) -> GateList:
    """The gates as they will be at the moment that decides. What is waited for until then (its moment, the end of a
    pause or of the quiet hours) is shown as such."""
    live = {gate.code: gate for gate in now if gate.passed is False and gate.code in _WAITS}
    causes = causes_of(then)
    rows = []
    for gate in (one for one in then if one.code in CATALOGUE):
        waits = live.get(gate.code) if gate.passed else None
        rows.append(_row(waits, None, frozenset(), mend) if waits else _row(gate, None, causes, mend))
    return _listed(rows, past=False)


def _listed(rows: Sequence[GateRow], past: bool) -> GateList:
    named = [row for row in rows if row.closed or row.changed or row.waits]
    order = sorted(named, key=lambda row: (not row.closed, not row.changed))
    return GateList(tuple(order), tuple(row for row in rows if row not in named), past)


def _row(gate: Gate, now: Gate | None, causes: frozenset[str], mend: Callable[[Gate], Mend]) -> GateRow:
    seen = _seen(gate, causes)
    changed = now is not None and now.passed != gate.passed and gate.code not in _TIME
    return GateRow(
        code=gate.code,
        sentence=_sentence(gate),
        seen=seen,
        now=_seen(now, frozenset({now.code})) if now else None,
        now_sentence=_sentence(now) if now else "",
        mend=mend(gate if now is None else now),
        to_mend=(gate if now is None else now).passed is False,
        closed=seen.mark == "no",
        changed=changed,
        waits=seen.mark == "wait" and gate.code != "due",
    )


def _sentence(gate: Gate) -> Words:
    words = CATALOGUE[gate.code]
    return words.failed if gate.passed is False else words.passed


def _seen(gate: Gate, causes: frozenset[str]) -> Seen:
    if gate.passed is None:
        return Seen("none", "")
    never_due = gate.code == "due" and not gate.value
    closed = "no" if gate.code in causes else "wait" if gate.code in _WAITS and not never_due else "so"
    return Seen("yes" if gate.passed else closed, gate_value(gate.code, gate.value))
