"""A person's "send now" beside the automatic reminder and beside another person's: the patient gets one message."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from appointments.models import Appointment
from clinics.models import User
from clinics.scope import in_clinic
from messaging.channels import Channel
from reminders import queue
from reminders.drain import drain, plan_what_is_behind
from reminders.kinds import IN_FLIGHT_STATES, Origin, State
from reminders.lanes import Lanes
from reminders.send_now import Ask, Outcome, Sent, send_now
from sandbox.server import Sandbox
from tests.reminders.planning import another_rule
from tests.reminders.sending import DAY, SOON, book, now, only_reminder, received, reminders
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 4


@pytest.fixture
def ana(live: World) -> User:
    made: User = User.objects.create_user("ana@people.example", "x", name="Ana Gil")
    return made


def send(world: World, row: Appointment, by: User) -> Sent:
    with in_clinic(world.clinic.pk):
        return send_now(world.clinic, Ask(row.pk, Channel.EMAIL, by, uuid4()), now())


def at_once(*works: Callable[[], None]) -> list[Exception]:
    """Runs them in threads of their own, each with its own connection; gives what went wrong."""
    wrong: list[Exception] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    return wrong


def finish(world: World, lanes: Lanes) -> None:
    """Drains until nothing is due or under way any more."""
    until = time.monotonic() + 60
    while drain(lanes, 5) or any(one.state in IN_FLIGHT_STATES for one in reminders(world)):
        assert time.monotonic() < until, Counter(one.state for one in reminders(world))


@pytest.mark.feature(1, 3, enters="task")
def test_it_goes_with_the_next_drain_and_says_who_sent_it(
    live: World, ana: User, lanes: Lanes, mail_server: Sandbox
) -> None:
    before = len(received(mail_server, live))
    row = book(live, now() + 3 * DAY)
    assert send(live, row, ana).outcome is Outcome.GOES
    assert drain(lanes, 5) == 1
    reminder = only_reminder(live)
    assert (reminder.state, reminder.origin, reminder.by_id) == (State.HANDED_OVER, Origin.MANUAL, ana.pk)
    assert [one["accepted"] for one in received(mail_server, live)[before:]] == [True]
    assert send(live, row, ana).outcome is Outcome.ON_ITS_WAY
    assert drain(lanes, 5) == 0


@pytest.mark.feature("F39")
def test_what_a_drain_claimed_first_is_on_its_way(live: World, ana: User) -> None:
    row = book(live)
    plan_what_is_behind()
    assert [len(own) for own in queue.claim(now()).values()] == [1]
    assert send(live, row, ana).outcome is Outcome.ON_ITS_WAY


@pytest.mark.feature("F39")
def test_what_a_person_took_first_a_drain_passes_over_until_it_is_saved(live: World, ana: User) -> None:
    row, found = book(live), []
    with in_clinic(live.clinic.pk):
        assert send_now(live.clinic, Ask(row.pk, Channel.EMAIL, ana, uuid4()), now()).outcome is Outcome.GOES
        assert at_once(lambda: found.append(queue.claim(now()))) == []
    assert found == [{}]  # it did not wait either
    assert [len(own) for own in queue.claim(now()).values()] == [1]


def all_at_once(world: World, by: User, lanes: Lanes, rows: list[Appointment]) -> Counter[Outcome]:
    """Two drains and four people at the same moment; gives what the people were told. The drains take a few reminders
    at a time from the front, the people come from the back."""
    answers: Counter[Outcome] = Counter()
    start, done = threading.Barrier(PEOPLE + 2), threading.Event()

    def person(own: list[Appointment]) -> None:
        start.wait(30)
        for row in own:
            answers[send(world, row, by).outcome] += 1
        if answers.total() == len(rows):
            done.set()

    def automatic() -> None:
        start.wait(30)
        while drain(lanes, 1) or not done.is_set():
            pass

    people = [partial(person, rows[number::-PEOPLE]) for number in range(len(rows) - PEOPLE, len(rows))]
    assert at_once(*people, automatic, automatic) == []
    return answers


@pytest.mark.feature("F39", 36, enters="task")
@pytest.mark.parametrize("pairs", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_a_person_and_the_automatic_one_at_the_same_moment_are_one_message(
    live: World,
    ana: User,
    lanes: Lanes,
    mail_server: Sandbox,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    pairs: int,
) -> None:
    """Each appointment has two steps: one is due, and one is still to come, which neither may take in its place."""
    monkeypatch.setattr(queue, "CLAIM_EACH", 4)
    settings.SMTP_TIMEOUT_SECONDS = 30  # nobody is to try again here, however busy the machine
    another_rule(live, amount=120)
    with in_clinic(live.clinic.pk):
        patients = [live.another_patient(email=f"pair{number}-of-{pairs}@correo.example") for number in range(pairs)]
    rows = [book(live, now() + SOON, patient=patient) for patient in patients]
    plan_what_is_behind()
    answers = all_at_once(live, ana, lanes, rows)
    finish(live, lanes)
    assert set(answers) == {Outcome.GOES, Outcome.ON_ITS_WAY} and answers.total() == pairs
    arrived = Counter(str(one["recipient"]) for one in received(mail_server, live))
    assert [arrived[patient.email] for patient in patients] == [1] * pairs
    states = Counter((one.state, one.due_at > now() + timedelta(hours=1)) for one in reminders(live))
    assert states == {(State.HANDED_OVER, False): pairs, (State.PLANNED, True): pairs}
