"""How are campaigns run? One in this process; several as child processes, side by side as far as the machine bears it.

A child says what it found in a file of its own, so that the lines of two campaigns never mix. Whatever ends this
process tells the children to end, and they end what they started.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.local.foreground import python
from config.local.places import ROOT
from config.local.processes import stop_children
from tests.faults.registry import MACHINE, Campaign
from tests.faults.report import Order, Outcome
from tests.faults.waiting import PATIENCE_VARIABLE

_LOOK_APART = 0.2
#: By how much the waits for an end are longer while others keep the machine busy too.
_IN_COMPANY = "3"


@dataclass(frozen=True)
class Run:
    """A campaign that has run: what it found, at which scale."""

    campaign: Campaign
    scale: float
    outcome: Outcome


def draw_seed() -> int:
    """A seed by chance, for a run that was given none."""
    return random.SystemRandom().randrange(10**6)


def run_here(campaign: Campaign, seed: int | None, scale: float) -> Outcome:
    """In this process. A campaign that breaks off has failed."""
    order = Order(draw_seed() if seed is None else seed, scale)
    began = time.monotonic()
    try:
        return campaign.run(order)
    except Exception as error:  # one campaign that breaks must not silence the others
        traceback.print_exc()
        figures = {"runs": 1, "seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
        return Outcome(dict(figures), passed=False, findings=[f"broke off: {type(error).__name__}: {error}"])


def run_several(campaigns: Sequence[Campaign], seed: int | None, scale: float, tell: Callable[[Run], None]) -> None:
    """As child processes; `tell` is called as each ends. Those that take most of the machine go first, and of
    those the longest, each as soon as it fits beside what runs."""
    waiting = sorted(campaigns, key=lambda one: (-one.share, -one.minutes))
    with tempfile.TemporaryDirectory() as name, _children() as running:
        while waiting or running:
            while fitting := _fitting(waiting, running):
                waiting.remove(fitting)
                running.append(_Child(fitting, seed, scale, Path(name)))
            for child in [one for one in running if one.process.poll() is not None]:
                running.remove(child)
                tell(Run(child.campaign, scale, child.outcome()))
            time.sleep(_LOOK_APART)


def _fitting(waiting: Sequence[Campaign], running: "Sequence[_Child]") -> Campaign | None:
    free = MACHINE - sum(child.campaign.share for child in running)
    return next((one for one in waiting if one.share <= free), None)


class _Child:
    """A campaign in a process of its own; it inherits this one's terminal for what it complains of."""

    def __init__(self, campaign: Campaign, seed: int | None, scale: float, folder: Path) -> None:
        self.campaign, self._file = campaign, folder / campaign.name
        words = ["-m", "tests.faults", campaign.name, "--scale", str(scale), "--result", str(self._file)]
        words += [] if seed is None else ["--seed", str(seed)]
        patience = {} if campaign.share == MACHINE else {PATIENCE_VARIABLE: _IN_COMPANY}
        self.process = subprocess.Popen(
            python(*words), cwd=ROOT, env={**os.environ, **patience}, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def outcome(self) -> Outcome:
        """What it found."""
        return read_outcome(self._file, self.process.returncode)


def write_outcome(file: Path, outcome: Outcome) -> None:
    """Of a child for its parent."""
    told: dict[str, Any] = {"figures": outcome.figures, "passed": outcome.passed}
    told |= {"findings": outcome.findings, "listed": outcome.listed}
    file.write_text(json.dumps(told), encoding="utf-8")


def read_outcome(file: Path, code: int) -> Outcome:
    """What a child wrote there; one that ended with that code and wrote nothing has failed."""
    if not file.exists():
        return Outcome({"runs": 0}, passed=False, findings=[f"its process ended with {code}"])
    return Outcome(**json.loads(file.read_text(encoding="utf-8")))


@contextmanager
def _children() -> Iterator[list[_Child]]:
    running: list[_Child] = []
    try:
        yield running
    finally:
        if running:
            print("ending the campaigns that run", file=sys.stderr)
            stop_children([child.process for child in running])
