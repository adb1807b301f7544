"""Do reminders survive the death of their workers? The short form of the kill campaign; RELIABILITY.md scorecard 1."""

from tests.faults.assault import Shape
from tests.faults.campaign_kill import kill
from tests.faults.stack import Pace

#: Small enough for every run of the tests; `run.py faults kill` is the campaign.
SHORT = Shape(
    reminders=150, strikes=3, clinics=3, workers=2, delay=0.05, sms=0.5, pace=Pace(lease=4, reconcile=10, look=1)
)  # fmt: skip
SEED = 20261121


def test_killed_workers_and_a_flushed_broker_lose_nothing_and_send_nothing_twice() -> None:
    outcome = kill(SEED, SHORT)
    assert outcome.passed, "\n".join(outcome.lines("kill"))
