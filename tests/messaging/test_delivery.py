"""Begin, call, finish: rows first, then the call; what is not called is not sent."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.delivery import Begun, Draft, begin, call, deliver
from messaging.marks import Ended
from messaging.models import Attempt, AttemptText, Message, Sender
from messaging.outcomes import (
    Accepted,
    AttemptState,
    Failed,
    FailureKind,
    Phase,
    Purpose,
    SendError,
    Unknown,
)
from messaging.providers import Account, Outgoing, provider
from tests.world import NOW, World

DEADLINE = NOW + timedelta(hours=1)


def draft(message: Message | None = None, address: str = "a@b.example", text: str = "Hola\n") -> Draft:
    return Draft(message, Channel.EMAIL, Purpose.REMINDER, address, DEADLINE, "Su cita", text, "")


def start(world: World, *drafts: Draft) -> list[Begun]:
    with in_clinic(world.clinic.pk):
        return begin(world.clinic.pk, Sender.objects.get(), drafts, NOW)


@pytest.mark.django_db
def test_begin_writes_message_attempt_and_words_in_the_order_of_the_drafts(world: World) -> None:
    made = start(world, draft(address="1@b.example"), draft(address="2@b.example"))
    assert [one.outgoing.to for one in made] == ["1@b.example", "2@b.example"]
    with in_clinic(world.clinic.pk):
        for one in made:
            attempt = Attempt.objects.select_related("message").get(pk=one.attempt_id)
            assert attempt.message.address == one.outgoing.to
            assert attempt.message.token == one.outgoing.token
            assert (attempt.state, attempt.phase, attempt.number) == (AttemptState.SENDING, Phase.BEGUN, 1)
            assert (attempt.called_at, attempt.ended_at) == (None, None)
            assert AttemptText.objects.get(attempt=attempt).text == "Hola\n"


@pytest.mark.django_db
def test_a_further_attempt_is_the_same_message_with_a_number_and_words_of_its_own(world: World) -> None:
    [first] = start(world, draft())
    with in_clinic(world.clinic.pk):
        Attempt.objects.update(state=AttemptState.FAILED)
        message = Message.objects.get()
    [second] = start(world, draft(message, "new@b.example", "Otra\n"))
    assert second.outgoing.token == first.outgoing.token
    assert second.attempt_token != first.attempt_token
    with in_clinic(world.clinic.pk):
        assert Message.objects.get().address == "new@b.example"
        attempts = list(Attempt.objects.order_by("number"))
    assert [one.number for one in attempts] == [1, 2]
    assert attempts[0].body_hash != attempts[1].body_hash


@pytest.mark.django_db
@pytest.mark.parametrize("state", [one for one in AttemptState if one is not AttemptState.FAILED])
def test_the_database_refuses_a_second_live_attempt_of_a_message(world: World, state: AttemptState) -> None:
    start(world, draft())
    with in_clinic(world.clinic.pk):
        Attempt.objects.update(state=state)
        message = Message.objects.get()
    with pytest.raises(IntegrityError):
        start(world, draft(message))


class Book:
    """Keeps what `deliver` brings, and lets start what it is told to."""

    def __init__(self, refused: Sequence[int] = ()) -> None:
        self.ended: list[Ended] = []
        self.started: list[int] = []
        self.refused = set(refused)

    def exchange(self, ended: list[Ended], starting: list[int]) -> set[int]:
        self.ended += ended
        may = set(starting) - self.refused
        self.started += may
        return may


class Table:
    """A provider that answers by a table: the outcome to raise, by the message's token; all others are accepted."""

    def __init__(self) -> None:
        self.called: list[int] = []
        self.failures: dict[int, FailureKind] = {}

    def send(self, account: Account, message: Outgoing, *, attempt_token: str, callback_url: str) -> Accepted:
        number = int(message.token)
        self.called.append(number)
        if number in self.failures:
            raise SendError(self.failures[number], Phase.AUTH)
        return Accepted("<t@x>")


@pytest.fixture
def table(settings: Any) -> Iterator[Table]:
    """The provider that the accounts of `chunk` name."""
    settings.MESSAGING_PROVIDERS = {"table": "tests.messaging.test_delivery.Table"}
    provider.cache_clear()
    made = provider("table")
    assert isinstance(made, Table)
    yield made
    provider.cache_clear()


def chunk(count: int) -> list[Begun]:
    account = Account("1/1", "table", "c@c.example", "", "localhost", 587, "none", "", "")
    return [Begun(n, "t", n, account, Outgoing(str(n), "a@b.example", "s", "t", "")) for n in range(1, count + 1)]


def kinds(book: Book) -> dict[int, str]:
    return {end.attempt_id: end.outcome.kind if isinstance(end.outcome, Failed) else "accepted" for end in book.ended}


def test_every_end_is_brought_with_the_next_start_and_the_last_one_alone(table: Table) -> None:
    book = Book()
    deliver(chunk(3), book.exchange, lambda: True)
    assert table.called == book.started == [1, 2, 3]
    assert kinds(book) == {1: "accepted", 2: "accepted", 3: "accepted"}


def test_what_may_not_start_is_not_called_and_nothing_is_said_of_it(table: Table) -> None:
    book = Book(refused=[2])
    deliver(chunk(3), book.exchange, lambda: True)
    assert table.called == [1, 3]
    assert set(kinds(book)) == {1, 3}


def test_a_fault_of_the_account_is_told_before_the_next_call_may_start(table: Table) -> None:
    """Whether it may is the breaker's matter (tests/messaging/test_sender_state.py)."""
    book = Book(refused=[3, 4])
    table.failures = {2: FailureKind.AUTH_REFUSED}
    deliver(chunk(4), book.exchange, lambda: True)
    assert table.called == [1, 2]
    assert kinds(book) == {1: "accepted", 2: "auth_refused"}


def test_a_fault_of_one_mailbox_stops_nobody(table: Table) -> None:
    book = Book()
    table.failures = {1: FailureKind.ADDRESS_REFUSED}
    deliver(chunk(2), book.exchange, lambda: True)
    assert table.called == [1, 2]


def test_when_time_is_up_the_rest_is_never_called(table: Table) -> None:
    book = Book()
    deliver(chunk(4), book.exchange, lambda: len(table.called) < 2)
    assert table.called == [1, 2]
    assert kinds(book) == {1: "accepted", 2: "accepted", 3: "never_called", 4: "never_called"}


def test_an_error_that_nobody_foresaw_leaves_open_whether_it_was_sent(table: Table) -> None:
    [one] = chunk(1)
    broken = replace(one, outgoing=replace(one.outgoing, token="no number"))
    assert call(broken) == Unknown(Phase.BEGUN, "ValueError")


def test_a_call_whose_time_is_over_does_not_start_and_costs_no_try() -> None:
    late, in_time = chunk(2)
    late = replace(late, start_before=time.monotonic() - 1)
    marks: list[tuple[list[Ended], list[int]]] = []

    def exchange(ended: list[Ended], starting: list[int]) -> set[int]:
        marks.append((list(ended), list(starting)))
        return set()

    deliver([late, in_time], exchange, lambda: True)
    assert marks == [([Ended(late.attempt_id, Failed(FailureKind.NEVER_CALLED, Phase.BEGUN))], [in_time.attempt_id])]
