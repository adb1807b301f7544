"""The effect of a change is what the forecast says before it and after it, and asking leaves no trace."""

from collections.abc import Iterator
from datetime import time, timedelta

import pytest

from clinics.scope import in_clinic
from clinics.setting_log import Act
from reminders import effect
from reminders.effect import Effect, effect_of
from reminders.models import Rule
from reminders.pausing import pause, resume
from reminders.replanning import change_clinic
from reminders.rule_writing import switch_rule
from tests.reminders.changes import ACT, HOUR, booked, timed, with_sms
from tests.world import DAY, NOW, World


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        yield world


def sized(effect: Effect) -> dict[str, int]:
    """How many of each, where there are any."""
    counts = {
        "adds": effect.adds.count, "moves": effect.moves.count, "removes": effect.removes.count,
        "expires": effect.expires.count, "at_once": effect.at_once, "untouched": effect.untouched,
    }  # fmt: skip
    return {name: count for name, count in counts.items() if count}


# What it says


@pytest.mark.feature("N4")
def test_an_edited_rule_moves_its_reminders_and_says_from_when_to_when(inside: World) -> None:
    appointment = booked(inside, 3 * DAY)
    found = effect_of(inside.clinic, timed(inside, 48 * 60), NOW)
    assert sized(found) == {"moves": 1}
    [row] = found.moves.rows
    assert (row.appointment_id, row.kind, row.channel) == (appointment.pk, "reminder", "email")
    assert (row.before, row.after, row.former_channel) == (NOW + 2 * DAY, NOW + DAY, "")


@pytest.mark.feature(20, "N4")
def test_a_rule_switched_off_says_how_many_messages_it_stops_and_how_many_of_them_soon(inside: World) -> None:
    for days in (2, 5, 12):
        booked(inside, days * DAY)
    found = effect_of(inside.clinic, lambda: switch_rule(inside.clinic, inside.rule, False, ACT), NOW)
    assert sized(found) == {"removes": 3}
    assert (found.stops, found.stops_soon) == (3, 2)


@pytest.mark.feature(10, "N4")
def test_a_rule_switched_on_counts_what_goes_at_once_apart(inside: World) -> None:
    switch_rule(inside.clinic, inside.rule, False, ACT)
    booked(inside, 20 * HOUR)
    booked(inside, 3 * DAY)
    found = effect_of(inside.clinic, lambda: switch_rule(inside.clinic, inside.rule, True, ACT), NOW)
    assert sized(found) == {"adds": 2, "at_once": 1}


@pytest.mark.feature("N4")
def test_a_channel_switched_off_removes_what_would_go_by_it(inside: World) -> None:
    booked(inside, 3 * DAY)
    found = effect_of(inside.clinic, lambda: change_clinic(inside.clinic, {"channels_on": []}, ACT), NOW)
    assert sized(found) == {"removes": 1}


@pytest.mark.feature("N4")
def test_another_default_channel_moves_reminders_from_one_channel_to_the_other(inside: World) -> None:
    Rule.objects.update(channel="")
    with_sms(inside)
    booked(inside, 3 * DAY)
    found = effect_of(inside.clinic, lambda: change_clinic(inside.clinic, {"default_channel": "sms"}, ACT), NOW)
    assert sized(found) == {"moves": 1}
    assert (found.moves.rows[0].former_channel, found.moves.rows[0].channel) == ("email", "sms")


@pytest.mark.feature("N4", "T04")
def test_a_pause_tells_what_waits_from_what_expires(inside: World) -> None:
    booked(inside, 2 * DAY)  # goes in a day: expires, as the pause ends after its start
    booked(inside, 3 * DAY + 10 * HOUR)  # due within the pause, and still of use at its end
    booked(inside, 6 * DAY)
    found = effect_of(inside.clinic, lambda: pause(inside.clinic, NOW + 2.5 * DAY, ACT), NOW)
    assert sized(found) == {"moves": 1, "expires": 1, "untouched": 1}
    assert found.stops == 1


@pytest.mark.feature("N4")
def test_nothing_changes_where_nobody_is_touched(inside: World) -> None:
    booked(inside, 3 * DAY)
    found = effect_of(inside.clinic, lambda: change_clinic(inside.clinic, {"quiet_from": time(20)}, ACT), NOW)
    assert found.is_empty
    assert sized(found) == {"untouched": 1}


def test_what_is_past_deleted_or_never_went_is_no_effect(inside: World) -> None:
    booked(inside, -HOUR)
    booked(inside, 3 * DAY, deleted=True)
    booked(inside, 3 * DAY, patient=inside.another_patient(consent_email=False))
    found = effect_of(inside.clinic, lambda: switch_rule(inside.clinic, inside.rule, False, ACT), NOW)
    assert found.is_empty
    assert found.looked_at == 1


def test_lists_are_cut_and_their_numbers_stay_true(inside: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effect, "LISTED", 2)
    starts = [booked(inside, (10 - days) * DAY).start for days in range(4)]
    found = effect_of(inside.clinic, lambda: switch_rule(inside.clinic, inside.rule, False, ACT), NOW)
    assert found.removes.count == 4
    assert [row.before for row in found.removes.rows] == sorted(start - DAY for start in starts)[:2]


def test_it_looks_at_the_nearest_first_and_says_where_it_stopped(
    inside: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effect, "MOST", 3)
    booked(inside, 9 * DAY)
    for days in (2, 3, 4):
        booked(inside, days * DAY)
    found = effect_of(inside.clinic, lambda: switch_rule(inside.clinic, inside.rule, False, ACT), NOW)
    assert (found.removes.count, found.looked_at, found.cut_at) == (3, 3, NOW + 4 * DAY)


def test_it_stops_when_its_time_is_over_but_never_before_a_first_look(
    inside: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effect, "_CHUNK", 1)
    for days in (2, 3):
        booked(inside, days * DAY)
    found = effect_of(inside.clinic, lambda: switch_rule(inside.clinic, inside.rule, False, ACT), NOW, seconds=0)
    assert (found.looked_at, found.cut_at) == (1, NOW + 2 * DAY)


def test_a_pause_that_is_lifted_brings_back_what_would_have_expired(inside: World) -> None:
    booked(inside, 2 * DAY)
    pause(inside.clinic, NOW + 3 * DAY, ACT)
    found = effect_of(inside.clinic, lambda: resume(inside.clinic, Act(None, NOW + HOUR)), NOW + HOUR)
    assert sized(found) == {"adds": 1}
    assert found.adds.rows[0].after == NOW + DAY


@pytest.mark.feature("N4")
def test_messages_to_one_patient_keep_apart_however_the_appointments_are_gathered(
    inside: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(inside, 3 * DAY)
    booked(inside, 3 * DAY + timedelta(minutes=5))
    together = effect_of(inside.clinic, timed(inside, 48 * 60), NOW)
    apart = sorted(row.after - NOW - DAY for row in together.moves.rows if row.after)
    assert apart == [timedelta(0), timedelta(minutes=10)]
    monkeypatch.setattr(effect, "_CHUNK", 1)
    assert effect_of(inside.clinic, timed(inside, 48 * 60), NOW) == together
