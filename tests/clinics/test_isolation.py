"""Nothing crosses from one clinic to another, whatever the code above forgets. Raw SQL, as the app role."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model
from django_scopes.exceptions import ScopeError

from clinics.models import Clinic
from clinics.scope import in_clinic
from patients.models import Patient
from tests.clinics.full_world import make_full_world, owned_models, rows, tenant_tables
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("1")]


@dataclass
class Two:
    """Two clinics, with rows in every table."""

    a: World
    b: World


@pytest.fixture
def two(db: None) -> Two:
    return Two(make_full_world("clinica-a"), make_full_world("clinica-b"))


def count(sql: str, *values: int) -> int:
    """How many rows a statement touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def copied_to(table: str, clinic: Clinic) -> str:
    """A statement that writes a copy of a row, as a row of that clinic."""
    changed = f"jsonb_build_object('id', -1, 'clinic_id', {clinic.pk})"
    return f'INSERT INTO "{table}" SELECT (jsonb_populate_record(x, {changed})).* FROM "{table}" x LIMIT 1'


def test_the_tables_of_the_database_are_those_of_the_models_and_all_have_rows(two: Two) -> None:
    tables = tenant_tables()
    assert sorted(model._meta.db_table for model in owned_models()) == tables
    for world in (two.a, two.b):
        with in_clinic(world.clinic.pk):
            assert [table for table in tables if not rows(f'SELECT 1 FROM "{table}"')] == []


WITHOUT: list[Callable[[str], str]] = [
    lambda table: f'SELECT * FROM "{table}"',
    lambda table: f'SELECT count(*) FROM "{table}"',
    lambda table: f'UPDATE "{table}" SET clinic_id = clinic_id',
    lambda table: f'DELETE FROM "{table}"',
    lambda table: f'INSERT INTO "{table}" (clinic_id) VALUES (1)',
]


def test_without_a_clinic_every_statement_on_every_table_is_an_error(two: Two) -> None:
    for fresh in (True, False):
        if fresh:
            connection.close()
        for table in tenant_tables():
            for statement in WITHOUT:
                with pytest.raises(DatabaseError), transaction.atomic():
                    rows(statement(table))
    with in_clinic(two.a.clinic.pk):
        assert Patient.objects.count() == 1


def test_with_a_clinic_only_its_own_rows_are_seen(two: Two) -> None:
    with in_clinic(two.a.clinic.pk):
        for table in tenant_tables():
            assert rows(f'SELECT DISTINCT clinic_id FROM "{table}"') == [(two.a.clinic.pk,)], table


def test_with_a_clinic_no_row_of_another_is_changed_or_deleted(two: Two) -> None:
    other = two.b.clinic.pk
    with in_clinic(two.a.clinic.pk):
        for table in tenant_tables():
            assert count(f'UPDATE "{table}" SET clinic_id = clinic_id WHERE clinic_id = %s', other) == 0, table
            assert count(f'DELETE FROM "{table}" WHERE clinic_id = %s', other) == 0, table
            assert rows(f'UPDATE "{table}" SET id = id WHERE clinic_id = {other} RETURNING id') == [], table


def test_with_a_clinic_no_row_is_written_into_another(two: Two) -> None:
    for table in tenant_tables():
        with pytest.raises(DatabaseError, match="row-level security"), in_clinic(two.a.clinic.pk):
            count(copied_to(table, two.b.clinic))
        with pytest.raises(DatabaseError, match="row-level security"), in_clinic(two.a.clinic.pk):
            count(f'UPDATE "{table}" SET clinic_id = %s', two.b.clinic.pk)


REFERENCES = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND a.attname <> 'clinic_id'
WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY (%s) AND c.confrelid::regclass::text = ANY (%s)
"""


def test_no_row_points_to_a_row_of_another_clinic(two: Two) -> None:
    tables = tenant_tables()
    references = rows(REFERENCES, [tables, tables])
    assert len(references) >= 17
    for child, column, parent in references:
        with in_clinic(two.b.clinic.pk):
            [(foreign, *_), *_] = rows(f'SELECT id FROM "{parent}"')
        with pytest.raises(IntegrityError, match="foreign key"), in_clinic(two.a.clinic.pk):
            count(f'UPDATE "{child}" SET "{column}" = %s', foreign)


@pytest.mark.parametrize("model", owned_models())
def test_a_query_without_a_scope_raises(model: type[Model]) -> None:
    manager = model._default_manager
    for query in (
        lambda: list(manager.all()), lambda: manager.count(), lambda: manager.filter(pk=1).first(),
        lambda: manager.filter(pk=1).update(pk=1), lambda: manager.filter(pk=1).delete(),
        lambda: list(model._base_manager.all()),
    ):  # fmt: skip
        with pytest.raises((ScopeError, DatabaseError)):
            query()


def test_another_clinics_row_is_as_absent_as_one_that_never_was(two: Two) -> None:
    with in_clinic(two.a.clinic.pk):
        for number in (two.b.patient.pk, 10**9):
            with pytest.raises(Patient.DoesNotExist):
                Patient.objects.get(pk=number)


def present_clinic() -> str:
    [(value,)] = rows("SELECT coalesce(current_setting('app.clinic_id', true), '')")
    return str(value)


def test_nothing_leaks_to_the_next_user_of_the_connection(two: Two) -> None:
    for number in range(60):
        world = (two.a, two.b)[number % 2]
        try:
            with in_clinic(world.clinic.pk):
                assert [one.pk for one in Patient.objects.all()] == [world.patient.pk]
                if number % 5 == 0:
                    raise LookupError
                if number % 7 == 0:
                    rows("SELECT 1 / 0")
        except (LookupError, DatabaseError):
            pass
        assert present_clinic() == ""
        with pytest.raises(DatabaseError):
            rows("SELECT * FROM patients_patient")


def test_a_query_kept_from_one_clinic_gives_nothing_in_another(two: Two) -> None:
    with in_clinic(two.a.clinic.pk):
        kept = Patient.objects.all()
    with in_clinic(two.b.clinic.pk):
        assert list(kept) == []


def test_the_app_role_cannot_switch_the_walls_off(two: Two) -> None:
    for statement in (
        "ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE patients_patient NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY one_clinic ON patients_patient",
        "CREATE POLICY mine ON patients_patient USING (true)",
        "SET row_security = off; SELECT * FROM patients_patient",
    ):
        with pytest.raises(DatabaseError), in_clinic(two.a.clinic.pk):
            rows(statement)
