"""What goes when a person says "send now", and what then still goes by itself?"""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from clinics.models import Clinic, User
from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.outcomes import FailureKind
from reminders.kinds import Kind, Origin, Route, State
from reminders.models import Rule
from reminders.offers import RECENT, offers
from reminders.send_now import Outcome
from tests.reminders.by_hand import HOUR, START, ana, ask, offered, planned, put, send, went
from tests.reminders.planning import another_rule, book, change, plan, rows
from tests.world import DAY, NOW, World

__all__ = ["ana"]
pytestmark = pytest.mark.django_db


@pytest.mark.feature(1, 3)
def test_a_step_that_waits_goes_now_and_records_who_said_so(world: World, ana: User) -> None:
    row, before = planned(world)
    offer = offered(world, row)
    assert (offer.may_go, offer.planned_for, offer.address) == (True, NOW + DAY, "lucia@correo.example")
    assert offer.text is not None and "Hola, Lucía" in offer.text.text
    assert send(world, ask(row, ana)).outcome is Outcome.GOES
    [sent] = rows(world)
    assert (sent.pk, sent.trigger, sent.round, sent.state) == (before.pk, "o1", 1, State.PLANNED)
    assert (sent.origin, sent.by_id, sent.event_at, sent.look_at) == (Origin.MANUAL, ana.pk, NOW, NOW)
    assert (sent.due_at, sent.deadline) == (NOW, NOW + 6 * HOUR)
    assert plan(world, row) == 0  # planning it again leaves it so


@pytest.mark.feature(3)
def test_of_several_that_wait_the_earliest_goes_and_the_later_ones_are_named(world: World, ana: User) -> None:
    another_rule(world, amount=120)
    row, _ = planned(world)
    offer = offered(world, row)
    assert offer.planned_for == NOW + DAY
    assert [one.foresight.goes_at for one in offer.later] == [START - 2 * HOUR]
    sent = send(world, ask(row, ana))
    assert [(one.due_at, one.origin) for one in rows(world)] == [
        (NOW, Origin.MANUAL), (START - 2 * HOUR, Origin.AUTOMATIC),
    ]  # fmt: skip
    assert sent.reminder == rows(world)[0]


@pytest.mark.feature(3)
def test_what_goes_now_keeps_the_next_one_to_the_patient_apart_and_the_forecast_says_so(
    world: World, ana: User
) -> None:
    for minutes in (5, 8):
        another_rule(world, amount=2 * 24 * 60 - minutes)
    row, _ = planned(world)
    offer = offered(world, row)
    assert offer.planned_for == NOW + timedelta(minutes=5)
    assert [one.foresight.goes_at for one in offer.later] == [NOW + timedelta(minutes=10), NOW + DAY]


@pytest.mark.feature(36, "F39")
@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
def test_what_is_being_sent_is_on_its_way_also_beside_a_later_step(world: World, ana: User, state: State) -> None:
    another_rule(world, amount=120)
    row, first = planned(world)
    put(world, first, state)
    answer = send(world, ask(row, ana))
    assert (answer.outcome, answer.reminder) == (Outcome.ON_ITS_WAY, first)
    assert [one.state for one in rows(world)] == [state, State.PLANNED]
    assert not offered(world, row).may_go


@pytest.mark.feature(36, "F39")
@pytest.mark.parametrize(
    ("ago", "outcome"), [(RECENT - timedelta(seconds=1), Outcome.ON_ITS_WAY), (RECENT, Outcome.GOES)]
)
@pytest.mark.parametrize("state", [State.HANDED_OVER, State.UNCERTAIN])
def test_what_went_less_than_ten_minutes_ago_is_on_its_way(
    world: World, ana: User, ago: timedelta, outcome: Outcome, state: State
) -> None:
    row, first = planned(world)
    put(world, first, state, decided_at=NOW - ago, ended_at=NOW)
    assert send(world, ask(row, ana)).outcome is outcome
    assert len(rows(world)) == (2 if outcome is Outcome.GOES else 1)


@pytest.mark.feature(36)
def test_what_went_long_ago_goes_again_as_a_further_round_after_a_question(world: World, ana: User) -> None:
    row, first = planned(world)
    went(world, first, 20 * timedelta(minutes=1))
    offer = offered(world, row)
    assert offer.gone_before == first and offer.may_go
    send(world, ask(row, ana))
    _, second = rows(world)
    assert (second.trigger, second.rule_id, second.route, second.round) == ("o1", world.rule.pk, Route.PRIMARY, 2)
    assert (second.origin, second.state) == (Origin.MANUAL, State.PLANNED)


@pytest.mark.feature(1, "N1")
@pytest.mark.parametrize("state", [State.SKIPPED, State.EXPIRED, State.FAILED, State.SUPERSEDED])
def test_the_newest_missed_step_goes_as_a_further_round(world: World, ana: User, state: State) -> None:
    another_rule(world, amount=72 * 60)
    row, _ = planned(world)
    one_day, three_days = rows(world)
    for one in (one_day, three_days):
        put(world, one, state, ended_at=NOW)
    assert three_days.due_at < one_day.due_at
    assert offered(world, row).planned_for is None
    made = send(world, ask(row, ana)).reminder
    assert made is not None and (made.rule_id, made.round) == (one_day.rule_id, 2)


@pytest.mark.feature(1)
def test_without_any_rule_it_goes_as_a_row_of_its_own_named_by_the_form(world: World, ana: User) -> None:
    with in_clinic(world.clinic.pk):
        Rule.objects.all().delete()
    row = book(world, START)
    token = uuid4()
    made = send(world, ask(row, ana, token=token)).reminder
    assert made is not None
    assert (made.rule_id, made.trigger, made.kind, made.round) == (None, f"h{token.hex}", Kind.REMINDER, 1)
    assert [one.pk for one in rows(world)] == [made.pk]
    went(world, made, HOUR)
    again = send(world, ask(row, ana)).reminder
    assert again is not None and (again.trigger, again.round) == (made.trigger, 2)


def test_a_step_whose_rule_is_for_others_by_now_is_passed_over(world: World, ana: User) -> None:
    row, first = planned(world)
    went(world, first, HOUR)
    with in_clinic(world.clinic.pk):
        Rule.objects.update(types=[world.type.pk + 1])
    made = send(world, ask(row, ana)).reminder
    assert made is not None and made.rule_id is None


@pytest.mark.feature(1, "F39")
def test_the_same_form_twice_is_one(world: World, ana: User) -> None:
    row, first = planned(world)
    went(world, first, HOUR)
    asked = ask(row, ana)
    answers = [send(world, asked), send(world, asked)]
    assert [one.outcome for one in answers] == [Outcome.GOES, Outcome.GOES]
    assert answers[0].reminder == answers[1].reminder and len(rows(world)) == 2


@pytest.mark.feature("F39")
def test_two_people_at_once_are_one(world: World, ana: User) -> None:
    another_rule(world, amount=120)
    row, _ = planned(world)
    assert send(world, ask(row, ana)).outcome is Outcome.GOES
    assert send(world, ask(row, ana), NOW + timedelta(seconds=1)).outcome is Outcome.ON_ITS_WAY
    assert [one.origin for one in rows(world)] == [Origin.MANUAL, Origin.AUTOMATIC]


def test_what_the_plan_has_not_seen_yet_is_planned_first_so_that_the_step_itself_goes(world: World, ana: User) -> None:
    row = book(world, START)
    assert offered(world, row).planned_for == NOW + DAY
    assert rows(world) == []  # looking writes nothing
    send(world, ask(row, ana))
    assert [(one.trigger, one.origin) for one in rows(world)] == [("o1", Origin.MANUAL)]


def test_where_something_else_would_go_than_was_shown_nothing_goes(world: World, ana: User) -> None:
    row, first = planned(world)
    seen = offered(world, row).basis
    went(world, first, HOUR)
    asked = replace(ask(row, ana), basis=seen)
    assert send(world, asked).outcome is Outcome.CHANGED
    assert len(rows(world)) == 1
    assert send(world, replace(asked, basis=offered(world, row).basis)).outcome is Outcome.GOES


@pytest.mark.feature(45)
def test_of_an_uncertain_one_a_person_asks_for_a_further_round_and_later_steps_still_go(
    world: World, ana: User
) -> None:
    another_rule(world, amount=120)
    row, first = planned(world)
    put(world, first, State.UNCERTAIN, decided_at=NOW - HOUR, ended_at=NOW - HOUR, failure=FailureKind.UNREACHABLE)
    offer = offered(world, row, again=first.pk)
    assert offer.may_go and offer.gone_before == first
    assert [one.foresight.goes_at for one in offer.later] == [START - 2 * HOUR]
    made = send(world, ask(row, ana, again=first.pk)).reminder
    assert made is not None and (made.rule_id, made.round) == (first.rule_id, 2)
    assert sorted(one.state for one in rows(world)) == [State.PLANNED, State.PLANNED, State.UNCERTAIN]


def test_a_further_round_is_only_of_a_reminder_of_this_channel_and_time(world: World, ana: User) -> None:
    row, first = planned(world)
    other, _ = planned(world)
    change(world, row, start=START + HOUR, end=START + 2 * HOUR)
    for appointment in (row, other):
        with pytest.raises(LookupError):
            send(world, ask(appointment, ana, again=first.pk))


@pytest.mark.feature(42)
def test_what_went_for_a_former_time_does_not_count_for_the_present_one(world: World, ana: User) -> None:
    row, first = planned(world)
    went(world, first, timedelta(minutes=1))
    change(world, row, start=START + DAY, end=START + DAY + HOUR)
    plan(world, row)
    offer = offered(world, row)
    assert offer.may_go and offer.gone_before is None
    assert send(world, ask(row, ana)).reminder == rows(world)[1]


@pytest.mark.feature(3)
def test_every_channel_that_is_on_is_offered_with_its_own_answer(world: World) -> None:
    row, _ = planned(world)
    with in_clinic(world.clinic.pk):
        Clinic.objects.update(channels_on=["email", "sms"])
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        by_channel = {one.channel: one for one in offers(world.clinic, row, NOW)}
    assert list(by_channel) == [Channel.EMAIL, Channel.SMS]
    assert by_channel[Channel.EMAIL].may_go
    assert {"consent_channel_off", "no_address"} <= {gate.code for gate in by_channel[Channel.SMS].reasons}


def test_what_was_shown_before_the_plan_had_seen_it_still_goes(world: World, ana: User) -> None:
    row = book(world, START)
    seen = offered(world, row).basis
    plan(world, row)
    assert send(world, replace(ask(row, ana), basis=seen)).outcome is Outcome.GOES
