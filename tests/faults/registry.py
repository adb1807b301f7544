"""Which campaigns are there? Each file `campaign_NAME.py` names its own in CAMPAIGNS; nothing else is to be written."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.report import Order, Outcome

_PREFIX = "campaign_"


#: The shares that the machine has.
MACHINE = 6
#: A share is what a third of a core does. A campaign that mostly waits takes one; one that sends much, or is judged by
#: how soon messages come, three; one of which both is true five; one whose figures are close times has the machine for
#: itself.
LIGHT, BUSY, HEAVY, ALONE = 1, 3, 5, MACHINE


@dataclass(frozen=True)
class Campaign:
    """A campaign by its name: `run` takes the order and gives the outcome; at scale 1 it has the scorecard's size."""

    name: str
    run: Callable[[Order], Outcome]
    #: The lines of the scorecard (RELIABILITY.md 5) that it answers.
    lines: tuple[int, ...] = ()
    #: What the scorecard asks for, in a few words.
    must: str = ""
    #: How many of the machine's shares it takes.
    share: int = LIGHT
    #: How many minutes it takes about, among others, at scale 1: those that take long go first.
    minutes: int = 1
    #: Whether it runs only by its name: it is long, and answers no line of the scorecard.
    on_request: bool = False


def campaigns() -> dict[str, Campaign]:
    """All of them by name, in the order of the scorecard. Raises ValueError where two have the same name."""
    files = sorted(file.name for file in pkgutil.iter_modules([str(Path(__file__).parent)]))
    modules = [importlib.import_module(f"tests.faults.{name}") for name in files if name.startswith(_PREFIX)]
    found: list[Campaign] = [one for module in modules for one in module.CAMPAIGNS]
    by_name = {one.name: one for one in sorted(found, key=lambda one: (one.lines or (99,), one.name))}
    if len(by_name) != len(found):
        raise ValueError("two campaigns have the same name")
    return by_name
