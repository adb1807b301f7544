"""How are two things compared on a machine whose pace changes? In turns within one run, by processor time."""

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

Side = Callable[[], object]


@dataclass(frozen=True)
class Turns:
    """Seconds of each round, without the first, which warms caches."""

    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        """Of each round: how fast ours is where theirs is 1."""
        return [theirs / ours for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds: neither a disturbed round nor a slow drift of the machine moves it."""
        return median(self.ratios)


def in_turns(rounds: Iterable[tuple[Side, Side]], clock: Callable[[], float] = time.process_time) -> Turns:
    """Runs (ours, theirs) of each round one after the other, and in the next round the other way about. What the
    iterable does between two rounds is not measured. Needs two rounds or more."""
    took = [_one_round(sides, number, clock) for number, sides in enumerate(rounds)]
    return Turns([ours for ours, _ in took[1:]], [theirs for _, theirs in took[1:]])


def _one_round(sides: tuple[Side, Side], number: int, clock: Callable[[], float]) -> tuple[float, float]:
    ours, theirs = sides
    if number % 2 == 0:
        first = _timed(ours, clock)
        return first, _timed(theirs, clock)
    first = _timed(theirs, clock)
    return _timed(ours, clock), first


def _timed(side: Side, clock: Callable[[], float]) -> float:
    gc.collect()  # no side pays for what the other left behind
    began = clock()
    side()
    return clock() - began
