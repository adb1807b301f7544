"""How fast is the decision? Fully loaded rules on one core, against a bare loop that builds the same gate records."""

from collections.abc import Iterator
from statistics import median

from reminders.conditions import Gate
from reminders.decision import decide
from tests.bench.figure import Figure
from tests.bench.loaded_facts import Question, questions
from tests.bench.turns import Side, in_turns

#: Short rounds: the pace of a machine with other work on it changes within a tenth of a second.
_ROUNDS, _QUESTIONS = 101, 120
_MUST, _AIM = 0.3, 0.6

Record = tuple[str, bool | None, str]


def run() -> Iterator[Figure]:
    """The figure `decide`. Each question is asked once, so that no cache knows its answer; what the bare loop builds
    are the answers to other questions of the same make."""
    turns = in_turns(_sides(round_) for round_ in range(_ROUNDS))
    yield Figure(
        ratio=turns.ratio,
        must=_MUST,
        aim=_AIM,
        metrics={
            "rounds": len(turns.ours),
            "gates": len(_records(questions(0, 1))[0]),
            "decided_per_s": round(_QUESTIONS / median(turns.ours)),
            "bare_per_s": round(_QUESTIONS / median(turns.theirs)),
            "lowest": f"{min(turns.ratios):.2f}",
            "highest": f"{max(turns.ratios):.2f}",
        },
    )


def _sides(round_: int) -> tuple[Side, Side]:
    asked, records = questions(2 * round_, _QUESTIONS), _records(questions(2 * round_ + 1, _QUESTIONS))

    def decided() -> None:
        for facts, now in asked:
            decide(facts, now)

    def bare() -> None:
        for record in records:
            tuple([Gate(code, passed, value) for code, passed, value in record])

    return decided, bare


def _records(asked: list[Question]) -> list[list[Record]]:
    return [[(gate.code, gate.passed, gate.value) for gate in decide(facts, now).gates] for facts, now in asked]
