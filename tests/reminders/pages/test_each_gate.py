"""Each gate closed alone, through the real page: the panel names exactly that one; five at once, all five."""

import re

import pytest
from django.test import Client

from reminders.gates import CATALOGUE
from tests.page_forms import text
from tests.reminders.closing import CLOSED_BY, Case
from tests.visitors import DAY, NOW, book
from tests.world import World

pytestmark = pytest.mark.django_db

#: Gates that are never closed alone, with the reason.
NEVER_ALONE = {
    "due": "it only says that the moment is still to come",
    "lead_time_misconfigured": "the database refuses such a rule",
    "nearer_step": "it takes a second step that is due too: tests/reminders/test_series.py",
}


@pytest.fixture
def case(world: World, wednesday: object) -> Case:
    return Case(world, book(world, NOW + 2 * DAY))


def named_on(page: str) -> list[str]:
    """The gates that the page's answers say are in the way, in their order."""
    return re.findall(r'<tr [^>]*class="gate gate-no(?: gate-notable)?" data-gate="(\w+)"', page)


def appointment_page(case: Case, client: Client, part: str = "") -> str:
    return text(client.get(f"/c/{case.world.clinic.slug}/appointments/{case.row.pk}/{part}"))


def why_panel(case: Case, client: Client) -> str:
    path = f"/c/{case.world.clinic.slug}/appointments/{case.row.pk}/why/"
    return text(client.get(path, headers={"hx-request": "true"}))


def test_every_gate_of_the_catalogue_can_be_closed_alone_or_says_why_not() -> None:
    assert set(CLOSED_BY) | set(NEVER_ALONE) == set(CATALOGUE)
    assert not set(CLOSED_BY) & set(NEVER_ALONE)


@pytest.mark.feature("N1", 167)
@pytest.mark.parametrize("code", CLOSED_BY)
def test_the_panel_names_exactly_the_gate_that_is_closed(case: Case, desk: Client, code: str) -> None:
    assert named_on(appointment_page(case, desk)) == []
    CLOSED_BY[code](case)
    case.plan()
    page = appointment_page(case, desk)
    assert set(named_on(page)) == {code}
    assert str(CATALOGUE[code].failed) in page.replace("&#x27;", "'")
    assert set(named_on(why_panel(case, desk))) == {code}


def test_what_waits_for_others_to_the_same_patient_says_so_and_until_when(case: Case, desk: Client) -> None:
    case.row = book(case.world, case.row.start)
    page = appointment_page(case, desk)
    assert named_on(page) == []
    [row] = re.findall(r'<tr [^>]*data-gate="too_many_to_this_address".*?</tr>', page, re.DOTALL)
    assert str(CATALOGUE["too_many_to_this_address"].failed) in row
    assert re.search(r"until [^<]*10:10", row)
    assert "too_many_to_this_address" not in re.sub("<[^>]*>", "", page)
