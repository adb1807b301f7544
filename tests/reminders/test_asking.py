"""A provider that hangs while it is asked keeps nobody from sending, and no other clinic's from being asked."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from messaging.evidence import Question
from messaging.providers import CannotTell
from reminders.asking import ASKERS, MOST_OF_A_CLINIC, Asking
from reminders.drain import drain
from reminders.kinds import State
from reminders.lanes import Lanes
from tests.reminders.sending import book, only_reminder
from tests.reminders.test_sms import eventually
from tests.world import World


@dataclass
class Hanging:
    """A question whose provider hangs until it is let go."""

    attempt_id: int
    let_go: threading.Event
    asked: list[int] = field(default_factory=list)

    def ask(self) -> CannotTell:
        self.asked.append(self.attempt_id)
        self.let_go.wait(30)
        return CannotTell()


@pytest.fixture
def let_go() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def asking(let_go: threading.Event) -> Iterator[Asking]:
    made = Asking()
    yield made
    let_go.set()
    made.close()


def question(number: int, let_go: threading.Event, asked: list[int]) -> Question:
    return cast("Question", Hanging(number, let_go, asked))


@pytest.mark.django_db(transaction=True)
def test_a_listing_that_hangs_keeps_no_lane_from_sending(live: World, lanes: Lanes, let_go: threading.Event) -> None:
    asked: list[int] = []
    for number in range(50):
        lanes.asking.ask(number + 1, question(number, let_go, asked))
    eventually(lambda: len(asked) == ASKERS)
    book(live)
    assert drain(lanes, 5) == 1
    assert only_reminder(live).state == State.HANDED_OVER
    let_go.set()


def test_one_clinic_has_one_thread_and_no_more_than_so_many_questions(asking: Asking, let_go: threading.Event) -> None:
    asked: list[int] = []
    asking.ask(1, question(0, let_go, asked))
    eventually(lambda: asked == [0])
    for number in range(1, MOST_OF_A_CLINIC + 50):
        asking.ask(1, question(number, let_go, asked))
    asking.ask(2, question(-1, let_go, asked))
    eventually(lambda: sorted(asked) == [-1, 0])
    let_go.set()
    eventually(lambda: asking._answers.qsize() >= MOST_OF_A_CLINIC + 2)
    assert len(asking.answered()) == len(asked) == MOST_OF_A_CLINIC + 2, "the one under way beside those that wait"


def test_what_is_being_asked_is_not_asked_beside_it_and_can_be_asked_again(
    asking: Asking, let_go: threading.Event
) -> None:
    asked: list[int] = []
    for _ in range(3):
        asking.ask(1, question(7, let_go, asked))
    let_go.set()
    eventually(lambda: asking._answers.qsize() == 1)
    asking.ask(1, question(7, let_go, asked))
    eventually(lambda: len(asked) == 2)
