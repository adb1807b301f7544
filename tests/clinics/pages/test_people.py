"""Practitioners and locations: phones and addresses have a page, an empty one leads there, a zone is asked first."""

from datetime import timedelta

import pytest
from django.test import Client

from clinics.models import Location, Practitioner, Role
from clinics.scope import in_clinic
from reminders.models import Reminder, TemplateVersion
from reminders.walk import step
from tests.page_forms import fields_of, send, text, words
from tests.reminders.closing import Case
from tests.visitors import DAY, NOW, book, client_of, member
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
SETTINGS = "/c/clinica-prueba/settings/"
PEOPLE = f"{SETTINGS}people/"


def person_page(world: World) -> str:
    return f"{PEOPLE}{world.practitioner.pk}/"


def place_page(world: World) -> str:
    return f"{SETTINGS}locations/{world.location.pk}/"


def practitioner(world: World) -> Practitioner:
    with in_clinic(world.clinic.pk):
        found: Practitioner = Practitioner.objects.get(pk=world.practitioner.pk)
        return found


def word(case: Case, body: str) -> None:
    with in_clinic(case.world.clinic.pk):
        TemplateVersion.objects.update(body=body)
    case.plan()


def place(world: World) -> Location:
    with in_clinic(world.clinic.pk):
        found: Location = Location.objects.get(pk=world.location.pk)
        return found


def test_a_phone_and_an_address_are_kept_with_who_changed_them(world: World, admin: Client) -> None:
    assert send(admin, person_page(world), phone="+34 600 11 22 33").headers["Location"] == PEOPLE
    assert send(admin, place_page(world), address="Calle Mayor 1").headers["Location"] == PEOPLE
    assert (practitioner(world).phone, place(world).address) == ("+34 600 11 22 33", "Calle Mayor 1")
    page = words(text(admin.get(PEOPLE)))
    assert "Dra. Ana Ruiz +34 600 11 22 33" in page and "Centro Calle Mayor 1" in page
    for address in (person_page(world), place_page(world)):
        assert "Last changed by Ada Admin" in text(admin.get(address))
    home = words(text(admin.get(SETTINGS)))
    assert "Practitioner: changed" in home and "Location: changed" in home


@pytest.mark.feature("N1", 167)
@pytest.mark.parametrize(
    ("field", "find", "lead"),
    [("CLINICIANPHONE", person_page, "#id_phone"), ("LOCATIONADDRESS", place_page, "#id_address")],
)
def test_an_empty_field_of_a_wording_leads_to_the_exact_field(
    world: World, admin: Client, field: str, find: object, lead: str
) -> None:
    assert callable(find)
    case = Case(world, book(world, NOW + 2 * DAY))
    word(case, f"Hola [{field}]")
    address = f"/c/clinica-prueba/appointments/{case.row.pk}/"
    assert f'class="gate-fix" href="{find(world)}{lead}"' in text(admin.get(address))
    desk = client_of(member(world, Role.RECEPTION))
    assert find(world) not in text(desk.get(address)), "the desk may not change it, and is told who may"
    assert f'id="{lead[1:]}"' in text(admin.get(find(world)))


def test_filling_the_field_says_first_what_it_lets_go(world: World, admin: Client) -> None:
    case = Case(world, book(world, NOW + 2 * DAY))
    word(case, "Hola [CLINICIANPHONE]")
    asked = send(admin, person_page(world), phone="+34 600 11 22 33")
    assert "This adds 1 messages" in words(text(asked)) and practitioner(world).phone == ""
    applied = admin.post(person_page(world), {**fields_of(text(asked)), "apply": "1"})
    assert applied.status_code == 302 and practitioner(world).phone == "+34 600 11 22 33"


@pytest.mark.feature("N4")
def test_another_zone_is_asked_first_and_moves_what_is_planned(world: World, admin: Client) -> None:
    row = book(world, NOW + 2 * DAY)
    with in_clinic(world.clinic.pk):
        world.rule.timing, world.rule.amount = "days_before_at", 1
        world.rule.at_time = "18:00"
        world.rule.save()
        type(row).objects.update(planned_revision=0)
    case = Case(world, row)
    case.plan()
    with in_clinic(world.clinic.pk):
        before = Reminder.objects.get(appointment=row).due_at
    asked = send(admin, place_page(world), time_zone="Atlantic/Canary")
    assert "moves 1" in words(text(asked)) and place(world).time_zone == ""
    page = admin.post(place_page(world), {**fields_of(text(asked)), "apply": "1"}, follow=True)
    assert (
        "1 appointment to come is planned again." in words(text(page)) and place(world).time_zone == "Atlantic/Canary"
    )
    with in_clinic(world.clinic.pk):
        while step(NOW):
            pass
        assert Reminder.objects.get(appointment=row).due_at == before + timedelta(hours=1)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, "This field is required"),
        ({"name": "Dr. Otro"}, "There is another one of this name"),
        ({"phone": "1\u202e2"}, "may not stand here"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(
    world: World, admin: Client, typed: dict[str, object], said: str
) -> None:
    with in_clinic(world.clinic.pk):
        Practitioner.objects.create(clinic=world.clinic, name="Dr. Otro")
    assert said in text(send(admin, person_page(world), **typed))
    assert practitioner(world).name == "Dra. Ana Ruiz"


def test_a_zone_that_does_not_exist_is_refused(world: World, admin: Client) -> None:
    assert "Select a valid choice" in text(send(admin, place_page(world), time_zone="Mars/Base"))


def test_of_two_administrators_the_second_writes_nothing_over_unseen(world: World, admin: Client) -> None:
    opened = fields_of(text(admin.get(person_page(world))))
    send(admin, person_page(world), phone="1")
    assert "Somebody else changed this" in text(admin.post(person_page(world), {**opened, "phone": ["2"]}))
    assert practitioner(world).phone == "1"


def test_others_see_them_and_change_none(world: World, wednesday: object) -> None:
    client = client_of(member(world, Role.RECEPTION))
    page = text(client.get(PEOPLE))
    assert "Dra. Ana Ruiz" in page and "Administrators change this" in page and person_page(world) not in page
    assert client.get(person_page(world)).headers["Location"] == PEOPLE
    assert client.post(person_page(world), {"name": "X"}).status_code == 403
    assert client.post(place_page(world), {"name": "X"}).status_code == 403


def test_another_clinics_rows_answer_like_some_that_do_not_exist(world: World, admin: Client) -> None:
    other = make_world("otra")
    assert admin.get(f"{PEOPLE}{other.practitioner.pk}/").status_code == 404
    assert admin.get(f"{SETTINGS}locations/{other.location.pk}/").status_code == 404
