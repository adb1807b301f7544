"""How does a campaign wait? It asks again and again until a deadline; a fixed pause would prove nothing."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
#: Seconds between two questions.
APART = 0.02
PATIENCE_VARIABLE = "FAULTS_PATIENCE"
#: By how much the long waits for an end are shortened where the end is expected not to come (mutants).
PATIENCE = float(os.environ.get(PATIENCE_VARIABLE, "1"))


class TooLate(Exception):
    """Something that was waited for did not happen in its time."""


def until(question: Callable[[], T | None], seconds: float, what: str) -> T:
    """Asks until the answer is truthy and gives it. Raises TooLate, naming `what`, after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise TooLate(f"not within {seconds:g} s: {what}")
        time.sleep(APART)
    return answer
