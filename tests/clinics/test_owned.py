"""Rows of a clinic as they are read: the quick way gives the same as Django's own."""

import pytest
from django.db.models import Model

from appointments.models import Appointment
from clinics.scope import in_clinic
from reminders.models import Reminder
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_row_read_the_quick_way_is_the_same_as_djangos(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with in_clinic(world.clinic.pk):
        made = world.appointment()
        quick = Appointment.objects.get(pk=made.pk)
        monkeypatch.setattr(Appointment, "from_db", classmethod(Model.from_db.__func__))  # type: ignore[attr-defined]
        slow = Appointment.objects.get(pk=made.pk)
    assert {**vars(quick), "_state": None} == {**vars(slow), "_state": None}
    assert (quick._state.db, quick._state.adding) == (slow._state.db, slow._state.adding)
    assert quick == slow


def test_a_part_of_a_row_fetches_the_rest_when_it_is_asked_for(world: World) -> None:
    with in_clinic(world.clinic.pk):
        made = world.appointment()
        part = Appointment.objects.only("status").get(pk=made.pk)
        assert part.get_deferred_fields() >= {"start", "revision"}
        assert (part.status, part.start) == ("scheduled", made.start)


def test_a_row_read_with_its_neighbours_has_them_and_can_be_changed(world: World) -> None:
    with in_clinic(world.clinic.pk):
        made = world.appointment()
        read = Appointment.objects.select_related("patient").get(pk=made.pk)
        assert read.patient == world.patient and "patient" in read._state.fields_cache
        read.patient_id = None
        read.save()
        assert read.patient is None and not Reminder.objects.exists()
        assert Appointment.objects.get(pk=made.pk).patient_id is None
