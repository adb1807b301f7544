"""The decided stories from the sixth on: pause, an unknown end, an address that comes late, confirmation, notices."""

from datetime import time
from typing import Any

import pytest

from tests.forecast.pair import Pair
from tests.forecast.scene import DAY, HOUR, MINUTE, at, left, states, the_patient, visit

pytestmark = pytest.mark.django_db(transaction=True)


# 6. Pause


def test_story_6_a_pause_holds_and_at_its_end_rows_go_at_the_next_allowed_moment(pair: Pair) -> None:
    pair.rule()
    key = visit(pair, at("15 10:00"))
    pair.pause(at("14 15:00"))
    pair.go_to(at("14 12:00"))
    assert left(pair) == []
    pair.go_to(at("15 12:00"))
    assert (left(pair), states(pair, key)) == (["reminder email 14 15:00"], ["o1 handed_over"])


def test_story_6_a_pause_until_midnight_ends_when_the_quiet_hours_do(pair: Pair) -> None:
    pair.rule()
    visit(pair, at("15 18:00"))
    pair.pause(at("15 00:00"))
    pair.go_to(at("15 12:00"))
    assert left(pair) == ["reminder email 15 08:00"]


def test_story_6_what_a_pause_leaves_no_moment_expires(pair: Pair) -> None:
    pair.rule()
    key = visit(pair, at("15 10:00"))
    pair.pause(at("18 00:00"))
    pair.go_to(at("14 12:00"))
    assert states(pair, key) == ["o1 held"]
    pair.go_to(at("15 12:00"))
    assert (left(pair), states(pair, key)) == ([], ["o1 expired"])


def test_story_6_a_pause_that_is_lifted_early_lets_go_what_it_held(pair: Pair) -> None:
    pair.rule(late_policy="skip")
    visit(pair, at("15 10:00"))
    pair.pause(at("15 00:00"))
    pair.go_to(at("14 12:00"))
    pair.lift()
    pair.go_to(at("15 12:00"))
    assert left(pair) == ["reminder email 14 12:00"]


def test_story_6_what_is_held_stays_so_in_quiet_hours_and_goes_in_the_morning_once_the_pause_is_lifted(
    pair: Pair,
) -> None:
    pair.clinic_hours(time(20), time(9, 30))
    pair.rule(timing="days_before_at", amount=1, at_time=time(19, 30))
    key = visit(pair, at("16 11:00"))
    pair.pause(at("18 00:00"))
    pair.go_to(at("15 20:30"))
    pair.default_channel("sms")  # whatever has the plan made again
    assert states(pair, key) == ["o1 held"]
    pair.lift()
    pair.go_to(at("16 12:00"))
    assert left(pair) == ["reminder email 16 09:30"]


def test_story_6_a_late_booking_in_a_pause_goes_at_its_end(pair: Pair) -> None:
    pair.rule(late_policy="send_now")
    pair.pause(at("13 15:00"))
    visit(pair, at("14 09:00"))
    pair.go_to(at("14 12:00"))
    assert left(pair) == ["reminder email 13 15:00"]


# 7. Killed after the final dot


def test_story_7_what_was_cut_off_after_the_final_dot_is_uncertain_and_later_steps_go(pair: Pair) -> None:
    pair.rule()
    pair.rule(amount=4 * 60)
    key = visit(pair, at("15 14:00"))
    pair.cut_off(the_patient(pair))
    pair.go_to(at("14 14:30"))
    assert states(pair, key) == ["o1 sending", "o1 planned"]
    pair.evidence_ends()
    assert states(pair, key) == ["o1 uncertain", "o1 planned"]
    pair.go_to(at("15 12:00"))
    assert states(pair, key) == ["o1 uncertain", "o1 handed_over"]
    assert left(pair) == ["reminder email 14 14:00", "reminder email 15 10:00"]


# 8. Address added after the skip


@pytest.mark.feature(53)
def test_story_8_an_address_that_comes_after_the_skip_serves_the_later_steps(pair: Pair) -> None:
    pair.rule()
    pair.rule(amount=4 * 60)
    pair.change_patient(the_patient(pair), email="")
    key = visit(pair, at("15 14:00"))
    pair.go_to(at("14 15:00"))
    pair.change_patient(the_patient(pair), email="lucia@pacientes.example")
    pair.go_to(at("15 12:00"))
    assert states(pair, key) == ["o1 skipped", "o1 handed_over"]
    assert left(pair) == ["reminder email 15 10:00"]


# 9. Confirmed


@pytest.mark.feature("B4")
def test_story_9_a_step_that_stops_on_confirmation_is_skipped_and_another_goes(pair: Pair) -> None:
    pair.rule(stop_when_confirmed=True)
    pair.rule(amount=4 * 60)
    key = visit(pair, at("15 14:00"))
    pair.change(key, status="confirmed")
    pair.go_to(at("15 12:00"))
    assert states(pair, key) == ["o1 skipped", "o1 handed_over"]
    assert left(pair) == ["reminder email 15 10:00"]


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.feature("B4", "X6")
def test_story_9_confirmed_while_claimed_counts_until_it_has_begun(pair: Pair, begun: bool) -> None:
    pair.rule(stop_when_confirmed=True)
    key = visit(pair, at("15 10:00"))
    pair.go_to(at("14 09:59"))
    pair.confirm_while_claimed(key, at("14 10:00"), begun=begun)
    assert states(pair, key) == ["o1 handed_over" if begun else "o1 skipped"]


@pytest.mark.feature("X6", 32, 33)
def test_story_9_a_cancellation_stops_what_is_to_come_and_a_restored_one_goes_on(pair: Pair) -> None:
    pair.rule()
    pair.rule(amount=4 * 60)
    key = visit(pair, at("15 14:00"))
    pair.change(key, status="cancelled")
    assert states(pair, key) == ["o1 cancelled", "o1 cancelled"]
    pair.go_to(at("14 16:00"))
    pair.change(key, status="scheduled")
    pair.change(key, deleted=True)
    pair.change(key, deleted=False)
    pair.go_to(at("15 12:00"))
    assert states(pair, key) == ["o1 cancelled", "o1 handed_over"]


# 10. Notices

NOTICE: dict[str, Any] = {"timing": "on_event", "amount": 0}


@pytest.mark.feature("B3", 17, "X16")
def test_story_10_three_edits_within_the_grace_are_told_once_and_as_they_stand(pair: Pair) -> None:
    pair.rule(kind="change", **NOTICE)
    key = visit(pair, at("18 10:00"))
    for hour in ("11", "12", "13"):
        pair.move(key, at(f"18 {hour}:00"))
        pair.answer(key, "change", True)
        pair.go(MINUTE)
    pair.go(HOUR)
    assert len(left(pair)) == 1
    assert [state.split()[1] for state in states(pair, key)] == ["superseded", "superseded", "handed_over"]


@pytest.mark.feature("B3", "X16")
def test_story_10_a_change_that_is_taken_back_is_told_to_nobody(pair: Pair) -> None:
    pair.rule(kind="change", **NOTICE)
    key = visit(pair, at("18 10:00"))
    pair.go(HOUR)
    pair.move(key, at("18 11:00"))
    pair.answer(key, "change", True)
    pair.move(key, at("18 10:00"))
    pair.go(HOUR)
    assert (left(pair), [state.split()[1] for state in states(pair, key)]) == ([], ["skipped"])


@pytest.mark.feature("B3", 16, 17)
def test_story_10_the_last_answer_counts(pair: Pair) -> None:
    pair.rule(kind="change", **NOTICE)
    key = visit(pair, at("18 10:00"))
    pair.move(key, at("18 11:00"))
    pair.answer(key, "change", True)
    pair.move(key, at("18 12:00"))
    pair.answer(key, "change", False)
    pair.go(HOUR)
    assert left(pair) == []


@pytest.mark.feature("B3", 16)
def test_story_10_a_change_before_the_booking_was_told_is_told_as_a_booking(pair: Pair) -> None:
    pair.rule(kind="booking", **NOTICE)
    pair.rule(kind="change", **NOTICE)
    key = visit(pair, at("18 10:00"))
    pair.answer(key, "booking", True)
    pair.move(key, at("18 11:00"))
    pair.answer(key, "change", True)
    pair.go(HOUR)
    assert [one.kind for one in pair.arrived] == ["booking"]


@pytest.mark.feature("B3", 16, 18)
def test_story_10_a_notice_that_staff_agreed_to_leaves_in_quiet_hours_and_beside_a_mark(pair: Pair) -> None:
    pair.rule(kind="cancellation", **NOTICE)
    key = visit(pair, at("18 10:00"))
    pair.mark(key)
    pair.go_to(at("13 23:00"))
    pair.change(key, status="cancelled")
    pair.answer(key, "cancellation", True)
    pair.go(HOUR)
    assert left(pair) == ["cancellation email 13 23:03"]


@pytest.mark.feature("B3", 15)
def test_story_10_nobody_is_told_who_was_not_asked_about(pair: Pair) -> None:
    pair.rule(kind="booking", **NOTICE)
    visit(pair, at("18 10:00"))
    pair.go(DAY)
    assert left(pair) == []


@pytest.mark.feature("B3", 16, 17)
def test_story_10_a_rule_that_is_made_later_tells_nothing_of_what_was_agreed_before(pair: Pair) -> None:
    pair.rule(kind="booking", **NOTICE)
    key = visit(pair, at("18 10:00"))
    pair.answer(key, "booking", True)
    pair.go(HOUR)
    pair.rule(kind="booking", **NOTICE, channel="sms")
    pair.go(HOUR)
    assert left(pair) == ["booking email 13 10:03"]


def test_story_6_of_two_steps_that_a_pause_held_the_one_nearest_the_start_goes_alone(pair: Pair) -> None:
    pair.rule(amount=24 * 60)
    pair.rule(amount=20 * 60)
    key = visit(pair, at("15 12:00"))
    pair.pause(at("14 17:00"))
    pair.go_to(at("15 13:00"))
    assert (left(pair), states(pair, key)) == (["reminder email 14 17:00"], ["o1 superseded", "o1 handed_over"])


def test_story_6_a_nearer_step_that_does_not_go_keeps_the_other_from_nothing(pair: Pair) -> None:
    pair.rule(amount=24 * 60)
    pair.rule(amount=20 * 60, channel="sms")
    pair.consent(the_patient(pair), "sms", False)
    key = visit(pair, at("15 12:00"))
    pair.pause(at("14 17:00"))
    pair.go_to(at("15 13:00"))
    assert (left(pair), states(pair, key)) == (["reminder email 14 17:00"], ["o1 handed_over", "o1 skipped"])


@pytest.mark.feature("B2")
def test_story_1_of_two_fallbacks_of_one_moment_the_one_that_no_call_had_to_fail_for_goes_first(pair: Pair) -> None:
    pair.rule(amount=90)
    pair.rule(kind="confirmation", amount=90, fallback_channel="sms")
    pair.pause(at("13 12:00"))
    failing, expiring = visit(pair, at("13 13:15")), visit(pair, at("13 13:15"))
    pair.refuse(the_patient(pair))
    pair.go_to(at("13 12:12"))
    assert "o1 fallback planned" in states(pair, failing)
    assert "o1 fallback handed_over" in states(pair, expiring)
