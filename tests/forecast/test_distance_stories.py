"""The eleventh story: nobody is flooded. What goes by itself keeps its distance from what went to the same patient."""

from datetime import time
from typing import Any

import pytest

from tests.forecast.begin import patient
from tests.forecast.pair import Pair
from tests.forecast.scene import DAY, HOUR, MINUTE, at, left, states, the_patient, visit

pytestmark = pytest.mark.django_db(transaction=True)
NOTICE: dict[str, Any] = {"timing": "on_event", "amount": 0}


def book_for(pair: Pair, whom: int, start: str) -> int:
    """Another than the first patient."""
    return pair.book(
        at(start), patient=whom, practitioner=pair.product.practitioners[0], location=pair.product.locations[0]
    )


def test_story_11_of_two_at_one_moment_the_second_goes_ten_minutes_later(pair: Pair) -> None:
    pair.rule()
    visit(pair, at("15 10:00"))
    visit(pair, at("15 10:00"))
    pair.go_to(at("14 12:00"))
    assert left(pair) == ["reminder email 14 10:00", "reminder email 14 10:10"]


def test_story_11_a_fourth_within_a_day_waits_and_expires_where_that_is_too_late(pair: Pair) -> None:
    pair.rule()
    keys = [visit(pair, at(f"15 {hour}:00")) for hour in (10, 11, 12, 13)]
    pair.go_to(at("14 13:30"))
    assert [states(pair, key) for key in keys] == [["o1 handed_over"]] * 3 + [["o1 expired"]]
    pair.go_to(at("15 14:00"))
    assert left(pair) == [f"reminder email 14 {hour}:00" for hour in (10, 11, 12)]


def test_story_11_a_fourth_goes_once_the_first_is_a_day_old(pair: Pair) -> None:
    pair.rule()
    pair.rule(amount=4 * 60)
    for start in ("15 10:00", "15 10:30", "15 11:00", "15 13:40"):
        visit(pair, at(start))
    pair.clinic_hours(time(0), time(0))
    pair.go_to(at("15 13:00"))
    assert left(pair) == [
        "reminder email 14 10:00",
        "reminder email 14 10:30",
        "reminder email 14 11:00",
        "reminder email 15 10:00",  # due at 09:40; those of the others were due earlier, and expired
    ]


def test_story_11_other_channels_and_other_patients_count_apart_even_at_one_family_phone(pair: Pair) -> None:
    pair.rule()
    pair.rule(kind="confirmation", channel="sms")
    visit(pair, at("15 10:00"))
    child = pair.new_patient(patient(1))
    book_for(pair, child, "15 10:00")
    pair.go_to(at("14 12:00"))
    assert left(pair) == ["confirmation sms 14 10:00"] * 2 + ["reminder email 14 10:00"] * 2


def test_story_11_what_a_person_sends_is_not_held_and_counts(pair: Pair) -> None:
    pair.rule()
    first, second = visit(pair, at("15 10:00")), visit(pair, at("15 10:02"))
    pair.go_to(at("14 09:58"))
    assert pair.send_now(first, "email") == "goes"
    assert pair.send_now(visit(pair, at("18 10:00")), "email") == "goes"
    pair.go_to(at("14 12:00"))
    assert states(pair, second) == ["o1 handed_over"]
    assert left(pair) == ["reminder email 14 09:58", "reminder email 14 09:58", "reminder email 14 10:08"]


def test_story_11_a_notice_goes_in_spite_of_it_and_what_follows_keeps_its_distance(pair: Pair) -> None:
    pair.rule()
    pair.rule(kind="booking", **NOTICE)
    for _ in range(2):
        pair.answer(visit(pair, at("14 10:05")), "booking", True)
    pair.go(HOUR)
    assert left(pair) == [
        "booking email 13 10:03",
        "booking email 13 10:03",
        "reminder email 13 10:13",  # due at 10:05
    ]


def test_story_11_a_fallback_keeps_its_distance_too(pair: Pair) -> None:
    pair.rule(fallback_channel="sms")
    pair.change_patient(the_patient(pair), email="")
    visit(pair, at("15 10:00"))
    visit(pair, at("15 10:05"))
    pair.go_to(at("14 12:00"))
    assert left(pair) == ["reminder sms 14 10:00", "reminder sms 14 10:10"]


def test_story_11_where_quiet_hours_begin_before_it_is_free_the_morning_may_be_too_late(pair: Pair) -> None:
    pair.rule(timing="days_before_at", amount=1, at_time=time(20, 55))
    keys = [visit(pair, at("15 18:00")), visit(pair, at("15 18:00"))]
    pair.go_to(at("14 20:57"))
    assert [states(pair, key) for key in keys] == [["o1 handed_over"], ["o1 expired"]]  # in the morning it is too late
    pair.go(DAY)
    assert left(pair) == ["reminder email 14 20:55"]


def test_story_11_a_message_that_was_refused_counts_as_one(pair: Pair) -> None:
    pair.rule()
    pair.refuse(the_patient(pair))
    first, second = visit(pair, at("15 10:00")), visit(pair, at("15 10:05"))
    pair.go_to(at("14 10:02"))
    assert states(pair, first) == ["o1 failed"]
    pair.accept(the_patient(pair))
    pair.go_to(at("14 10:08"))
    assert states(pair, second) == ["o1 planned"]
    pair.go(5 * MINUTE)
    assert left(pair) == ["reminder email 14 10:10"]


def test_story_11_a_text_that_is_free_only_in_the_last_minute_before_its_deadline_expires(pair: Pair) -> None:
    pair.rule(channel="sms", amount=90, late_policy="send_now")
    assert pair.send_now(visit(pair, at("13 15:00")), "sms") == "goes"
    late = visit(pair, at("13 10:40") + MINUTE / 2)  # its deadline is at 10:10:30, and it is free from 10:10:00 on
    in_time = visit(pair, at("13 10:42"))
    pair.go_to(at("13 12:00"))
    assert (states(pair, late), states(pair, in_time)) == (["o1 expired"], ["o1 handed_over"])
    assert left(pair) == ["reminder sms 13 10:00", "reminder sms 13 10:10"]


def test_story_11_what_was_due_first_goes_first_though_it_had_to_wait_until_another_was_due(pair: Pair) -> None:
    pair.rule(amount=90)
    first, second, third = (visit(pair, at(f"15 12:{minute}")) for minute in (15, 20, 25))
    pair.go_to(at("15 10:56"))
    waits = [states(pair, key) for key in (first, second, third)]
    assert waits == [["o1 handed_over"], ["o1 handed_over"], ["o1 planned"]]
    assert left(pair) == ["reminder email 15 10:45", "reminder email 15 10:55"]
