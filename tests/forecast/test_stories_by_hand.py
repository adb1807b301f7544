"""The decided stories of "send now": twice, beside the automatic one, after a step that was missed."""

import pytest

from tests.forecast.pair import Pair
from tests.forecast.scene import HOUR, MINUTE, at, left, states, the_patient, visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.feature(3, 1)
def test_story_5_sent_by_hand_it_goes_once_and_later_steps_still_go(pair: Pair) -> None:
    pair.rule()
    pair.rule(amount=4 * 60)
    key = visit(pair, at("15 14:00"))
    assert pair.send_now(key, "email") == "goes"
    pair.go(MINUTE)
    assert pair.send_now(key, "email") == "on_its_way"
    pair.go_to(at("15 12:00"))
    assert states(pair, key) == ["o1 handed_over", "o1 handed_over"]
    assert left(pair) == ["reminder email 13 10:00", "reminder email 15 10:00"]


@pytest.mark.feature(3, "B4")
def test_story_5_by_hand_waives_quiet_hours_confirmation_and_lateness_and_not_a_consent(pair: Pair) -> None:
    pair.rule(stop_when_confirmed=True, late_policy="skip")
    pair.go_to(at("13 23:00"))
    key = visit(pair, at("14 10:00"))
    pair.change(key, status="confirmed")
    pair.consent(the_patient(pair), "email", False)
    assert pair.send_now(key, "email") == "refused"
    pair.consent(the_patient(pair), "email", True)
    assert pair.send_now(key, "email") == "goes"
    assert left(pair) == ["reminder email 13 23:00"]
    assert states(pair, key) == ["o1 skipped", "o1 handed_over"]


@pytest.mark.feature(3)
def test_story_8_an_address_that_comes_after_the_skip_is_written_to_by_hand(pair: Pair) -> None:
    pair.rule()
    pair.change_patient(the_patient(pair), email="")
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("14 11:00"))
    pair.change_patient(the_patient(pair), email="lucia@pacientes.example")
    assert pair.send_now(key, "email") == "goes"
    assert left(pair) == ["reminder email 14 11:00"]


@pytest.mark.feature(3)
def test_story_5_without_any_rule_it_is_a_row_of_its_own(pair: Pair) -> None:
    key = visit(pair, at("15 10:00"))
    assert pair.send_now(key, "sms") == "goes"
    assert left(pair) == ["reminder sms 13 10:00"]


@pytest.mark.feature(3)
def test_story_5_of_two_steps_that_were_missed_the_one_meant_for_the_later_moment_is_made_good(pair: Pair) -> None:
    pair.rule(amount=90, channel="sms", late_policy="send_now")
    earlier = pair.rule(amount=240, channel="sms", late_policy="send_now")
    key = visit(pair, at("13 10:30"))
    assert states(pair, key) == ["o1 skipped", "o1 superseded"]
    assert pair.send_now(key, "sms") == "goes"
    [sent] = [row for row in pair.model.world.rows if row.state == "handed_over"]
    assert (sent.round, sent.rule == earlier) == (2, False)


@pytest.mark.feature(3)
def test_story_5_what_went_by_hand_was_meant_for_that_moment_and_a_fallback_after_it_is_newer(pair: Pair) -> None:
    pair.rule(amount=90)
    first = pair.rule(amount=24 * 60, channel="sms", fallback_channel="email", fallback_minutes=30)
    key = visit(pair, at("14 10:15"))
    pair.go(20 * MINUTE)
    assert pair.send_now(key, "email") == "goes"
    pair.go(HOUR)
    assert pair.send_now(key, "email") == "goes"
    again = [row.rule for row in pair.model.world.rows if row.round == 2]
    assert again == [first]


@pytest.mark.feature(3, "B2")
def test_story_1_what_goes_by_hand_for_a_rule_that_is_off_waits_for_no_fallback(pair: Pair) -> None:
    rule = pair.rule(amount=90, channel="sms", fallback_channel="email", fallback_minutes=30)
    key = visit(pair, at("13 15:00"))
    pair.rule(rule, active=False)
    assert pair.send_now(key, "sms") == "goes"
    pair.go(10 * MINUTE)
    pair.rule(rule, active=True)
    pair.go(HOUR)
    assert left(pair) == ["reminder sms 13 10:00"]
