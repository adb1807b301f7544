"""The decided stories of the design's last chapter, as worked examples that the product and the model both pass.

Each is told once, for both: `Pair` does every act on both sides, rings the drain, and raises a Difference where the
forecast, what the sandbox received, or a reminder's named state is not what the model says.
"""

from typing import Any

import pytest

from tests.forecast.pair import Pair
from tests.forecast.scene import DAY, HOUR, MINUTE, at, left, row_of, states, the_patient, visit

pytestmark = pytest.mark.django_db(transaction=True)
TO_SMS: dict[str, Any] = {"fallback_channel": "sms"}


# 1. Fallback


@pytest.mark.feature("B5")
def test_story_1_a_fallback_goes_when_the_mailbox_refuses(pair: Pair) -> None:
    pair.rule(**TO_SMS)
    pair.refuse(the_patient(pair))
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("14 10:05"))
    assert left(pair) == ["reminder sms 14 10:00"]
    assert states(pair, key) == ["o1 failed", "o1 fallback handed_over"]


@pytest.mark.feature("B5")
def test_story_1_a_fallback_goes_where_there_is_no_address(pair: Pair) -> None:
    pair.rule(**TO_SMS)
    pair.change_patient(the_patient(pair), email="")
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("14 10:05"))
    assert left(pair) == ["reminder sms 14 10:00"]
    assert states(pair, key) == ["o1 skipped", "o1 fallback handed_over"]


@pytest.mark.parametrize("choice", ["consent", "flag", "mark"])
@pytest.mark.feature("B5", "36")
def test_story_1_no_fallback_opens_through_a_persons_choice(pair: Pair, choice: str) -> None:
    pair.rule(**TO_SMS)
    key = visit(pair, at("15 10:00"))
    if choice == "consent":
        pair.consent(the_patient(pair), "email", False)
    elif choice == "flag":
        pair.flag(key, "email", False)
    else:
        pair.mark(key, "email")
    pair.go_to(at("15 12:00"))
    assert (left(pair), states(pair, key)) == ([], ["o1 skipped"])


@pytest.mark.feature("B5")
def test_story_1_a_rule_switched_off_opens_no_fallback_any_more(pair: Pair) -> None:
    rule = pair.rule(channel="sms", fallback_channel="email", fallback_minutes=30)
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("14 10:00"))
    pair.rule(rule, active=False)
    pair.go_to(at("14 11:00"))
    assert states(pair, key) == ["o1 handed_over"]


@pytest.mark.feature("B5")
def test_story_1_a_missing_address_beside_a_missing_consent_opens_nothing(pair: Pair) -> None:
    pair.rule(**TO_SMS)
    pair.change_patient(the_patient(pair), email="", data_protection=False)
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("15 12:00"))
    assert states(pair, key) == ["o1 skipped"]


@pytest.mark.feature("B5")
def test_story_1_a_fallback_has_gates_of_its_own(pair: Pair) -> None:
    pair.rule(**TO_SMS)
    pair.change_patient(the_patient(pair), email="")
    pair.consent(the_patient(pair), "sms", False)
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("15 12:00"))
    assert (left(pair), states(pair, key)) == ([], ["o1 skipped", "o1 fallback skipped"])


@pytest.mark.feature("B5")
def test_story_1_a_fallback_opens_without_a_delivery_after_the_rules_time(pair: Pair) -> None:
    pair.rule(channel="sms", fallback_channel="email", fallback_minutes=30)
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("14 10:05"))
    pair.go_to(at("14 10:40"))
    assert left(pair) == ["reminder sms 14 10:00", "reminder email 14 10:30"]
    assert states(pair, key) == ["o1 handed_over", "o1 fallback handed_over"]


@pytest.mark.feature("B5")
def test_story_1_a_delivery_in_time_opens_none_and_a_failed_one_opens_it_at_once(pair: Pair) -> None:
    pair.rule(channel="sms", fallback_channel="email", fallback_minutes=30)
    first, second = visit(pair, at("15 10:00")), visit(pair, at("15 11:00"))
    pair.go_to(at("14 10:05"))
    pair.report(row_of(pair, first), delivered=True)
    pair.go_to(at("14 11:05"))
    pair.report(row_of(pair, second), delivered=False)
    pair.go_to(at("14 14:00"))
    assert (states(pair, first), states(pair, second)) == (["o1 handed_over"], ["o1 failed", "o1 fallback handed_over"])
    assert left(pair) == ["reminder sms 14 10:00", "reminder sms 14 11:00", "reminder email 14 11:05"]


@pytest.mark.feature("B5", "B6")
def test_story_1_a_late_delivery_supersedes_a_fallback_that_has_not_begun(pair: Pair) -> None:
    pair.rule(channel="sms", fallback_channel="email", fallback_minutes=30)
    key = visit(pair, at("15 20:45"))
    pair.go_to(at("14 22:00"))
    assert states(pair, key) == ["o1 handed_over", "o1 fallback planned"]  # it waits for the end of the quiet hours
    pair.report(row_of(pair, key), delivered=True)
    assert states(pair, key) == ["o1 handed_over", "o1 fallback superseded"]
    pair.go_to(at("15 12:00"))
    assert left(pair) == ["reminder sms 14 20:45"]


@pytest.mark.feature("B5", "B6")
def test_story_1_what_expires_in_a_pause_leaves_the_fallback_its_quarter_of_an_hour(pair: Pair) -> None:
    pair.rule(amount=4 * 60, **TO_SMS)
    key = visit(pair, at("13 17:00"))  # due at 13:00, too late at 13:45, and for its fallback's sake at 13:30
    pair.pause(at("13 18:00"))
    pair.go_to(at("13 13:29"))
    assert states(pair, key) == ["o1 held"]
    pair.go_to(at("13 13:40"))
    assert states(pair, key) == ["o1 expired", "o1 fallback held"]
    pair.lift()
    pair.go_to(at("13 17:00"))
    assert left(pair) == ["reminder sms 13 13:40"]


# 2. Moved and moved back


@pytest.mark.feature("X16", "X17", 42, "X7")
def test_story_2_moved_away_and_back_within_the_grace_is_the_same_occurrence_with_its_marks(pair: Pair) -> None:
    pair.rule()
    key = visit(pair, at("15 10:00"))
    pair.go(10 * MINUTE)
    pair.mark(key)
    pair.move(key, at("15 11:00"))
    assert states(pair, key) == ["o1 superseded", "o2 planned"]
    pair.move(key, at("15 10:00"))
    assert states(pair, key) == ["o1 planned", "o2 superseded"]
    pair.go_to(at("15 12:00"))
    assert (left(pair), states(pair, key)) == ([], ["o1 skipped", "o2 superseded"])


@pytest.mark.feature("X16", "X17", 42)
def test_story_2_what_a_move_back_finds_again_is_decided_by_the_rule_as_it_is_now(pair: Pair) -> None:
    rule = pair.rule(amount=90, late_policy="send_now")
    key = visit(pair, at("13 10:30"))
    pair.move(key, at("13 11:15"))
    pair.move(key, at("13 10:30"))
    pair.rule(rule, late_policy="skip")
    pair.move(key, at("13 11:15"))
    assert (left(pair), states(pair, key)) == ([], ["o1 skipped", "o2 skipped"])


@pytest.mark.feature("X17", 42, "X7", 41)
def test_story_2_moved_back_after_the_grace_is_a_new_occurrence_and_is_reminded_of(pair: Pair) -> None:
    pair.rule()
    key = visit(pair, at("15 10:00"))
    pair.mark(key)
    pair.move(key, at("15 11:00"))
    pair.go(4 * MINUTE)
    pair.move(key, at("15 10:00"))
    assert states(pair, key) == ["o1 superseded", "o2 superseded", "o3 planned"]
    pair.go_to(at("15 12:00"))
    assert left(pair) == ["reminder email 14 10:00"]


@pytest.mark.feature("X7", 42, 36)
def test_story_2_an_appointment_moved_after_its_reminder_is_reminded_of_again(pair: Pair) -> None:
    pair.rule()
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("14 12:00"))
    pair.move(key, at("18 10:00"))
    pair.go_to(at("18 12:00"))
    assert left(pair) == ["reminder email 14 10:00", "reminder email 17 10:00"]


# 3. Preferred channel


@pytest.mark.feature("57", "58")
def test_story_3_the_preferred_channel_is_the_patients_else_the_clinics(pair: Pair) -> None:
    pair.rule(channel="")
    visit(pair, at("15 10:00"))
    visit(pair, at("18 10:00"))
    pair.go_to(at("14 12:00"))
    pair.change_patient(the_patient(pair), preferred="sms")
    pair.go_to(at("18 12:00"))
    assert left(pair) == ["reminder email 14 10:00", "reminder sms 17 10:00"]


@pytest.mark.parametrize("obstacle", ["consent", "flag", "none"])
@pytest.mark.feature("57")
def test_story_3_what_closes_the_preferred_channel_chooses_no_other(pair: Pair, obstacle: str) -> None:
    pair.rule(channel="")
    pair.change_patient(the_patient(pair), preferred="none" if obstacle == "none" else "sms")
    key = visit(pair, at("15 10:00"))
    if obstacle == "consent":
        pair.consent(the_patient(pair), "sms", False)
    elif obstacle == "flag":
        pair.flag(key, "sms", False)
    pair.go_to(at("15 12:00"))
    assert (left(pair), states(pair, key)) == ([], ["o1 skipped"])


# 4. Past due is treated alike whatever made it so


MADE_LATE = ["booked", "moved", "edited", "made", "switched on"]
LATE = {
    # policy, time of day → what leaves
    ("next_allowed", "13 12:00"): "13 12:03",
    ("next_allowed", "13 22:00"): "14 08:00",
    ("send_now", "13 12:00"): "13 12:03",
    ("send_now", "13 22:00"): None,
    ("skip", "13 12:00"): None,
}


@pytest.mark.parametrize("made", MADE_LATE)
@pytest.mark.parametrize(("policy", "when"), LATE)
@pytest.mark.feature("B2", 27, 21)
def test_story_4_what_is_past_due_follows_the_late_policy(pair: Pair, made: str, policy: str, when: str) -> None:
    goes = LATE[policy, when]
    start = at(when) + 16 * HOUR
    if made in ("booked", "moved"):
        pair.rule(late_policy=policy)
        key = visit(pair, start + 9 * DAY) if made == "moved" else 0
        pair.go_to(at(when))
        key = key or visit(pair, start)
        if made == "moved":
            pair.move(key, start)
    else:
        rule = 0 if made == "made" else pair.rule(late_policy=policy, amount=60, active=made == "edited")
        key = visit(pair, start)
        pair.go_to(at(when))
        pair.rule(rule or None, late_policy=policy, amount=24 * 60, active=True)
        goes = goes and goes.replace("12:03", "12:00")  # no grace: nobody has just booked or moved
    pair.go_to(start)
    assert left(pair) == ([f"reminder email {goes}"] if goes else [])


@pytest.mark.feature("B2", "B4", 13)
def test_story_4_of_several_past_steps_of_a_kind_only_the_nearest_goes(pair: Pair) -> None:
    for hours in (72, 24, 2):
        pair.rule(amount=hours * 60)
    pair.rule(kind="confirmation", amount=48 * 60, channel="sms")
    key = visit(pair, at("13 20:00"))
    assert states(pair, key) == ["o1 superseded", "o1 planned", "o1 planned", "o1 planned"]
    pair.go_to(at("14 12:00"))
    assert left(pair) == ["confirmation sms 13 10:03", "reminder email 13 10:03", "reminder email 13 18:00"]


@pytest.mark.feature("B2", 36)
def test_story_4_a_row_that_ended_stays_and_an_edited_rule_does_not_send_again(pair: Pair) -> None:
    rule = pair.rule()
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("14 12:00"))
    pair.rule(rule, amount=4 * 60)
    pair.go_to(at("15 12:00"))
    assert (left(pair), states(pair, key)) == (["reminder email 14 10:00"], ["o1 handed_over"])
