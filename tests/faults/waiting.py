"""How does a campaign wait? It asks again and again until a deadline; a fixed pause would prove nothing."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
#: A short wait, in seconds.
APART = 0.02
#: Seconds between two questions at least, and at most.
_NEAR_APART, _FAR_APART = 0.05, 0.5
#: A question is asked again after so many times what it took: to ask is not what keeps the machine busy.
_TIMES = 8
PATIENCE_VARIABLE = "FAULTS_PATIENCE"
#: By how much the long waits for an end are shortened where the end is expected not to come (mutants), or lengthened
#: where the machine is shared.
PATIENCE = float(os.environ.get(PATIENCE_VARIABLE, "1"))


class TooLate(Exception):
    """Something that was waited for did not happen in its time."""


def until(question: Callable[[], T | None], seconds: float, what: str) -> T:
    """Asks until the answer is truthy and gives it. Raises TooLate, naming `what`, after so many seconds."""
    asked = time.monotonic()
    deadline = asked + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise TooLate(f"not within {seconds:g} s: {what}")
        rest(asked)
        asked = time.monotonic()
    return answer


def rest(asked: float) -> None:
    """Sleeps before the next question; the last was asked at that moment (of `time.monotonic`)."""
    time.sleep(min(max(_NEAR_APART, _TIMES * (time.monotonic() - asked)), _FAR_APART))
