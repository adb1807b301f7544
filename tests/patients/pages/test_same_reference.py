"""Two people give the same reference to two new patients at the same moment: the second is told, nothing breaks."""

import threading
import time

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client

from clinics.models import Role
from clinics.scope import in_clinic
from patients.models import Patient
from patients.pages.record_form import PatientForm
from tests.page_forms import fields_of, text
from tests.visitors import client_of, member
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_waits() -> bool:
    """Whether another session of this database waits for its turn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return bool(cursor.fetchone()[0])


def test_of_two_new_patients_with_one_reference_the_second_is_told(world: World) -> None:
    page = f"/c/{world.clinic.slug}/patients/new/"
    second = client_of(member(world, Role.ADMIN))
    given = {**fields_of(text(second.get(page))), "ref": "P-1", "first_name": "Ana"}
    answers: list[int] = []

    def give(client: Client) -> None:
        answers.append(client.post(page, given).status_code)
        connection.close()

    thread = threading.Thread(target=give, args=[second])
    with in_clinic(world.clinic.pk):
        first = PatientForm(world.clinic, None, QueryDict("ref=P-1&first_name=Eva"))
        first.full_clean()
        Patient.objects.create(clinic=world.clinic, ref="P-1", first_name="Eva")
        thread.start()
        until = time.monotonic() + 10
        while not somebody_waits():
            assert time.monotonic() < until, "the second did not wait for the first"
    thread.join(10)
    assert answers == [200]
    with in_clinic(world.clinic.pk):
        assert [patient.first_name for patient in Patient.objects.filter(ref="P-1")] == ["Eva"]
