"""Which failures can be commanded, whom do they strike, and how does the server then behave?

The kinds are the misbehaviours that real mail servers show at each step of a conversation.
A commanded fault lives in memory: a restarted sandbox behaves well again.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from fnmatch import fnmatchcase
from random import Random
from typing import Any

#: A server that hangs lets go after this many seconds when the command names no time.
DEFAULT_HANG_SECONDS = 120.0
LONGEST_SECONDS = 3600.0


class Moment(StrEnum):
    """The points of a conversation at which a fault can strike."""

    CONNECT = "connect"  # the client is connected, the banner not yet sent
    AUTH = "auth"  # user name and password are known
    MAIL = "mail"  # MAIL FROM was said
    RCPT = "rcpt"  # RCPT TO was said
    DATA = "data"  # 354 was answered, the text is coming
    DOT = "dot"  # the final dot is here, nothing answered yet
    WAIT = "wait"  # also after the dot, beside a fault of DOT: the answer comes late
    QUIT = "quit"  # QUIT was said


class Behaviour(Enum):
    """What the server does when a fault strikes."""

    REPLY = auto()  # it answers with the kind's code
    DROP = auto()  # it tears the connection down without a word
    HANG = auto()  # it keeps the connection and says nothing
    LATE = auto()  # it answers as usual, later


@dataclass(frozen=True)
class Kind:
    """One misbehaviour: when it strikes, what happens, and its words for the page."""

    moments: tuple[Moment, ...]
    behaviour: Behaviour
    words: str
    reply: str = ""


#: reply_421 also strikes a kept connection (at AUTH or MAIL): so does a real server that shuts down.
KINDS: dict[str, Kind] = {
    "refuse_connect": Kind((Moment.CONNECT,), Behaviour.DROP, "Close the connection before the banner"),
    "silent_banner": Kind((Moment.CONNECT,), Behaviour.HANG, "Accept the connection and never greet"),
    "reply_421": Kind(
        (Moment.CONNECT, Moment.AUTH, Moment.MAIL),
        Behaviour.REPLY,
        "Say “service not available” (421) and close",
        "421 4.3.2 Service not available, closing the connection",
    ),
    "auth_535": Kind(
        (Moment.AUTH,),
        Behaviour.REPLY,
        "Refuse the password (535)",
        "535 5.7.8 Authentication credentials invalid",
    ),
    "drop_at_mail": Kind((Moment.MAIL,), Behaviour.DROP, "Drop the connection at MAIL"),
    "defer_rcpt": Kind(
        (Moment.RCPT,),
        Behaviour.REPLY,
        "Put the recipient off (450)",
        "450 4.2.0 Mailbox busy, try again later",
    ),
    "refuse_rcpt": Kind(
        (Moment.RCPT,), Behaviour.REPLY, "Refuse the recipient (550)", "550 5.1.1 No such mailbox"
    ),
    "drop_mid_data": Kind((Moment.DATA,), Behaviour.DROP, "Drop the connection while the text is coming"),
    "defer_after_dot": Kind(
        (Moment.DOT,),
        Behaviour.REPLY,
        "Put the mail off after the final dot (451)",
        "451 4.3.0 Local error, try again later",
    ),
    "refuse_after_dot": Kind(
        (Moment.DOT,),
        Behaviour.REPLY,
        "Refuse the mail after the final dot (554)",
        "554 5.6.0 Message refused",
    ),
    "drop_after_dot": Kind((Moment.DOT,), Behaviour.DROP, "Keep the mail and drop without an answer"),
    "hang_after_dot": Kind((Moment.DOT,), Behaviour.HANG, "Keep the mail and never answer"),
    "drop_at_quit": Kind((Moment.QUIT,), Behaviour.DROP, "Drop the connection at QUIT"),
    "hang_at_quit": Kind((Moment.QUIT,), Behaviour.HANG, "Never answer QUIT"),
    "slow": Kind((Moment.WAIT,), Behaviour.LATE, "Answer the final dot late"),
}

_RECIPIENT_KNOWN = {Moment.RCPT, Moment.DATA, Moment.DOT, Moment.WAIT, Moment.QUIT}


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
    probability: float = 1.0
    seed: int = 0
    seconds: float = DEFAULT_HANG_SECONDS
    struck: int = 0
    _seen: Counter[str] = field(default_factory=Counter)

    @property
    def kind(self) -> Kind:
        """What the name means."""
        return KINDS[self.name]

    def matches(self, moment: Moment, account: str | None, recipient: str | None) -> bool:
        """Whether this fault means this account and this recipient at this moment."""
        return (
            moment in self.kind.moments and _fits(self.account, account) and _fits(self.recipient, recipient)
        )

    def strikes(self, account: str | None, recipient: str | None) -> bool:
        """Throw the dice. The n-th throw for one account and recipient depends on the seed alone, so that a
        campaign strikes the same mails again however its connections interleave."""
        if self.probability >= 1:
            return True
        whom = f"{account}|{recipient}"
        self._seen[whom] += 1
        return Random(f"{self.seed}|{whom}|{self._seen[whom]}").random() < self.probability

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
            "probability": self.probability,
            "seed": self.seed,
            "seconds": self.seconds,
            "struck": self.struck,
        }


class Faults:
    """The faults in force. The newest command that fits wins."""

    def __init__(self) -> None:
        self._active: dict[int, Fault] = {}
        self._ids = itertools.count(1)

    def command(self, wish: Mapping[str, Any]) -> Fault:
        """Put a fault in force. Takes the control API's JSON object; raises BadFault."""
        unknown = set(wish) - {"fault", "recipient", "account", "times", "probability", "seed", "seconds"}
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
            probability=_number(wish, "probability", 1.0, 1.0),
            seed=_whole(wish, "seed", least=None) or 0,
            seconds=_number(wish, "seconds", DEFAULT_HANG_SECONDS, LONGEST_SECONDS),
        )
        _refuse_what_cannot_be_known(fault)
        if name == "slow" and wish.get("seconds") is None:
            raise BadFault("slow needs seconds")
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
    if fault.recipient is not None and not moments & _RECIPIENT_KNOWN:
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


def _number(wish: Mapping[str, Any], key: str, default: float, most: float) -> float:
    value = wish.get(key)
    if value is None:
        return default
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadFault(f"{key} must be a number from 0 to {most:g}")
    return float(value)
