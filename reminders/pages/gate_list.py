"""How are a decision's gates shown? Each with its mark, its sentence, the value seen, who can mend it and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from reminders.conditions import Gate
from reminders.gates import CATALOGUE
from reminders.pages.chips import NOT_YET
from reminders.pages.words import WHO, Words, gate_value


@dataclass(frozen=True)
class Seen:
    """One gate at one moment. `mark` is yes, no, wait or none (does not apply); the template gives it a shape."""

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
    who: Words
    where: Words
    #: It stands in the way.
    closed: bool
    #: It held otherwise then.
    changed: bool


def gate_rows(seen: Sequence[Gate], now: Sequence[Gate] = ()) -> list[GateRow]:
    """What is in the way or has changed first, else the decision's order. `now` is given where `seen` is past."""
    live = {gate.code: gate for gate in now}
    rows = [_row(gate, live.get(gate.code)) for gate in seen if gate.code in CATALOGUE]
    return sorted(rows, key=lambda row: not (row.closed or row.changed))


def _row(gate: Gate, now: Gate | None) -> GateRow:
    words, seen = CATALOGUE[gate.code], _seen(gate)
    return GateRow(
        code=gate.code,
        sentence=_sentence(gate),
        seen=seen,
        now=_seen(now) if now else None,
        now_sentence=_sentence(now) if now else "",
        who=WHO[words.who] if seen.mark == "no" else "",
        where=words.where if seen.mark == "no" else "",
        closed=seen.mark == "no",
        changed=now is not None and now.passed != gate.passed,
    )


def _sentence(gate: Gate) -> Words:
    words = CATALOGUE[gate.code]
    return words.failed if gate.passed is False else words.passed


def _seen(gate: Gate) -> Seen:
    if gate.passed is None:
        return Seen("none", "")
    mark = "yes" if gate.passed else "wait" if gate.code in NOT_YET else "no"
    return Seen(mark, gate_value(gate.code, gate.value))
