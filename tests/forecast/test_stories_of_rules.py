"""Further stories of rules that change, as worked examples that the product and the model both pass."""

from datetime import time

import pytest

from tests.forecast.pair import Pair
from tests.forecast.scene import HOUR, at, left, states, visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.feature("B2")
def test_story_4_an_edit_that_puts_a_moment_before_a_booking_in_the_night_makes_it_late_from_the_edit_on(
    pair: Pair,
) -> None:
    pair.clinic_hours(time(21), time(8))
    rule = pair.rule(amount=90, late_policy="send_now")
    pair.go_to(at("14 01:45"))
    visit(pair, at("14 22:00"))
    pair.go_to(at("14 17:45"))
    pair.rule(rule, amount=2 * 24 * 60)
    assert left(pair) == ["reminder email 14 17:45"]


@pytest.mark.feature("B2")
def test_story_4_a_rule_that_is_made_once_a_nearer_step_went_earlier_than_named_sends_nothing_beside_it(
    pair: Pair,
) -> None:
    pair.clinic_hours(time(21), time(8))
    pair.rule(amount=90)
    key = visit(pair, at("14 23:15"))
    pair.go_to(at("14 20:31"))
    assert left(pair) == ["reminder email 14 20:30"]
    pair.rule(amount=20 * 60)
    assert states(pair, key) == ["o1 handed_over", "o1 superseded"]


@pytest.mark.feature("B2")
def test_story_4_what_was_missed_by_a_rule_that_was_edited_since_stands_for_no_other_rule(pair: Pair) -> None:
    pair.rule(amount=90)
    edited = pair.rule(timing="days_before_at", amount=1, at_time=time(7, 30), late_policy="skip")
    key = visit(pair, at("14 15:15"))
    pair.rule(edited, timing="before_elapsed", amount=120, at_time=None)
    pair.rule(timing="days_before_at", amount=1, at_time=time(7, 30), late_policy="send_now")
    pair.go(HOUR)
    assert states(pair, key) == ["o1 planned", "o1 skipped", "o1 handed_over"]


@pytest.mark.feature("B2")
def test_story_4_of_two_late_steps_for_one_moment_the_one_that_waits_still_goes_after_the_other(pair: Pair) -> None:
    pair.rule(amount=24 * 60, channel="sms", late_policy="send_now")
    pair.rule(kind="confirmation", amount=90, channel="email", late_policy="send_now")
    pair.rule(amount=24 * 60, channel="email", late_policy="send_now")
    key = visit(pair, at("13 11:15"))
    pair.go_to(at("13 10:04"))  # the confirmation has gone: the other mail waits for ten minutes, and is forecast
    pair.change(key, status="confirmed")  # and planned anew
    pair.go_to(at("13 11:00"))
    assert left(pair) == ["confirmation email 13 10:03", "reminder sms 13 10:03", "reminder email 13 10:13"]


@pytest.mark.feature("B2")
def test_story_4_a_rule_made_while_a_nearer_step_waits_beyond_its_moment_sends_nothing_beside_it(pair: Pair) -> None:
    pair.rule(kind="confirmation", amount=24 * 60, channel="sms")
    pair.rule(amount=24 * 60, channel="sms")
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("14 10:01"))
    pair.rule(amount=2 * 24 * 60, channel="sms", late_policy="send_now")
    assert states(pair, key) == ["o1 handed_over", "o1 planned", "o1 superseded"]
    pair.go(HOUR)
    assert left(pair) == ["confirmation sms 14 10:00", "reminder sms 14 10:10"]
