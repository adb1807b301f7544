"""Finding patients: by how names begin, by phone, reference and e-mail, page by page."""

import pytest
from django.test import Client

from clinics.scope import in_clinic
from patients.models import Phone
from patients.pages import search
from tests.page_forms import text, words
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(world: World) -> World:
    """Three people whose names are typed in haste, and Lucía."""
    with in_clinic(world.clinic.pk):
        world.another_patient(first_name="José María", last_name="Núñez-Pardo", ref="SOL-7", email="jm@correo.example")
        eva = world.another_patient(first_name="Eva", last_name="García López", ref="X-9", email="eva@correo.example")
        world.another_patient(first_name="Evaristo", last_name="Abad", ref="X-10", email="")
        Phone.objects.create(
            clinic=world.clinic, patient=eva, position=1, as_typed="600 11 22 33", e164="+34600112233",
            line_type="mobile", use_for_reminders=True,
        )  # fmt: skip
    return world


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("jose", ["José María"]),
        ("MARIA nun", ["José María"]),
        ("pardo", ["José María"]),
        ("eva", ["Eva", "Evaristo"]),
        ("lopez", ["Eva"]),
        ("600112233", ["Eva"]),
        ("+34 600 11", ["Eva"]),
        ("2233", ["Eva"]),
        ("sol-7", ["José María"]),
        ("eva@", ["Eva"]),
        ("%", []),
        ("aria", []),
    ],
)
def test_patients_are_found_by_what_is_remembered_of_them(
    people: World, desk: Client, typed: str, found: list[str]
) -> None:
    page = text(desk.get(f"/c/{people.clinic.slug}/patients/", {"q": typed}))
    names = ("José María", "Eva ", "Evaristo", "Lucía")
    assert [name.strip() for name in names if f"<strong>{name}" in page] == found
    choices = text(desk.get(f"/c/{people.clinic.slug}/appointments/patients/", {"sought": typed}))
    assert choices.count('type="radio"') == len(found)


def test_the_list_turns_its_pages_by_name_without_losing_anybody(
    people: World, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    path, seen = f"/c/{people.clinic.slug}/patients/", ""
    first = text(desk.get(path))
    following = first.split('rel="next" href="')[1].split('"')[0]
    seen = words(first) + words(text(desk.get(path + following)))
    order = [seen.index(name) for name in ("Evaristo Abad", "Eva García", "José María", "Lucía Prueba")]
    assert order == sorted(order)
