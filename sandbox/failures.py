"""How does the failures page put a fault into words, and a form into a fault?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.faults import BadFault, Fault
from sandbox.kinds import KINDS, Behaviour
from sandbox.markup import Html, fill, flag, join
from sandbox.sms.answers import ERROR_WORDS


def fault_from_form(form: Mapping[str, str]) -> dict[str, Any]:
    """The control API's wish for what was typed; an empty field is left out. Raises BadFault."""
    wish: dict[str, Any] = {"fault": form.get("fault", "")}
    for name in ("recipient", "account"):
        wish[name] = form.get(name, "").strip() or None
    for name, kind in (("times", int), ("seconds", float), ("code", int)):
        typed = form.get(name, "").strip()
        try:
            wish[name] = kind(typed) if typed else None
        except ValueError as error:
            raise BadFault(f"{name} must be a number") from error
    return wish


def fault_list(faults: Sequence[Fault]) -> Html:
    """The faults in force, newest first: the order in which they are looked at."""
    return fill("fault_list", rows=join(_row(fault) for fault in reversed(faults)))


def kind_options(chosen: str) -> Html:
    """The choices of the form, under their headings."""
    groups = {kind.group: list[Html]() for kind in KINDS.values()}
    for name, kind in KINDS.items():
        option = fill("option", name=name, words=kind.words, selected=flag("selected", name == chosen))
        groups[kind.group].append(option)
    return join(fill("option_group", name=name, options=join(options)) for name, options in groups.items())


def code_options(chosen: str) -> Html:
    """The error codes with which a message can end undelivered."""
    return join(
        fill("option", name=code, words=f"{code} · {words}", selected=flag("selected", str(code) == chosen))
        for code, words in ERROR_WORDS.items()
    )


def _row(fault: Fault) -> Html:
    return fill("fault", id=fault.id, name=fault.name, words=fault.kind.words, limits=_limits(fault))


def _limits(fault: Fault) -> str:
    to = "mail to" if fault.kind.group == "E-mail" else "SMS to"
    whom = [f"{what} {glob}" for what, glob in ((to, fault.recipient), ("account", fault.account)) if glob]
    limits = [", ".join(whom) or "everyone"]
    if fault.times is not None:
        left = fault.times - fault.struck
        limits.append(f"{left} of {fault.times} left")
    elif fault.struck:
        limits.append(f"struck {fault.struck} times" if fault.struck > 1 else "struck once")
    if fault.probability < 1:
        limits.append(f"{fault.probability:.0%} of them")
    if fault.kind.behaviour in {Behaviour.HANG, Behaviour.LATE}:
        limits.append(f"{fault.seconds:g} s")
    if fault.code is not None:
        limits.append(f"{fault.code}: {ERROR_WORDS[fault.code]}")
    return " · ".join(limits)
