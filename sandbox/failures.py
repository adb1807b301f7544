"""How does the failures page put a fault into words, and a form into a fault?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.faults import KINDS, BadFault, Behaviour, Fault
from sandbox.markup import Html, fill, flag, join


def fault_from_form(form: Mapping[str, str]) -> dict[str, Any]:
    """The control API's wish for what was typed; an empty field is left out. Raises BadFault."""
    wish: dict[str, Any] = {"fault": form.get("fault", "")}
    for name in ("recipient", "account"):
        wish[name] = form.get(name, "").strip() or None
    for name, kind in (("times", int), ("seconds", float)):
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
    """The choices of the form."""
    return join(
        fill("option", name=name, words=kind.words, selected=flag("selected", name == chosen))
        for name, kind in KINDS.items()
    )


def _row(fault: Fault) -> Html:
    return fill("fault", id=fault.id, name=fault.name, words=fault.kind.words, limits=_limits(fault))


def _limits(fault: Fault) -> str:
    whom = [
        f"{what} {glob}" for what, glob in (("mail to", fault.recipient), ("account", fault.account)) if glob
    ]
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
    return " · ".join(limits)
