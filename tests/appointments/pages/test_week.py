"""The week: seven days at once, with the same lines as the days."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.page_forms import text, words
from tests.visitors import DAY, HOUR, NOW, book
from tests.world import World

pytestmark = pytest.mark.django_db


def week_of(world: World, client: Client, **query: object) -> str:
    given = "&".join(f"{name}={value}" for name, value in query.items())
    return text(client.get(f"/c/{world.clinic.slug}/?view=week&{given}"))


def test_a_week_shows_each_appointment_on_its_day_and_leads_to_it(world: World, desk: Client) -> None:
    rows = [book(world, NOW + days * DAY + HOUR) for days in (-1, 0, 2)]
    page = week_of(world, desk)
    for row in rows:
        day = f"{row.start:%Y-%m-%d}"
        part = page.split(f'id="day-{day}"')[1].split("</section>")[0]
        assert f'href="/c/{world.clinic.slug}/appointments/{row.pk}/"' in part and "Lucía Prueba" in part
    assert "E-mail: Pending" in words(page)
    assert "Lucía" not in week_of(world, desk, day="2041-01-23")
    assert "Lucía" in week_of(world, desk, day="2041-01-20"), "a Sunday belongs to the week that began on Monday"


def test_a_week_costs_the_same_few_questions_however_full_it_is(
    world: World, desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for hours in range(1, 8):
        book(world, NOW + hours * HOUR)
    with django_assert_max_num_queries(36):
        week_of(world, desk)
