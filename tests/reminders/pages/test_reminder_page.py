"""The page of one reminder, and the panel that a chip opens."""

import re

import pytest
from django.test import Client

from appointments.models import Appointment, Status
from clinics.models import Role
from clinics.scope import in_clinic
from messaging.models import Attempt
from messaging.outcomes import AttemptState, FailureKind
from reminders.gates import CATALOGUE
from reminders.kinds import State
from reminders.models import Reminder
from reminders.outlook import live
from tests.visitors import DAY, HOUR, NOW, attempt, book, client_of, member, put, reminders_of
from tests.world import World, make_world

pytestmark = pytest.mark.django_db


def page_of(world: World, client: Client, reminder: Reminder) -> str:
    answer = client.get(f"/c/{world.clinic.slug}/log/{reminder.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def panel_of(world: World, client: Client, reminder: Reminder) -> str:
    answer = client.get(f"/c/{world.clinic.slug}/log/{reminder.pk}/gates/", headers={"hx-request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def rows(page: str) -> dict[str, str]:
    """Gate code → its row's words."""
    found = re.findall(r'<tr [^>]*data-gate="(\w+)">(.*?)</tr>', page, re.DOTALL)
    return {code: " ".join(re.sub(r"<[^>]+>", " ", row).split()) for code, row in found}


def waiting(world: World, **fields: object) -> Reminder:
    return reminders_of(world, book(world, NOW + 2 * DAY, **fields))[0]


def failed(world: World) -> Reminder:
    row = waiting(world)
    attempt(world, row, AttemptState.FAILED, FailureKind.DEFERRED, "450")
    attempt(world, row, AttemptState.FAILED, FailureKind.ADDRESS_REFUSED, "550")
    gates = [["consent_channel_off", True, "email"], ["no_wording", None, "email"]]
    return put(
        world, row, State.FAILED, failure=FailureKind.ADDRESS_REFUSED, tries=2, ended_at=NOW, gates=gates,
        decided_at=NOW,
    )  # fmt: skip


@pytest.mark.feature("N1")
def test_the_panel_shows_every_gate_of_the_decision_with_mark_sentence_and_who_can_mend_it(
    world: World, desk: Client
) -> None:
    with in_clinic(world.clinic.pk):
        silent = world.another_patient(consent_email=False, email="")
    row = waiting(world, patient=silent)
    with in_clinic(world.clinic.pk):
        decided = live(world.clinic, [row], NOW)[row.pk].gates
    shown = rows(panel_of(world, desk, row))
    assert set(shown) == {gate.code for gate in decided} <= CATALOGUE.keys()
    for gate in decided:
        mark = "–" if gate.passed is None else "✓" if gate.passed else "not yet" if gate.code == "due" else "✗"
        assert mark in shown[gate.code], gate.code
    assert "Reception · the patient&#x27;s record" in shown["consent_channel_off"]
    assert "The patient has not agreed to this channel. E-mail" in shown["consent_channel_off"]
    assert list(shown)[:2] == ["consent_channel_off", "no_address"], "what is in the way comes first"


@pytest.mark.feature("N1")
def test_an_ended_reminder_shows_what_was_seen_then_beside_what_holds_now(world: World, desk: Client) -> None:
    row = waiting(world)
    put(world, row, State.SKIPPED, gates=[["consent_channel_off", False, "email"], ["no_patient", True, ""]])
    shown = rows(page_of(world, desk, row))
    assert shown["consent_channel_off"].startswith("✗ in the way ✓ fulfilled")
    assert "Now: The patient agreed to this channel." in shown["consent_channel_off"]
    assert shown["no_patient"].startswith("✓ fulfilled ✓ fulfilled")
    assert set(shown) == {"consent_channel_off", "no_patient"}, "only what was seen then"


@pytest.mark.feature(122, 123, 127)
def test_every_attempt_is_told_with_its_cause_whose_matter_and_the_providers_words(world: World, desk: Client) -> None:
    page = page_of(world, desk, failed(world))
    assert page.index("Try 2") < page.index("Try 1"), "the newest first"
    assert "The patient&#x27;s mailbox does not exist or is switched off." in page
    assert "Ask the patient for another address." in page
    assert "The patient&#x27;s mailbox or carrier" in page
    assert "550 550 said so" in page and "450 450 said so" in page
    assert "while naming the recipient" in page


def test_the_course_runs_from_the_plan_over_each_try_to_the_end(world: World, desk: Client) -> None:
    course = page_of(world, desk, failed(world)).split('<ol class="course">')[1].split("</ol>")[0]
    titles = re.findall(r"<strong>([^<]+)</strong>", course)
    assert titles[0] == "Planned"
    assert {"Try 1 began", "Try 2 began", "Failed", "Given up"} <= set(titles)


@pytest.mark.feature(120, 122)
def test_a_reminder_that_waits_shows_its_next_try_and_its_deadline(world: World, desk: Client) -> None:
    row = waiting(world)
    attempt(world, row, AttemptState.FAILED, FailureKind.UNREACHABLE)
    put(world, row, State.PLANNED, tries=1, failure=FailureKind.UNREACHABLE, look_at=NOW + 26 * HOUR)
    course = page_of(world, desk, row).split('<ol class="course">')[1]
    assert "Next try" in course and "Thu, Jan 17 12:00" in course and "Deadline" in course


@pytest.mark.feature("X15", 126)
def test_accepted_is_never_told_as_delivered(world: World, desk: Client) -> None:
    row = waiting(world)
    made = attempt(world, row, AttemptState.ACCEPTED, code="250")
    put(world, row, State.HANDED_OVER, handed_over_at=NOW, ended_at=NOW)
    page = page_of(world, desk, row)
    assert "Handed over to the provider" in page and "That is not yet proof of delivery." in page
    assert "elivered" not in page.split("<main")[1]
    with in_clinic(world.clinic.pk):
        type(made).objects.filter(pk=made.pk).update(state=AttemptState.DELIVERED)
    assert "Delivered, as the provider reports" in page_of(world, desk, row)


def test_the_text_stands_as_it_was_sent_and_is_never_run(world: World, desk: Client) -> None:
    page = page_of(world, desk, failed(world))
    assert "Su cita" in page
    assert "Le esperamos &lt;mañana&gt;." in page


def test_reading_only_masks_the_address_and_keeps_the_text_and_the_providers_words_back(world: World) -> None:
    row = failed(world)
    page = page_of(world, client_of(member(world, Role.READ_ONLY)), row)
    assert "l•••@c•••.example" in page and world.patient.email not in page
    assert "Le esperamos" not in page and "said so" not in page
    assert "Your role does not include reading messages." in page


def test_the_reception_sees_the_address(world: World, desk: Client) -> None:
    assert world.patient.email in page_of(world, desk, failed(world))


@pytest.mark.parametrize("rest", ["", "gates/"])
def test_another_clinics_reminder_answers_like_an_invented_one(world: World, desk: Client, rest: str) -> None:
    foreign = waiting(make_world("foreign"))
    here = f"/c/{world.clinic.slug}/log"
    answers = [desk.get(f"{here}/{number}/{rest}") for number in (foreign.pk, 10**9, 10**30)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    bodies = {re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers}
    assert len(bodies) == 1


def test_without_htmx_the_panel_leads_to_the_whole_page(world: World, desk: Client) -> None:
    row = waiting(world)
    answer = desk.get(f"/c/{world.clinic.slug}/log/{row.pk}/gates/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/c/{world.clinic.slug}/log/{row.pk}/"


def test_a_reminder_whose_appointment_was_cancelled_before_its_moment_says_so(world: World, desk: Client) -> None:
    row = put(world, waiting(world), State.CANCELLED, gates=[["cancelled", False, ""]])
    with in_clinic(world.clinic.pk):
        Appointment.objects.update(status=Status.CANCELLED)
    page = page_of(world, desk, row)
    assert "not needed" in page and "The appointment is cancelled." in page


@pytest.mark.feature("B14")
def test_what_no_receipt_came_for_says_so_and_what_is_still_asked_about_does_not(world: World, desk: Client) -> None:
    row = waiting(world)
    attempt(world, row, AttemptState.ACCEPTED)
    put(world, row, State.HANDED_OVER, handed_over_at=NOW, ended_at=NOW)
    words = "the provider never reported what became of it"
    for asked_at, next_look_at, said in ((None, NOW, False), (NOW, NOW + HOUR, False), (NOW, None, True)):
        with in_clinic(world.clinic.pk):
            Attempt.objects.update(asked_at=asked_at, next_look_at=next_look_at)
        assert (words in page_of(world, desk, row)) is said
        assert (words in desk.get(f"/c/{world.clinic.slug}/log/").content.decode()) is said
