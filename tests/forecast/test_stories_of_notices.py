"""Further stories of notices, as worked examples that the product and the model both pass."""

from typing import Any

import pytest

from tests.forecast.pair import Pair
from tests.forecast.scene import HOUR, MINUTE, at, left, the_patient, visit

pytestmark = pytest.mark.django_db(transaction=True)
NOTICE: dict[str, Any] = {"timing": "on_event", "amount": 0}


@pytest.mark.feature("17", "B3", "X16")
def test_story_10_a_no_to_a_change_that_is_undone_within_the_grace_tells_nobody_anything(pair: Pair) -> None:
    pair.rule(kind="change", **NOTICE)
    key = visit(pair, at("15 10:00"))
    pair.go(HOUR)
    for wait in (MINUTE, 4 * MINUTE):  # undone within the grace, and changed again after it
        pair.move(key, at("15 11:00"))
        pair.answer(key, "change", notify=False)
        pair.go(wait)
        pair.move(key, at("15 10:00"))
        pair.go(HOUR)
        pair.move(key, at("15 11:00"))
        pair.answer(key, "change", notify=True)
        pair.go(HOUR)
        pair.move(key, at("15 10:00"))
        pair.answer(key, "change", notify=False)
        pair.go(HOUR)
    assert left(pair) == ["change email 13 12:04"]


@pytest.mark.feature(3, 17)
def test_story_5_of_a_cancelled_visit_its_cancellation_is_sent_by_hand_and_at_once(pair: Pair) -> None:
    pair.rule()
    pair.rule(kind="cancellation", **NOTICE)
    pair.consent(the_patient(pair), "email", False)
    key = visit(pair, at("15 10:00"))
    pair.change(key, status="cancelled")
    pair.answer(key, "cancellation", notify=True)
    pair.go(HOUR)
    pair.consent(the_patient(pair), "email", True)
    assert pair.send_now(key, "email") == "goes"
    assert left(pair) == ["cancellation email 13 11:00"]
    pair.go(HOUR)
    assert pair.send_now(key, "email") == "refused"


@pytest.mark.feature(17)
def test_story_10_a_second_rule_that_is_made_before_the_notice_goes_tells_by_its_channel_too(pair: Pair) -> None:
    pair.rule(kind="booking", **NOTICE)
    key = visit(pair, at("15 10:00"))
    pair.answer(key, "booking", notify=True)
    pair.go(MINUTE)
    pair.rule(kind="booking", channel="sms", **NOTICE)
    pair.go(HOUR)
    assert sorted(left(pair)) == ["booking email 13 10:03", "booking sms 13 10:03"]
