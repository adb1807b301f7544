"""Are rows that are fetched in few words the same as those that Django reads, and no other clinic's?"""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.utils import timezone

from clinics.fetch import Wanted, fetch, fetch_id, fetch_together
from clinics.models import Clinic
from clinics.owned import ClinicOwned
from clinics.scope import in_clinic
from patients.models import Patient
from reminders.kinds import State
from reminders.models import Reminder, Rule
from tests.world import World, make_world

pytestmark = pytest.mark.django_db


def _values(row: ClinicOwned | Clinic) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    with in_clinic(world.clinic.pk):
        appointment = world.appointment(deleted=True)
        moment = timezone.now()
        Reminder.objects.create(
            clinic=world.clinic, appointment=appointment, rule=world.rule, trigger="o1", kind="reminder",
            channel="email", occurrence=1, planned_at=moment, due_at=moment, deadline=moment, look_at=moment,
            gates=[["no_address", False, "é\"'"]], says={"start": None, "cancelled": False},
        )  # fmt: skip
        yield world


def test_whole_rows_are_as_django_reads_them(inside: World) -> None:
    for model in [one for one in apps.get_models() if issubclass(one, ClinicOwned)]:
        expected = [_values(row) for row in model.objects.order_by("pk")]
        assert [_values(row) for row in fetch(model, "true ORDER BY t.id", [])] == expected
        (together,), beside = fetch_together(Wanted(model, "true"), beside="7")
        assert [_values(row) for row in together] == expected
        assert beside == 7
    assert _values(fetch_id(Clinic, inside.clinic.pk)) == _values(Clinic.objects.get(pk=inside.clinic.pk))


def test_a_row_can_be_saved_again(inside: World) -> None:
    [reminder] = fetch(Reminder, "t.state = %s FOR UPDATE", [State.PLANNED])
    reminder.state = State.HELD
    reminder.save()
    assert Reminder.objects.get().state == State.HELD


def test_another_clinics_rows_are_not_fetched(world: World) -> None:
    other = make_world("otra")
    with in_clinic(other.clinic.pk):
        assert fetch(Patient, "t.id = %s", [world.patient.pk]) == []
        assert fetch_together(Wanted(Rule, "t.id = %s", (world.rule.pk,)))[0] == [[]]


def test_nothing_is_fetched_outside_a_clinic(world: World) -> None:
    with pytest.raises(LookupError):
        fetch(Patient, "true", [])
    with pytest.raises(LookupError):
        fetch_together(Wanted(Patient, "true"))


def test_what_is_not_there_says_so(world: World) -> None:
    with pytest.raises(LookupError):
        fetch_id(Clinic, 0)
