"""Further stories of pauses, as worked examples that the product and the model both pass."""

from datetime import time

import pytest

from reminders.replanning import PARTS
from tests.forecast.pair import Pair
from tests.forecast.scene import HOUR, MINUTE, at, left, states, visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.feature("B3")
def test_story_6_of_what_a_lifted_pause_lets_go_at_one_moment_the_earlier_planned_goes_first(pair: Pair) -> None:
    pair.rule(kind="confirmation", amount=24 * 60, channel="sms", fallback_channel="email", fallback_minutes=30)
    pair.rule(kind="booking", timing="on_event", amount=0)
    while visit(pair, at("20 10:00")) % PARTS != PARTS - 2:  # the walk comes to the later one of the next two first
        pass
    visit(pair, at("14 10:20"))
    pair.go_to(at("13 10:30"))
    pair.pause(at("14 10:30"))
    pair.go_to(at("13 11:00"))
    pair.answer(visit(pair, at("15 05:15")), "booking", True)
    pair.go(5 * MINUTE)
    pair.lift()
    pair.go(HOUR)
    assert sorted(left(pair)) == ["booking email 13 11:05", "confirmation email 13 11:05", "confirmation sms 13 10:20"]


@pytest.mark.feature("B2")
def test_story_6_what_was_booked_in_quiet_hours_and_is_to_go_at_once_is_skipped_during_a_pause_too(pair: Pair) -> None:
    pair.clinic_hours(time(21), time(8))
    pair.rule(timing="days_before_at", amount=2, at_time=time(22), late_policy="send_now")
    pair.go_to(at("13 23:00"))
    pair.pause(at("14 16:00"))
    key = visit(pair, at("15 14:00"))
    assert states(pair, key) == ["o1 skipped"]
    pair.go_to(at("14 17:00"))
    assert left(pair) == []
