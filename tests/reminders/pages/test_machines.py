"""What machines ask: the health of the product, and the sandbox's clock."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from clinics import clock
from reminders.kinds import State
from reminders.models import Heartbeat
from tests.visitors import DAY, NOW, book, put, reminders_of
from tests.world import World

pytestmark = pytest.mark.django_db
TOKEN = {"x-sandbox-token": "secret-token"}


@pytest.fixture
def sandbox(settings: Settings) -> Client:
    settings.SANDBOX_TOKEN = "secret-token"
    return Client(headers=TOKEN)


def move(client: Client, seconds: object) -> tuple[int, dict[str, object]]:
    answer = client.post("/sandbox/clock", json.dumps({"offset_seconds": seconds}), content_type="application/json")
    return answer.status_code, answer.json()


def beat(age: timedelta) -> None:
    Heartbeat.objects.create(part="drain", at=clock.real_now() - age)


@pytest.mark.parametrize(
    ("age", "drain", "strict"),
    [(None, "never", 503), (timedelta(seconds=5), "ok", 200), (timedelta(seconds=120), "silent", 503)],
)
def test_health_tells_the_drains_state_and_only_strictly_fails_for_it(
    age: timedelta | None, drain: str, strict: int
) -> None:
    if age is not None:
        beat(age)
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["database"] == "ok" and answer.json()["drain"] == drain
    assert Client().get("/healthz?strict=1").status_code == strict


@pytest.mark.feature("B14")
def test_health_counts_the_workers_that_take_up_rings_and_tells_when_a_provider_last_called() -> None:
    before = Client().get("/healthz").json()
    assert (before["workers"], before["receipts_age_seconds"]) == (0, None)
    for part, age in (("worker:a@x", 5), ("worker:b@x", 89), ("worker:gone@x", 91), ("receipts", 400)):
        Heartbeat.objects.create(part=part, at=clock.real_now() - timedelta(seconds=age))
    told = Client().get("/healthz").json()
    assert told["workers"] == 2 and 400 <= told["receipts_age_seconds"] < 430
    beat(timedelta(seconds=5))
    assert Client().get("/healthz?strict=1").status_code == 200  # the drain alone decides


def test_health_counts_real_time_also_while_the_clock_is_moved() -> None:
    clock.move_to(timedelta(days=30))
    beat(timedelta(seconds=5))
    assert Client().get("/healthz").json()["drain"] == "ok"


def test_health_is_down_when_the_database_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        answer = Client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "down", "database": "down", "drain": "unknown"}


def test_health_needs_no_session_and_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        answer = Client().get("/healthz")
    assert not answer.cookies


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", ["", "secret-tokem", "secret-token-and-more"])
def test_without_the_sandbox_or_its_token_there_is_no_clock(settings: Settings, method: str, token: str) -> None:
    for configured in ("", "secret-token"):
        settings.SANDBOX_TOKEN = configured
        client = Client(headers={"x-sandbox-token": token})
        assert getattr(client, method)("/sandbox/clock").status_code == 404


def test_the_clock_tells_both_times_and_the_next_due_moment(world: World, wednesday: datetime, sandbox: Client) -> None:
    row = reminders_of(world, book(world, NOW + 2 * DAY))[0]
    told = sandbox.get("/sandbox/clock").json()
    assert told["next_due"] == row.look_at.isoformat() and told["busy"] is False
    shift = datetime.fromisoformat(told["now"]) - datetime.fromisoformat(told["real_now"])
    assert abs(shift.total_seconds() - told["offset_seconds"]) < 5


def test_the_clock_goes_to_the_next_due_moment(world: World, wednesday: datetime, sandbox: Client) -> None:
    book(world, NOW + 2 * DAY)
    told = sandbox.get("/sandbox/clock").json()
    due = datetime.fromisoformat(told["next_due"])
    ahead = (due - datetime.fromisoformat(told["now"])).total_seconds()
    status, moved = move(sandbox, told["offset_seconds"] + ahead)
    assert status == 200
    assert timedelta(0) <= datetime.fromisoformat(str(moved["now"])) - due < timedelta(seconds=60)


def test_the_clock_takes_a_form_as_well_as_json(sandbox: Client) -> None:
    answer = sandbox.post("/sandbox/clock", {"offset_seconds": "3600"})
    assert answer.status_code == 200 and answer.json()["offset_seconds"] == 3600.0


def test_the_clock_needs_no_browsers_token(settings: Settings) -> None:
    settings.SANDBOX_TOKEN = "secret-token"
    strict = Client(enforce_csrf_checks=True, headers=TOKEN)
    assert strict.post("/sandbox/clock", {"offset_seconds": "1"}).status_code == 200


def test_the_clock_never_goes_back(sandbox: Client) -> None:
    assert move(sandbox, 100)[0] == 200
    status, words = move(sandbox, 99)
    assert status == 409 and "forward" in str(words["error"])
    assert clock.shift() == timedelta(seconds=100)
    assert move(sandbox, -5)[0] == 409


@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
def test_the_clock_stands_while_anything_is_claimed_or_sending(
    world: World, wednesday: datetime, sandbox: Client, state: State
) -> None:
    put(world, reminders_of(world, book(world, NOW + 2 * DAY))[0], state)
    before = clock.shift()
    status, words = move(sandbox, before.total_seconds() + 60)
    assert status == 409 and "being sent" in str(words["error"])
    assert clock.shift() == before
    assert sandbox.get("/sandbox/clock").json()["busy"] is True


@pytest.mark.parametrize("offset", [None, "soon", "nan", "inf", 1e18, [], {}])
def test_what_is_no_offset_is_refused_in_words(sandbox: Client, offset: object) -> None:
    status, words = move(sandbox, offset)
    assert status == 400 and "offset_seconds" in str(words["error"])
    assert clock.shift() == timedelta(0)


def test_a_body_that_is_no_json_is_refused_in_words(sandbox: Client) -> None:
    for body in ("{", "[1]", '"x"', "null", b"\xff\xfe"):
        assert sandbox.post("/sandbox/clock", body, content_type="application/json").status_code == 400
