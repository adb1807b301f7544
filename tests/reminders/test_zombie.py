"""May a sender that slept past its lease go on? The short form of the campaign; RELIABILITY.md F46."""

import pytest

from tests.faults.campaign_zombie import run
from tests.faults.report import Order

pytestmark = [pytest.mark.feature("B14", enters="worker"), pytest.mark.slow]


def test_a_sender_that_slept_past_its_lease_begins_and_calls_nothing() -> None:
    outcome = run(Order(seed=20261122, scale=0.04))
    assert outcome.passed, "\n".join(outcome.lines("zombie"))
