"""Which of several closed gates are the causes? Some only say "not yet", and some merely follow from another."""

from collections.abc import Sequence, Set

from reminders.conditions import Gate

#: Closed gate → others, of which it merely follows. The cause is what is mended.
_FOLLOWS = {
    "deadline": frozenset(
        {
            "paused",
            "sender_failing",
            "too_many_to_this_address",
            "quiet_hours",
            "in_the_past",
            "no_allowed_moment",
            "window_passed",
        }
    ),  # fmt: skip
    "quiet_hours": frozenset({"no_allowed_moment"}),
    "status_not_eligible": frozenset({"cancelled"}),
}
#: Gates that only say "not yet": they do not stand in the way of a reminder that waits.
_NOT_YET = frozenset({"due", "paused", "too_many_to_this_address"})
#: A wording's field that only a patient fills.
_PATIENTS_OWN = "CLIENTFIRSTNAME"


def causes_of(gates: Sequence[Gate]) -> frozenset[str]:
    """The codes of the closed gates that stand in the way by themselves."""
    closed = {gate.code: gate for gate in gates if gate.passed is False}
    waited = {"due"} if "deadline" in closed else _NOT_YET
    return frozenset(code for code, gate in closed.items() if code not in waited and not _follows(gate, closed.keys()))


def _follows(gate: Gate, closed: Set[str]) -> bool:
    if gate.code == "merge_field_empty":
        return "no_patient" in closed and gate.value == _PATIENTS_OWN
    return bool(_FOLLOWS.get(gate.code, frozenset()) & closed)
