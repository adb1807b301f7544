"""The page of the practitioners' messages: a matrix that everybody reads and administrators change, two at once too."""

import pytest
from django.test import Client

from clinics.models import Practitioner, Role
from clinics.scope import in_clinic
from reminders.kinds import Kind
from reminders.packages import packages
from tests.page_forms import fields_of, send, text, words
from tests.visitors import client_of, member
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
PAGE = "/c/clinica-prueba/settings/practitioners/"


def off(world: World) -> set[tuple[int, Kind]]:
    with in_clinic(world.clinic.pk):
        return {(pk, kind) for pk, kinds in packages().items() for kind, on in kinds.items() if not on}


def switch(world: World, kind: Kind) -> str:
    return f"on_{world.practitioner.pk}_{kind.value}"


@pytest.mark.feature(19, 20)
def test_all_are_on_at_first_and_one_is_switched_off_with_who_did_it(world: World, admin: Client) -> None:
    page = text(admin.get(PAGE))
    assert {switch(world, kind) for kind in Kind} <= fields_of(page).keys() and off(world) == set()
    send(admin, PAGE, **{switch(world, Kind.REMINDER): None})
    assert off(world) == {(world.practitioner.pk, Kind.REMINDER)}
    page = text(admin.get(PAGE))
    assert switch(world, Kind.REMINDER) not in fields_of(page)
    assert "Dra. Ana Ruiz Last changed by Ada Admin, Wed, Jan 16 10:00" in words(page)
    send(admin, PAGE, **{switch(world, Kind.REMINDER): "on"})
    assert off(world) == set()


@pytest.mark.feature(19)
def test_nothing_different_is_said_and_kept_by_nobody(world: World, admin: Client) -> None:
    assert send(admin, PAGE).status_code == 302
    page = words(text(admin.get(PAGE)))
    assert "Nothing was different" in page and "Last changed" not in page


@pytest.mark.feature(19)
def test_what_another_administrator_switched_meanwhile_is_not_written_over_unseen(world: World, admin: Client) -> None:
    mine = fields_of(text(admin.get(PAGE)))
    send(client_of(member(world, Role.ADMIN, name="Otro Admin")), PAGE, **{switch(world, Kind.CHANGE): None})
    del mine[switch(world, Kind.REMINDER)]
    told = text(admin.post(PAGE, mine))
    assert "Somebody else changed this" in told
    assert "Dra. Ana Ruiz: Notice of a change no" in words(told), "what it says now"
    assert off(world) == {(world.practitioner.pk, Kind.CHANGE)}
    admin.post(PAGE, fields_of(told))
    assert off(world) == {(world.practitioner.pk, Kind.REMINDER)}, "sent again, it is meant so"


@pytest.mark.feature(19)
def test_a_practitioner_who_came_meanwhile_is_not_switched_off(world: World, admin: Client) -> None:
    mine = fields_of(text(admin.get(PAGE)))
    with in_clinic(world.clinic.pk):
        Practitioner.objects.create(clinic=world.clinic, name="Dr. Nuevo")
    told = text(admin.post(PAGE, mine))
    assert "Somebody else changed this" in told and "Dr. Nuevo" in told
    admin.post(PAGE, fields_of(told))
    assert off(world) == set()


@pytest.mark.parametrize(
    "typed", [{}, {"seen": "x", "token": "y"}, {"row": ["9" * 30, "x", ""]}, {"on_1_reminder": "\x00"}]
)
def test_anything_at_all_is_an_answer_and_changes_nothing(world: World, admin: Client, typed: dict[str, str]) -> None:
    assert admin.post(PAGE, typed).status_code == 200 and off(world) == set()


def test_another_clinics_practitioners_are_neither_seen_nor_switched(world: World, admin: Client) -> None:
    elsewhere = make_world("clinica-ajena")
    with in_clinic(elsewhere.clinic.pk):
        Practitioner.objects.update(name="Dra. Ajena")
    assert "Ajena" not in text(admin.get(PAGE))
    send(admin, PAGE, row=[world.practitioner.pk, elsewhere.practitioner.pk])
    assert off(elsewhere) == set()


@pytest.mark.feature(19, 20)
def test_others_read_the_matrix_and_change_nothing(world: World, admin: Client) -> None:
    send(admin, PAGE, **{switch(world, Kind.REMINDER): None})
    desk = client_of(member(world, Role.RECEPTION))
    page = text(desk.get(PAGE))
    assert "Dra. Ana Ruiz" in page and "<form method" not in page.partition("settings-main")[2]
    assert "Reminder off" in words(page) and "Confirmation request on" in words(page)
    assert desk.post(PAGE, {}).status_code == 403
