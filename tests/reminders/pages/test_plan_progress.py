"""While a clinic's whole plan is made again, its pages say how far it is, and stop saying so by themselves."""

import pytest
from django.test import Client

from clinics.models import Role
from clinics.scope import in_clinic
from reminders.replanning import plan_again
from reminders.walk import step
from tests.page_forms import text, words
from tests.visitors import DAY, NOW, book, client_of, member
from tests.world import World

pytestmark = pytest.mark.django_db
LINE = "/c/clinica-prueba/plan/"
PAGES = ["/c/clinica-prueba/", "/c/clinica-prueba/?view=week", "/c/clinica-prueba/settings/rules/"]
SAYS = "The plan is being brought up to date: 0 of 2 appointments."


@pytest.mark.parametrize("page", PAGES)
def test_pages_say_how_far_the_plan_is_until_it_is_up_to_date(world: World, desk: Client, page: str) -> None:
    for days in (2, 3):
        book(world, NOW + days * DAY)
    assert "being brought up to date" not in text(desk.get(page))
    with in_clinic(world.clinic.pk):
        plan_again(world.clinic, NOW)
    shown = text(desk.get(page))
    assert SAYS in words(shown) and f'hx-get="{LINE}"' in shown
    assert SAYS in words(text(desk.get(LINE)))
    with in_clinic(world.clinic.pk):
        while step(NOW):
            pass
    assert text(desk.get(LINE)).strip() == "" and "being brought up to date" not in text(desk.get(page))


def test_who_only_reads_sees_it_and_it_takes_no_change(world: World, wednesday: object) -> None:
    reader = client_of(member(world, Role.READ_ONLY))
    assert reader.get(LINE).status_code == 200 and reader.post(LINE).status_code == 405
