"""The day list: what it shows of each appointment, and what its address narrows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from appointments.models import Block, RemindedElsewhere, Status
from clinics.models import Practitioner, User
from clinics.scope import in_clinic
from messaging.outcomes import AttemptState, FailureKind
from reminders.kinds import Kind, State, TimingKind
from reminders.models import Rule
from tests.visitors import DAY, HOUR, NOW, attempt, book, put, reminders_of
from tests.world import World

pytestmark = pytest.mark.django_db
TOMORROW = NOW + DAY


def day_of(world: World, client: Client, when: object = TOMORROW, **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"day": f"{when:%Y-%m-%d}", **more}.items())
    answer = client.get(f"/c/{world.clinic.slug}/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def line_of(page: str, appointment: object) -> str:
    """The part of the page that speaks of an appointment, without its tags, in single spaces."""
    part = page.split(f'id="appointment-{appointment.pk}"')[1].split('<div class="panel"')[0]  # type: ignore[attr-defined]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


@pytest.mark.feature(37, "N3")
def test_each_state_is_told_by_word_icon_and_colour_together(world: World, desk: Client) -> None:
    states = {
        State.HANDED_OVER: ("chip-sent", "check-circle-fill", "Sent"),
        State.FAILED: ("chip-error", "exclamation-octagon-fill", "Error"),
        State.SKIPPED: ("chip-unsent", "slash-circle", "Not sent"),
        State.PLANNED: ("chip-pending", "#clock", "Pending"),
    }
    for hours, (state, (tone, shape, word)) in enumerate(states.items(), start=2):
        booked = book(world, TOMORROW + hours * HOUR)
        put(world, reminders_of(world, booked)[0], state)
        part = day_of(world, desk).split(f'id="appointment-{booked.pk}"')[1].split('class="panel"')[0]
        assert tone in part and shape in part and word in part


@pytest.mark.feature("N3", "X15", 126)
def test_scheduled_sent_delivered_and_reminded_elsewhere_are_facts_of_their_own(world: World, desk: Client) -> None:
    waiting, sent, delivered, marked = (book(world, TOMORROW + hours * HOUR) for hours in (2, 3, 4, 5))
    for booked, state in ((sent, AttemptState.ACCEPTED), (delivered, AttemptState.DELIVERED)):
        row = reminders_of(world, booked)[0]
        attempt(world, row, state, code="250")
        put(world, row, State.HANDED_OVER, handed_over_at=NOW)
    with in_clinic(world.clinic.pk):
        RemindedElsewhere.objects.create(
            clinic=world.clinic, appointment=marked, occurrence=1, how="phone", marked_at=NOW,
            marked_by=User.objects.get(name="Marta Soler"),
        )  # fmt: skip
    page = day_of(world, desk)
    assert "Scheduled Wed, Jan 16 12:00" in line_of(page, waiting)
    assert "Sent by us E-mail" in line_of(page, sent)
    assert "elivered" not in line_of(page, sent), "accepted is not delivered"
    assert "Sent by us E-mail Delivered E-mail" in line_of(page, delivered)
    assert "Reminded elsewhere by phone · Marta Soler · Wed, Jan 16 10:00" in line_of(page, marked)


@pytest.mark.feature("N3")
def test_a_moved_appointment_shows_the_reminder_of_its_present_time(world: World, desk: Client) -> None:
    booked = book(world, TOMORROW + 2 * HOUR)
    old = reminders_of(world, booked)[0]
    put(world, old, State.HANDED_OVER, handed_over_at=NOW)
    with in_clinic(world.clinic.pk):
        booked.start, booked.end = booked.start + DAY, booked.end + DAY
        booked.occurrence = 2
        booked.save()
    line = line_of(day_of(world, desk, TOMORROW + DAY), booked)
    assert "Sent" not in line
    assert "No reminder is planned" in line


def test_a_reminder_that_will_not_go_as_things_stand_says_why_beforehand(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        silent = world.another_patient(first_name="Sin", last_name="Permiso", consent_email=False, email="")
    booked = book(world, TOMORROW + 2 * HOUR, patient=silent)
    line = line_of(day_of(world, desk), booked)
    assert "Pending will not go" in line
    assert "The patient has not agreed to this channel. (and 1 more reason)" in line


@pytest.mark.feature(120)
def test_a_failed_first_attempt_is_pending_with_the_time_of_the_next(world: World, desk: Client) -> None:
    booked = book(world, TOMORROW + 2 * HOUR)
    row = reminders_of(world, booked)[0]
    attempt(world, row, AttemptState.FAILED, FailureKind.DEFERRED, "450")
    again = NOW + 3 * HOUR
    put(world, row, State.PLANNED, tries=1, failure=FailureKind.DEFERRED, look_at=again)
    line = line_of(day_of(world, desk), booked)
    assert "Pending Jan 16 13:00" in line
    assert "Try 1 of 12 failed. The patient&#x27;s mail server asked to try later" in line


def test_blocks_stand_in_the_list_and_never_remind(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        Block.objects.create(
            clinic=world.clinic, practitioner=world.practitioner, start=TOMORROW, end=TOMORROW + 2 * HOUR, note="Comida"
        )
    page = day_of(world, desk)
    assert "Comida" in page and "Never reminds" in page
    assert "chip-" not in page.split('<ol class="day')[1].split("</ol>")[0]


def test_times_are_the_clinics_and_its_zone_is_named(world: World, desk: Client) -> None:
    booked = book(world, NOW.replace(hour=23, minute=30))  # half past midnight of the 17th in Madrid
    page = day_of(world, desk, TOMORROW)
    assert "00:30" in line_of(page, booked)
    assert "Europe/Madrid" in page
    assert f"appointment-{booked.pk}" not in day_of(world, desk, NOW)


def test_the_day_in_the_address_wins_and_a_mangled_one_means_today(world: World, desk: Client) -> None:
    today = book(world, NOW + 5 * HOUR)
    for mangled in ("", "2041-13-45", "tomorrow", "9999-12-31", "0001-01-01"):
        page = desk.get(f"/c/{world.clinic.slug}/", {"day": mangled}).content.decode()
        assert f"appointment-{today.pk}" in page
    page = day_of(world, desk, TOMORROW)
    assert f"appointment-{today.pk}" not in page
    assert "day=2041-01-16" in page and "day=2041-01-18" in page


def test_the_practitioner_in_the_address_narrows_the_list(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        other = Practitioner.objects.create(clinic=world.clinic, name="Dr. Otro")
    mine, his = book(world, TOMORROW + 2 * HOUR), book(world, TOMORROW + 3 * HOUR, practitioner=other)
    page = day_of(world, desk, practitioner=str(other.pk))
    assert f"appointment-{his.pk}" in page and f"appointment-{mine.pk}" not in page
    for mangled in ("x", "9" * 30, "-1"):
        assert f"appointment-{mine.pk}" in day_of(world, desk, practitioner=mangled)


def test_needs_attention_keeps_what_a_person_can_still_mend(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        silent = world.another_patient(consent_email=False)
    fine = book(world, TOMORROW + 2 * HOUR)
    silenced = book(world, TOMORROW + 3 * HOUR, patient=silent)
    nobody = book(world, TOMORROW + 4 * HOUR, patient=None)
    failed, called, cancelled = (book(world, TOMORROW + hours * HOUR) for hours in (5, 6, 7))
    for booked in (failed, called, cancelled):
        put(world, reminders_of(world, booked)[0], State.FAILED, failure=FailureKind.ADDRESS_REFUSED)
    with in_clinic(world.clinic.pk):
        RemindedElsewhere.objects.create(
            clinic=world.clinic, appointment=called, occurrence=1, how="phone", marked_at=NOW
        )
        cancelled.status = Status.CANCELLED
        cancelled.save()
    page = day_of(world, desk, attention="1")
    shown = {int(one) for one in re.findall(r'id="appointment-(\d+)"', page)}
    assert shown == {silenced.pk, nobody.pk, failed.pk}
    assert "3 need attention" in page
    assert fine.pk not in shown


def test_a_step_that_did_not_go_needs_nobody_while_a_later_one_still_goes(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        Rule.objects.create(
            clinic=world.clinic, kind=Kind.REMINDER, timing=TimingKind.BEFORE_ELAPSED, amount=120, channel="email",
            statuses=["scheduled"],
        )  # fmt: skip
    booked = book(world, TOMORROW + 4 * HOUR)
    first, second = reminders_of(world, booked)
    put(world, first, State.SKIPPED, gates=[["window_passed", False, ""]])
    assert "nothing needs attention" in day_of(world, desk)
    put(world, second, State.SKIPPED, gates=[["paused", False, ""]])
    assert "1 needs attention" in day_of(world, desk)
    put(world, first, State.HANDED_OVER, handed_over_at=NOW)
    assert "nothing needs attention" in day_of(world, desk)


def test_an_empty_day_says_the_next_step(world: World, desk: Client) -> None:
    assert "Choose another day above" in day_of(world, desk)
    assert "Show all practitioners" in day_of(world, desk, practitioner=str(world.practitioner.pk))
    assert "Nothing needs attention on this day" in day_of(world, desk, attention="1")


@pytest.mark.feature("X14")
def test_nothing_that_shows_a_state_sends_or_changes_anything(world: World, desk: Client) -> None:
    book(world, TOMORROW + 2 * HOUR)
    page = day_of(world, desk)
    inside = page.split('<ol class="day')[1].split("</ol>")[0]
    assert "hx-get" in inside
    assert not re.search(r"hx-(post|put|delete|patch)|<form|<button", inside)


def test_the_number_of_queries_does_not_grow_with_the_day(
    world: World, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ended, sent, _waiting = (reminders_of(world, book(world, TOMORROW + hours * HOUR))[0] for hours in (2, 3, 4))
    put(world, ended, State.SKIPPED)
    attempt(world, sent, AttemptState.ACCEPTED)
    day_of(world, desk)
    with CaptureQueriesContext(connection) as few:
        day_of(world, desk)
    for minutes in range(20):
        row = reminders_of(world, book(world, TOMORROW + timedelta(minutes=20 * minutes)))[0]
        attempt(world, row, AttemptState.ACCEPTED)
    with django_assert_num_queries(len(few)):
        day_of(world, desk)
