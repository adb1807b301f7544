"""Do exactly the eligible reminders of a real agenda arrive? Two days of it; `run.py faults fortnight` is the campaign.

The weekend on which Europe changes to summer time: clinics that are closed on one day of it, or on both, and one in a
zone whose clocks do not change.
"""

from datetime import UTC, datetime

from tests.faults.campaign_fortnight import Span, fortnight

WEEKEND = Span(begins=datetime(2027, 3, 27, 6, 0, tzinfo=UTC), days=2, cut=True)


def test_over_a_weekend_of_the_agenda_every_eligible_reminder_arrives_once_and_in_its_step() -> None:
    outcome = fortnight(WEEKEND)
    assert outcome.passed, "\n".join(outcome.lines("fortnight"))
