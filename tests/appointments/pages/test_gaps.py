"""Tomorrow's gaps: what will not go, by cause, mended in place; and who is left to call."""

import pytest
from django.test import Client

from appointments.models import RemindedElsewhere
from clinics.models import Role
from clinics.scope import in_clinic
from patients.models import Patient, Phone
from reminders.kinds import State
from reminders.models import Reminder, Rule
from tests.page_forms import text, words
from tests.visitors import DAY, HOUR, NOW, book, client_of, member
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.feature("N2")]
#: Thursday 16:00 in Madrid; its reminder goes on Wednesday 16:00.
TOMORROW = NOW + DAY + 6 * HOUR


def gaps_page(world: World, query: str = "") -> str:
    return f"/c/{world.clinic.slug}/gaps/{query}"


def visitor(world: World, first_name: str, **fields: object) -> Patient:
    with in_clinic(world.clinic.pk):
        patient = world.another_patient(first_name=first_name, last_name="", **fields)
        Phone.objects.create(
            clinic=world.clinic, patient=patient, position=1, as_typed="600", e164="+34600111222",
            use_for_reminders=True,
        )  # fmt: skip
    return patient


def shown(desk: Client, world: World, query: str = "") -> str:
    return words(text(desk.get(gaps_page(world, query))))


def test_what_will_go_and_what_will_not_is_counted_and_grouped_by_cause(world: World, desk: Client) -> None:
    book(world, TOMORROW)
    book(world, TOMORROW, patient=visitor(world, "Ana", consent_email=False))
    book(world, TOMORROW, patient=visitor(world, "Bea", consent_email=False))
    book(world, TOMORROW, patient=visitor(world, "Celia", email=""))
    page = shown(desk, world)
    assert "1 will go" in page and "3 will not" in page
    assert "The patient has not agreed to this channel. 2" in page
    assert page.count("no address") == 2  # the cause, and its line
    assert "Lucía" not in page


def test_a_gap_leads_to_the_field_that_mends_it_and_is_gone_once_it_is(world: World, desk: Client) -> None:
    patient = visitor(world, "Ana", consent_email=False)
    book(world, TOMORROW, patient=patient)
    page = text(desk.get(gaps_page(world)))
    assert f"/patients/{patient.pk}/edit/#id_consent_email" in page
    assert "If it is mended now" in words(page) or "Wed, Jan 16 16:00" in words(page)
    with in_clinic(world.clinic.pk):
        Patient.objects.filter(pk=patient.pk).update(consent_email=True)
    assert "Every reminder of this day goes or has gone." in shown(desk, world)


def test_the_most_urgent_cause_comes_first(world: World, desk: Client) -> None:
    book(world, TOMORROW, patient=visitor(world, "Ana", consent_email=False))
    book(world, TOMORROW - 4 * HOUR, patient=visitor(world, "Bea", email=""))
    page = shown(desk, world)
    assert page.index("Bea") < page.index("Ana")


def test_a_skipped_reminder_stays_a_gap_and_its_patient_is_called(world: World, desk: Client) -> None:
    row = book(world, TOMORROW, patient=visitor(world, "Ana"))
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(appointment=row).update(
            state=State.SKIPPED, ended_at=NOW, gates=[["no_address", False, "email"]]
        )
    page = shown(desk, world)
    assert "1 will not" in page
    assert "To call 1" in page and "+34600111222" in page


def test_a_step_that_is_too_late_is_no_gap_where_another_reaches_the_patient(world: World, desk: Client) -> None:
    book(world, TOMORROW)
    with in_clinic(world.clinic.pk):
        Rule.objects.create(
            clinic=world.clinic, kind="confirmation", timing="before_elapsed", amount=3 * 24 * 60, channel="email",
            statuses=["scheduled"], late_policy="skip",
        )  # fmt: skip
    page = shown(desk, world)
    assert "1 will go" in page and "0 will not" in page


@pytest.mark.feature("39", "40")
def test_reminded_by_phone_takes_one_press_and_leaves_the_list(world: World, desk: Client) -> None:
    row = book(world, TOMORROW, patient=visitor(world, "Ana", consent_email=False))
    answer = desk.post(f"/c/{world.clinic.slug}/appointments/{row.pk}/called/", {"day": "2041-01-17"}, follow=True)
    assert "Ana: reminded by phone." in words(text(answer))
    assert "To call" not in words(text(answer))
    with in_clinic(world.clinic.pk):
        mark = RemindedElsewhere.objects.get(appointment=row)
    assert (mark.how, mark.channel, mark.marked_by_id is not None) == ("phone", "", True)
    again = desk.post(f"/c/{world.clinic.slug}/appointments/{row.pk}/called/", follow=True)
    assert "It was marked so already." in words(text(again))


def test_who_only_reads_sees_masked_numbers_and_no_buttons(world: World, wednesday: object) -> None:
    book(world, TOMORROW, patient=visitor(world, "Ana", consent_email=False))
    page = text(client_of(member(world, Role.READ_ONLY)).get(gaps_page(world)))
    assert "+34600111222" not in page and "Reminded by phone" not in page
    assert "To call" in page


def test_the_agenda_names_how_many_of_tomorrows_reminders_will_not_go(world: World, desk: Client) -> None:
    assert "Tomorrow's reminders: no gaps" in shown(desk, world, "count/")
    book(world, TOMORROW, patient=visitor(world, "Ana", consent_email=False))
    assert "1 of tomorrow's reminders will not go" in shown(desk, world, "count/")
    assert gaps_page(world, "count/") in text(desk.get(f"/c/{world.clinic.slug}/"))


@pytest.mark.parametrize("day", ["", "2041-13-45", "9999-12-31", "yesterday"])
def test_a_day_that_cannot_be_read_is_tomorrow(world: World, desk: Client, day: str) -> None:
    assert "Thursday, January 17, 2041" in shown(desk, world, f"?day={day}")


def test_another_clinics_appointment_answers_like_none(world: World, desk: Client) -> None:
    assert desk.post(f"/c/{world.clinic.slug}/appointments/999999/called/").status_code == 404


def test_an_empty_day_says_so(world: World, desk: Client) -> None:
    assert "No appointment is still to come on this day." in shown(desk, world)
    assert "This day is over." in shown(desk, world, "?day=2041-01-10")
