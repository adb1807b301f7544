"""Which faults are in force, and whom do they strike? The kinds of faults are in kinds.py.

A commanded fault lives in memory: a restarted sandbox behaves well again.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from sandbox.kinds import BEFORE_RECIPIENT, KINDS, Behaviour, Kind, Moment

#: A server that hangs lets go after this many seconds when the command names no time.
DEFAULT_HANG_SECONDS = 120.0
LONGEST_SECONDS = 3600.0
_FIELDS = {"fault", "recipient", "account", "times", "each", "probability", "seed", "seconds", "code"}


class BadFault(ValueError):
    """The command makes no sense; the text says why, for the person who gave it."""


@dataclass
class Fault:
    """One commanded fault. `recipient` and `account` are globs in any case; None strikes everyone."""

    id: int
    name: str
    recipient: str | None = None
    account: str | None = None
    times: int | None = None  # how often it strikes before it goes; None: until removed
    each: int | None = None  # how often it strikes the same account and recipient; None: every time
    probability: float = 1.0
    seed: int = 0
    seconds: float = DEFAULT_HANG_SECONDS
    code: int | None = None  # the one chosen of the kind's `codes`
    struck: int = 0
    _seen: Counter[str] = field(default_factory=Counter)
    _hit: Counter[str] = field(default_factory=Counter)

    @property
    def kind(self) -> Kind:
        """What the name means."""
        return KINDS[self.name]

    def matches(self, moment: Moment, account: str | None, recipient: str | None) -> bool:
        """Whether this fault means this account and this recipient at this moment."""
        return moment in self.kind.moments and _fits(self.account, account) and _fits(self.recipient, recipient)

    def strikes(self, account: str | None, recipient: str | None) -> bool:
        """Throw the dice. The n-th throw for one account and recipient depends on the seed alone, so that a
        campaign strikes the same mails again however its connections interleave. Counts the strike for `each`."""
        whom = f"{account}|{recipient}"
        if self.each is not None and self._hit[whom] >= self.each:
            return False
        if self.probability < 1:
            self._seen[whom] += 1
            if Random(f"{self.seed}|{whom}|{self._seen[whom]}").random() >= self.probability:
                return False
        self._hit[whom] += 1
        return True

    def as_json(self) -> dict[str, Any]:
        """The fault as the control API shows it."""
        left = None if self.times is None else self.times - self.struck
        return {
            "id": self.id,
            "fault": self.name,
            "recipient": self.recipient,
            "account": self.account,
            "times": self.times,
            "left": left,
            "each": self.each,
            "probability": self.probability,
            "seed": self.seed,
            "seconds": self.seconds,
            "code": self.code,
            "struck": self.struck,
        }


class Faults:
    """The faults in force. The newest command that fits wins."""

    def __init__(self) -> None:
        self._active: dict[int, Fault] = {}
        self._ids = itertools.count(1)

    def command(self, wish: Mapping[str, Any]) -> Fault:
        """Put a fault in force. Takes the control API's JSON object; raises BadFault."""
        unknown = set(wish) - _FIELDS
        if unknown:
            raise BadFault(f"unknown field {', '.join(sorted(unknown))}")
        name = wish.get("fault")
        if not isinstance(name, str) or name not in KINDS:
            raise BadFault(f"fault must be one of: {', '.join(KINDS)}")
        fault = Fault(
            id=0,
            name=name,
            recipient=_glob(wish, "recipient"),
            account=_glob(wish, "account"),
            times=_whole(wish, "times"),
            each=_whole(wish, "each"),
            probability=_number(wish, "probability", 1.0, 1.0),
            seed=_whole(wish, "seed", least=None) or 0,
            seconds=_number(wish, "seconds", DEFAULT_HANG_SECONDS, LONGEST_SECONDS),
            code=_choice(wish, KINDS[name]),
        )
        _refuse_what_cannot_be_known(fault)
        if fault.kind.behaviour is Behaviour.LATE and wish.get("seconds") is None:
            raise BadFault(f"{name} needs seconds")
        fault.id = next(self._ids)
        self._active[fault.id] = fault
        return fault

    def take(self, moment: Moment, account: str | None, recipient: str | None) -> Fault | None:
        """The fault that strikes now, if any; counts it and retires it when its `times` are used up."""
        if not self._active:
            return None
        for fault in reversed(list(self._active.values())):  # a copy: tests command from another thread
            if fault.matches(moment, account, recipient) and fault.strikes(account, recipient):
                fault.struck += 1
                if fault.times is not None and fault.struck >= fault.times:
                    del self._active[fault.id]
                return fault
        return None

    def active(self) -> list[Fault]:
        """Those in force, oldest first."""
        return list(self._active.values())

    def remove(self, fault_id: int) -> bool:
        """Lift one fault; False where it is not (any more) in force."""
        return self._active.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Lift all."""
        self._active.clear()


def _fits(glob: str | None, value: str | None) -> bool:
    return glob is None or (value is not None and fnmatchcase(value.lower(), glob))


def _refuse_what_cannot_be_known(fault: Fault) -> None:
    moments = set(fault.kind.moments)
    if fault.recipient is not None and moments <= BEFORE_RECIPIENT:
        raise BadFault(f"{fault.name} strikes before the recipient is known: leave recipient empty")
    if fault.account is not None and moments == {Moment.CONNECT}:
        raise BadFault(f"{fault.name} strikes before the account is known: leave account empty")


def _glob(wish: Mapping[str, Any], key: str) -> str | None:
    value = wish.get(key)
    if value is not None and not isinstance(value, str):
        raise BadFault(f"{key} must be a text or null")
    return None if value is None or value.strip() in {"", "*"} else value.strip().lower()


def _whole(wish: Mapping[str, Any], key: str, least: int | None = 1) -> int | None:
    value = wish.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or (least is not None and value < least):
        raise BadFault(f"{key} must be a whole number" + ("" if least is None else f" of {least} or more"))
    return value


def _choice(wish: Mapping[str, Any], kind: Kind) -> int | None:
    code = _whole(wish, "code")
    if code is None:
        return kind.codes[0] if kind.codes else None
    if code not in kind.codes:
        raise BadFault(f"code must be one of: {', '.join(map(str, kind.codes)) or 'none, for this fault'}")
    return code


def _number(wish: Mapping[str, Any], key: str, default: float, most: float) -> float:
    value = wish.get(key)
    if value is None:
        return default
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadFault(f"{key} must be a number from 0 to {most:g}")
    return float(value)
