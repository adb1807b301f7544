"""One context opens transaction, setting and scope together, and closes all of them."""

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django_scopes import get_scope

from clinics.models import Clinic
from clinics.scope import in_clinic
from patients.models import Patient
from tests.clinics.full_world import rows
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("empty", [None, 0, ""])
def test_an_empty_clinic_is_refused(empty: Any) -> None:
    with pytest.raises(ValueError, match="needs the id"), in_clinic(empty):
        raise AssertionError("not reached")


def test_a_clinic_that_does_not_exist_has_no_rows(world: World) -> None:
    with in_clinic(10**9):
        assert Patient.objects.count() == 0


def test_it_opens_transaction_setting_and_scope_and_closes_them(world: World) -> None:
    with in_clinic(world.clinic.pk):
        assert connection.in_atomic_block
        assert get_scope()["clinic"] == world.clinic.pk
        assert rows("SELECT current_setting('app.clinic_id')") == [(str(world.clinic.pk),)]
    assert not connection.in_atomic_block
    assert "clinic" not in get_scope()
    assert rows("SELECT coalesce(current_setting('app.clinic_id', true), '')") == [("",)]


def test_it_cannot_be_nested_in_itself_or_in_a_transaction(world: World) -> None:
    with in_clinic(world.clinic.pk), pytest.raises(RuntimeError, match="durable"), in_clinic(world.clinic.pk):
        raise AssertionError("not reached")
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), in_clinic(world.clinic.pk):
        raise AssertionError("not reached")


@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt])
def test_an_error_rolls_everything_back(world: World, error: type[BaseException]) -> None:
    with pytest.raises(error), in_clinic(world.clinic.pk):
        Patient.objects.update(first_name="Otra")
        raise error
    with in_clinic(world.clinic.pk):
        assert Patient.objects.get().first_name == "Lucía"


def test_after_a_failed_statement_it_can_be_opened_again(world: World) -> None:
    with pytest.raises(DatabaseError), in_clinic(world.clinic.pk):
        rows("SELECT 1 / 0")
    with in_clinic(world.clinic.pk):
        assert Patient.objects.count() == 1


def test_two_threads_work_for_two_clinics_at_once(world: World) -> None:
    other = make_world("otra-clinica")
    both_open, found = threading.Barrier(2), dict[str, list[int]]()

    def work(one: World) -> None:
        with in_clinic(one.clinic.pk):
            both_open.wait(10)
            found[one.clinic.slug] = [patient.clinic_id for patient in Patient.objects.all()]
        connection.close()

    threads = [threading.Thread(target=work, args=(one,)) for one in (world, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == {one.clinic.slug: [one.clinic.pk] for one in (world, other)}


@pytest.mark.django_db
def test_inside_a_test_that_rolls_back_it_ends_as_well(world: World) -> None:
    assert Clinic.objects.count() == 1
    with in_clinic(world.clinic.pk):
        assert Patient.objects.count() == 1
    assert rows("SELECT coalesce(current_setting('app.clinic_id', true), '')") == [("",)]
