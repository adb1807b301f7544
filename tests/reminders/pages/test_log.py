"""The delivery log: what stands in it, what its address narrows, and how its pages turn."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from clinics.models import Practitioner
from clinics.scope import in_clinic
from messaging.outcomes import AttemptState, FailureKind
from reminders.kinds import Kind, State
from reminders.models import Reminder
from reminders.pages import keyset
from tests.visitors import DAY, NOW, attempt, book, put, reminders_of
from tests.world import World, make_world

pytestmark = pytest.mark.django_db


def log_of(world: World, client: Client, **query: str) -> str:
    answer = client.get(f"/c/{world.clinic.slug}/log/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def ids(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'<td class="log-state"><a class="[^"]*" href="/c/[^/]+/log/(\d+)/"', page)]


def one(world: World, days: float, state: State = State.PLANNED, **fields: object) -> Reminder:
    """A reminder due so many days after NOW, in a state."""
    reminder = reminders_of(world, book(world, NOW + (1 + days) * DAY, **fields))[0]
    return put(world, reminder, state)


@pytest.mark.feature(118, 119, 120, 121)
def test_the_log_lists_what_went_what_waits_and_what_did_not_go(world: World, desk: Client) -> None:
    sent, waiting = one(world, -0.01, State.HANDED_OVER), one(world, 0.1)
    failed, skipped = one(world, -0.02, State.FAILED), one(world, -0.03, State.SKIPPED)
    page = log_of(world, desk)
    assert ids(page) == [waiting.pk, sent.pk, failed.pk, skipped.pk], "newest due moment first"
    for word, shown in {"sent": sent, "pending": waiting, "error": failed, "unsent": skipped}.items():
        assert ids(log_of(world, desk, word=word)) == [shown.pk]


@pytest.mark.feature(121, 123)
def test_an_error_names_its_cause_and_the_providers_code(world: World, desk: Client) -> None:
    failed = one(world, -0.02)
    attempt(world, failed, AttemptState.FAILED, FailureKind.ADDRESS_REFUSED, "550")
    put(world, failed, State.FAILED, failure=FailureKind.ADDRESS_REFUSED)
    page = log_of(world, desk)
    assert "The patient&#x27;s mailbox does not exist or is switched off." in page
    assert "550" in page


def test_what_did_not_go_says_why_and_how_many_reasons_more(world: World, desk: Client) -> None:
    skipped = one(world, -0.02, State.SKIPPED)
    gates = [["consent_channel_off", False, "email"], ["no_address", False, "email"], ["due", True, ""]]
    put(world, skipped, State.SKIPPED, gates=gates)
    assert "The patient has not agreed to this channel. (and 1 more reason)" in log_of(world, desk)


def test_kind_and_channel_in_the_address_narrow_the_log(world: World, desk: Client) -> None:
    reminder, confirmation = one(world, -0.01), one(world, -0.02)
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=confirmation.pk).update(kind=Kind.CONFIRMATION)
    assert ids(log_of(world, desk, kind="confirmation")) == [confirmation.pk]
    assert ids(log_of(world, desk, channel="email")) == [reminder.pk, confirmation.pk]
    assert ids(log_of(world, desk, channel="sms")) == []


def test_days_in_the_address_are_the_clinics_days_and_both_inclusive(world: World, desk: Client) -> None:
    late = one(world, 0)
    midnight = NOW.replace(hour=23, minute=0)  # 00:00 of the 17th in Madrid
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=late.pk).update(due_at=midnight)
    assert ids(log_of(world, desk, since="2041-01-17", until="2041-01-17")) == [late.pk]
    assert ids(log_of(world, desk, since="2041-01-18")) == []
    assert ids(log_of(world, desk, until="2041-01-16")) == []


@pytest.mark.parametrize("text", ["Pérez", "josé pérez", "PÉREZ jos", "H-77"])
def test_a_patient_is_found_by_name_in_any_order_or_by_reference(world: World, desk: Client, text: str) -> None:
    one(world, -0.01)
    with in_clinic(world.clinic.pk):
        pepe = world.another_patient(first_name="José", last_name="Pérez", ref="H-77")
    his = one(world, -0.02, patient=pepe)
    assert ids(log_of(world, desk, patient=text)) == [his.pk]


def test_a_percent_sign_in_a_name_is_only_a_percent_sign(world: World, desk: Client) -> None:
    one(world, -0.01)
    assert ids(log_of(world, desk, patient="%")) == []


def test_the_practitioner_in_the_address_narrows_the_log_and_another_clinics_is_no_choice(
    world: World, desk: Client
) -> None:
    with in_clinic(world.clinic.pk):
        other = Practitioner.objects.create(clinic=world.clinic, name="Dr. Otro")
    one(world, -0.01)
    his = one(world, -0.02, practitioner=other)
    assert ids(log_of(world, desk, practitioner=str(other.pk))) == [his.pk]
    foreign = make_world("foreign").practitioner
    page = log_of(world, desk, practitioner=str(foreign.pk))
    assert ids(page) == [] and 'class="field-errors"' in page


def test_filters_stand_together_and_the_form_shows_them(world: World, desk: Client) -> None:
    one(world, -0.01, State.SKIPPED)
    both = one(world, -0.02, State.HANDED_OVER)
    one(world, -3, State.HANDED_OVER)
    page = log_of(world, desk, word="sent", since="2041-01-15", patient="prueba")
    assert ids(page) == [both.pk]
    assert '<option value="sent" selected>' in page
    assert 'value="2041-01-15"' in page and 'value="prueba"' in page


def test_a_filter_that_cannot_be_read_is_named_and_nothing_is_shown_for_it(world: World, desk: Client) -> None:
    one(world, -0.01)
    page = log_of(world, desk, since="yesterday")
    assert ids(page) == [] and 'class="field-errors"' in page


def test_turning_the_pages_neither_repeats_nor_skips_even_while_rows_arrive(
    world: World, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset, "PAGE_SIZE", 3)
    rows = [one(world, -hours / 24, State.SKIPPED) for hours in (1, 2, 2, 2, 2, 3, 4)]
    expected = sorted(rows, key=lambda row: (row.due_at, row.pk), reverse=True)
    seen, query = [], {"word": "unsent"}
    for turn in range(4):
        page = log_of(world, desk, **query)
        seen += ids(page)
        if turn == 0:
            one(world, 0.1, State.SKIPPED)  # arrives on top of page one meanwhile
        older = re.search(r'rel="next" href="\?([^"]+)"', page)
        if older is None:
            break
        assert "word=unsent" in older[1], "the filters stay"
        query["before"] = re.search(r"before=([^&]+)", older[1].replace("%3A", ":").replace("%2B", "+"))[1]  # type: ignore[index]
    assert seen == [row.pk for row in expected]


def test_a_mangled_key_shows_the_first_page(world: World, desk: Client) -> None:
    row = one(world, -0.01)
    for mangled in ("x", "2041-01-01~1", "2041-01-01T00:00:00+00:00~-1", f"2041-01-01T00:00:00+00:00~{2**70}", "~"):
        assert ids(log_of(world, desk, before=mangled)) == [row.pk]


def test_the_log_neither_counts_rows_nor_skips_over_them(world: World, desk: Client) -> None:
    one(world, -0.01)
    with CaptureQueriesContext(connection) as asked:
        log_of(world, desk, word="pending", before="2041-02-01T00:00:00+00:00~1")
    statements = " ".join(query["sql"] for query in asked.captured_queries).upper()
    assert "COUNT(" not in statements and "OFFSET" not in statements


def test_the_number_of_queries_does_not_grow_with_the_log(
    world: World, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    attempt(world, one(world, -0.01, State.HANDED_OVER), AttemptState.ACCEPTED)
    one(world, 0.1)
    log_of(world, desk)
    with CaptureQueriesContext(connection) as few:
        log_of(world, desk)
    for place in range(12):
        attempt(world, one(world, place / 10, State.PLANNED), AttemptState.FAILED, FailureKind.DEFERRED)
    with django_assert_num_queries(len(few)):
        log_of(world, desk)


def test_an_empty_log_says_the_next_step(world: World, desk: Client) -> None:
    assert "No reminder has been planned yet." in log_of(world, desk)
    assert "Show the whole log" in log_of(world, desk, word="error")


@pytest.mark.feature(119)
def test_what_a_pause_holds_back_says_so(world: World, desk: Client) -> None:
    one(world, -0.01, State.HELD)
    world.clinic.paused_until = NOW + DAY / 2
    world.clinic.save()
    page = log_of(world, desk)
    assert "on hold" in page
    assert "The clinic has paused its sending." in page
