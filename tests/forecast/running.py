"""How are sequences run? A few that are always the same (the test), or thousands of chance (the campaign).

Hypothesis makes them, and of a difference the smallest sequence that shows it.
"""

from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.waiting import PATIENCE
from tests.forecast.machine import Comparison
from tests.forecast.sequence import Ground

#: Acts and steps of the clock of one sequence.
STEPS = 20
#: Without the phase that explains a difference line by line: its tracing makes each sequence half as slow again.
_PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
#: Where a difference is expected (mutants) it need not be made small, which takes minutes.
_BY_CHANCE = _PHASES if PATIENCE == 1 else _PHASES[:2]


def run_the_same(ground: Ground, sequences: int) -> None:
    """Raises the Difference that it finds, with the steps that lead to it."""
    _run(partial(Comparison, ground), max_examples=sequences, derandomize=True, phases=_PHASES)


def run_by_chance(ground: Ground, sequences: int, number: int) -> None:
    """The same with sequences that follow from that number."""
    _run(seed(number)(partial(Comparison, ground)), max_examples=sequences, phases=_BY_CHANCE)


def _run(machine: Any, **how: Any) -> None:
    health = list(HealthCheck)
    given = settings(stateful_step_count=STEPS, deadline=None, database=None, suppress_health_check=health, **how)
    run_state_machine_as_test(machine, settings=given)
