"""What is left when a sender dies at one exact point? The short form of the campaign; RELIABILITY.md scorecard 3."""

import pytest

from tests.faults.campaign_points import die
from tests.faults.pointed import POINTS

pytestmark = [pytest.mark.feature("B14", enters="worker"), pytest.mark.slow]
SEED = 20261122


def test_a_sender_that_dies_at_any_point_leaves_what_the_next_one_needs() -> None:
    outcome = die(SEED, deaths=1, points=POINTS, channels={"email": 0.0})
    assert outcome.passed, "\n".join(outcome.lines("points"))
