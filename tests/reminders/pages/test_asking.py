"""A patient says "I got nothing": from a name and a date to the answers, and no name in any address."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from clinics.models import Role
from clinics.scope import in_clinic
from patients.models import Phone
from tests.page_forms import text, words
from tests.visitors import DAY, NOW, book, client_of, member
from tests.world import World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.feature(162)]


def ask(world: World, client: Client, sought: str, day: str = "") -> str:
    """What the search leads to: the answers where one fits, else the page to choose on."""
    answer = client.post(f"/c/{world.clinic.slug}/log/ask/", {"sought": sought, "day": day})
    if answer.status_code == 302:
        place = answer.headers["Location"]
        assert re.fullmatch(rf"/c/{world.clinic.slug}/log/ask/\d+/\?day=\d{{4}}-\d\d-\d\d", place), (
            "ids and a day alone"
        )
        return text(client.get(place))
    return text(answer)


def answered(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'data-appointment="(\d+)"', page)]


def test_a_name_and_a_date_lead_to_the_answers_of_the_appointments_around_it(world: World, desk: Client) -> None:
    near = book(world, NOW + 2 * DAY)
    far = book(world, NOW + 30 * DAY)
    page = ask(world, desk, "luc pru", "2041-01-18")
    assert answered(page) == [near.pk]
    assert "E-mail · Reminder will go on Thu, Jan 17 10:00." in words(page)
    assert f"?day={far.start:%Y-%m-%d}" in page, "the next one is a click away"
    assert answered(ask(world, desk, "luc pru", "2041-02-14")) == [far.pk]


def test_without_a_date_it_is_today(world: World, desk: Client) -> None:
    row = book(world, NOW - 2 * DAY)
    assert answered(ask(world, desk, "lucía")) == [row.pk]
    assert answered(ask(world, desk, "lucía", "soon")) == [row.pk]


def test_a_phone_number_leads_there_too(world: World, desk: Client) -> None:
    row = book(world, NOW + DAY)
    with in_clinic(world.clinic.pk):
        Phone.objects.create(
            clinic=world.clinic, patient=world.patient, position=1, as_typed="600 11 22 33", e164="+34600112233",
            line_type="mobile", use_for_reminders=True,
        )  # fmt: skip
        world.another_patient(first_name="Eva")
    assert answered(ask(world, desk, "600112233")) == [row.pk]


def test_of_several_patients_one_is_chosen_by_a_link_without_a_name(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        other = world.another_patient(first_name="Lucio")
    row = book(world, NOW + DAY, patient=other)
    page = ask(world, desk, "luci", "2041-01-17")
    addresses = re.findall(r'href="(/c/[^"]+/log/ask/\d+/\?day=2041-01-17)"', page)
    assert len(addresses) == 2 and "Several patients fit." in page
    [mine] = [one for one in addresses if f"/{other.pk}/" in one]
    assert answered(text(desk.get(mine))) == [row.pk]


@pytest.mark.feature(33)
def test_a_deleted_appointment_is_answered_too(world: World, desk: Client) -> None:
    row = book(world, NOW + DAY, deleted=True)
    page = ask(world, desk, "lucía")
    assert answered(page) == [row.pk]
    assert "The appointment was deleted from the agenda." in page


def test_an_archived_record_is_found_since_that_may_be_the_reason(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        world.patient.archived = True
        world.patient.save()
    book(world, NOW + DAY)
    page = ask(world, desk, "lucía")
    assert "This record is archived" in page and 'data-gate="patient_archived"' in page


@pytest.mark.parametrize("sought", ["Nadie", "%", "Lu\x00zia", "x" * 500])
def test_nobody_who_fits_is_said_so(world: World, desk: Client, sought: str) -> None:
    assert "Nobody fits." in ask(world, desk, sought)


def test_a_patient_without_appointments_around_that_day_is_told_as_such(world: World, desk: Client) -> None:
    row = book(world, NOW - 40 * DAY)
    page = ask(world, desk, "lucía")
    assert answered(page) == [] and "The patient has no appointment around that day." in page
    assert f"?day={row.start:%Y-%m-%d}" in page


def test_the_box_stands_on_the_log_and_over_the_agenda(world: World, desk: Client) -> None:
    for path in ("log/", "", "?view=week"):
        page = text(desk.get(f"/c/{world.clinic.slug}/{path}"))
        assert f'method="post" action="/c/{world.clinic.slug}/log/ask/"' in page
        assert f'name="day" value="{NOW + timedelta():%Y-%m-%d}"' in page


def test_who_only_reads_sees_numbers_masked(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        world.another_patient(first_name="Lucio", email="lucio@correo.example")
    page = ask(world, client_of(member(world, Role.READ_ONLY)), "luci")
    assert "l•••@c•••.example" in page and "lucio@correo.example" not in page


def test_another_clinics_patient_answers_like_an_invented_one(world: World, desk: Client) -> None:
    foreign = make_world("foreign").patient
    for number in (foreign.pk, 10**9):
        assert desk.get(f"/c/{world.clinic.slug}/log/ask/{number}/").status_code == 404
