"""A callback while the database is away, blocked or cut off: 503 in time and nothing half done, so the provider comes
again; and then it is stored once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.db import close_old_connections, connection
from django.db.backends.utils import CursorWrapper
from django.test import Client

from config.local.ports import free_port
from messaging import callbacks
from messaging.models import Attempt
from messaging.pages import callbacks as page
from messaging.providers import Report
from reminders.models import Heartbeat
from tests.faults.proxy import Proxy
from tests.messaging.test_callbacks import an_attempt, form, signed, stored
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("B14", enters="webhook")]


def call_back(attempt: Attempt) -> int:
    """As the provider calls, over a request that does not raise what the product lets through, and that ends as a
    server's does: Django's test client leaves a broken connection where it is."""
    path = f"/w/twilio/{attempt.token}"
    headers = {"X-Twilio-Signature": signed(f"http://127.0.0.1:8000{path}", form())}
    status = int(Client(raise_request_exception=False).post(path, form(), headers=headers).status_code)
    close_old_connections()
    return status


@contextmanager
def elsewhere(port: int) -> Iterator[None]:
    """The database is looked for at a port where nobody listens."""
    kept = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = port
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["PORT"] = kept


def plain_link() -> "psycopg2.extensions.connection":
    """A session beside the product's own, of the same role."""
    told = connection.settings_dict
    return psycopg2.connect(
        host=told["HOST"], port=told["PORT"], user=told["USER"], password=told["PASSWORD"], dbname=told["NAME"]
    )


def test_while_nobody_listens_the_answer_is_503_and_later_it_is_stored_once(world: World) -> None:
    attempt = an_attempt(world)
    with elsewhere(free_port()):
        assert call_back(attempt) == 503
    assert stored(attempt) == 0
    assert [call_back(attempt), call_back(attempt)] == [204, 204]
    assert stored(attempt) == 1


def test_a_connection_that_was_cut_off_is_503_once_and_the_next_request_has_a_new_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = an_attempt(world)
    connection.ensure_connection()
    victim = connection.connection.info.backend_pid

    def cut(cursor: CursorWrapper, tokens: list[str], reports: list[Report]) -> set[int]:
        with plain_link() as link, link.cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [victim])
        return store(cursor, tokens, reports)

    store = callbacks._store
    with monkeypatch.context() as patched:
        patched.setattr(callbacks, "_store", cut)
        assert call_back(attempt) == 503
    assert call_back(attempt) == 204
    assert stored(attempt) == 1


def test_a_database_that_is_blocked_is_answered_within_the_providers_patience(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "SECONDS", 1)
    attempt = an_attempt(world)
    blocking = plain_link()
    try:
        with blocking.cursor() as cursor:
            cursor.execute("LOCK TABLE messaging_receipt IN EXCLUSIVE MODE")
        began = time.monotonic()
        assert call_back(attempt) == 503
        assert time.monotonic() - began < 5
    finally:
        blocking.close()
    assert call_back(attempt) == 204
    assert stored(attempt) == 1


@pytest.mark.parametrize("trouble", ["slow", "mute"])
def test_a_database_whose_every_answer_is_slow_is_answered_within_the_providers_patience(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(page, "SECONDS", 1.5)
    attempt = an_attempt(world)
    told = connection.settings_dict
    with Proxy(int(told["PORT"]), str(told["HOST"])) as proxy, elsewhere(proxy.port):
        connection.ensure_connection()
        proxy.delay(1) if trouble == "slow" else proxy.stall()  # no answer is too slow by itself, but all together are
        began = time.monotonic()
        assert call_back(attempt) == 503
        assert time.monotonic() - began < 3
        proxy.pass_on()
        assert [call_back(attempt), call_back(attempt)] == [204, 204]
    assert stored(attempt) == 1


def test_the_patience_is_shorter_than_five_seconds_and_ends_with_the_callback(world: World) -> None:
    assert callbacks.SECONDS < 5
    call_back(an_attempt(world))
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_callbacks_at_the_same_moment_are_stored_once(world: World) -> None:
    attempt = an_attempt(world)
    gate, answers = threading.Barrier(6), list[int]()

    def one() -> None:
        gate.wait()
        answers.append(call_back(attempt))
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [204] * 6
    assert stored(attempt) == 1


def test_what_was_stored_leaves_a_heartbeat_and_what_was_refused_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page._taking, "noted", float("-inf"))
    attempt = an_attempt(world)
    Client().post(f"/w/twilio/{attempt.token}", form(), headers={"X-Twilio-Signature": "bm9wZQ=="})
    assert not Heartbeat.objects.filter(part="receipts").exists()
    call_back(attempt)
    first = Heartbeat.objects.get(part="receipts").at
    call_back(attempt)
    assert Heartbeat.objects.get(part="receipts").at == first  # not at every callback
