"""Every table, key, function and role is built as tenancy needs it, also those that a later migration adds."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey

from tests.clinics.full_world import rows, tenant_tables

pytestmark = [pytest.mark.django_db, pytest.mark.feature("1")]

#: The closed list of functions that look across clinics.
DEFINER_FUNCTIONS = {
    "messaging_attempt_named", "messaging_attempts_named", "messaging_mark", "messaging_orphans",
    "messaging_receipts", "messaging_sender_news", "messaging_senders_of", "messaging_take_in", "messaging_unheard",
    "reminders_add_load", "reminders_behind", "reminders_claim", "reminders_count_in_flight", "reminders_lost",
    "reminders_next", "reminders_undelivered", "reminders_walking",
}  # fmt: skip
POLICY = "(clinic_id = (current_setting('app.clinic_id'::text))::bigint)"


def test_there_are_tables_to_look_at() -> None:
    assert len(tenant_tables()) >= 18


def test_every_tenant_table_enforces_row_level_security() -> None:
    found = rows(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = ANY (%s)",
        [tenant_tables()],
    )
    assert {name for name, forced in found if not forced} == set()


def test_every_tenant_table_has_exactly_the_clinics_and_the_owners_policy() -> None:
    for table in tenant_tables():
        policies = rows(
            "SELECT policyname, roles::text[], cmd, permissive, qual, with_check FROM pg_policies "
            "WHERE tablename = %s ORDER BY 1",
            [table],
        )
        assert policies == [
            ("every_clinic", [settings.DATABASE_OWNER_ROLE], "ALL", "PERMISSIVE", "true", "true"),
            ("one_clinic", [settings.DATABASE_APP_ROLE], "ALL", "PERMISSIVE", POLICY, POLICY),
        ], table


def indexes() -> list[tuple[str, str, bool, list[str]]]:
    """(table, index, primary, columns) of every unique index on a tenant table."""
    found = rows(
        "SELECT t.relname, i.relname, x.indisprimary, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_index x "
        "JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid "
        "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (x.indkey) "
        "WHERE x.indisunique AND t.relname = ANY (%s) GROUP BY 1, 2, 3",
        [tenant_tables()],
    )
    return [(table, name, primary, columns) for table, name, primary, columns in found]


def test_every_tenant_table_can_be_pointed_to_by_clinic_and_id() -> None:
    keyed = {
        table for table, _, primary, columns in indexes() if not primary and sorted(columns) == ["clinic_id", "id"]
    }
    assert keyed == set(tenant_tables())


def test_every_unique_index_contains_the_clinic() -> None:
    assert [name for _, name, primary, columns in indexes() if not primary and "clinic_id" not in columns] == []


def test_every_foreign_key_between_tenant_tables_contains_the_clinic() -> None:
    tables = tenant_tables()
    found = rows(
        "SELECT c.conname, array_agg(a.attname::text) FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) "
        "WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY (%s) AND c.confrelid::regclass::text = ANY (%s) "
        "GROUP BY 1",
        [tables, tables],
    )
    assert len(found) >= 17
    assert [name for name, columns in found if "clinic_id" not in columns] == []


def foreign_keys() -> list[ForeignKey[Any, Any]]:
    return [field for model in apps.get_models() for field in model._meta.fields if isinstance(field, ForeignKey)]


def test_every_reference_to_a_tenant_row_is_kept_by_the_database() -> None:
    tables = set(tenant_tables())
    declared = {
        (field.model._meta.db_table, field.column)
        for field in foreign_keys()
        if field.related_model._meta.db_table in tables
    }
    kept = rows(
        "SELECT c.conrelid::regclass::text, a.attname::text FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) "
        "WHERE c.contype = 'f' AND c.confrelid::regclass::text = ANY (%s) AND a.attname <> 'clinic_id'",
        [list(tables)],
    )
    assert declared == set(kept)


#: app → the apps that its rows may point to (DESIGN.md 3, the import arrows).
ARROWS: dict[str, set[str]] = {
    "clinics": set(),
    "messaging": {"clinics"},
    "patients": {"clinics"},
    "appointments": {"patients", "clinics"},
    "reminders": {"appointments", "patients", "messaging", "clinics"},
}


def test_foreign_keys_follow_the_import_arrows() -> None:
    wrong = []
    for field in foreign_keys():
        here, there = field.model._meta.app_label, field.related_model._meta.app_label
        if there in ARROWS and here in ARROWS and there != here and there not in ARROWS[here]:
            wrong.append(str(field))
        if there in ARROWS and here not in ARROWS:
            assert there == "clinics", field  # libraries know our User alone
    assert wrong == []


def test_the_functions_that_look_across_clinics_are_the_listed_ones_and_closed() -> None:
    found = rows(
        "SELECT p.proname, p.proconfig, p.proacl IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM aclexplode(p.proacl) e WHERE e.grantee = 0), pg_get_userbyid(p.proowner) "
        "FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
    )
    assert {name for name, *_ in found} == DEFINER_FUNCTIONS
    for name, config, closed, owner in found:
        assert "search_path=pg_catalog, public" in config, name
        assert closed, name
        assert owner == settings.DATABASE_OWNER_ROLE


def test_those_functions_give_numbers_and_times_alone() -> None:
    found = rows(
        "SELECT p.proname, t.typname FROM pg_proc p, unnest(coalesce(p.proallargtypes, ARRAY[p.prorettype]), "
        "coalesce(p.proargmodes, ARRAY['t'::\"char\"])) AS o(type, mode) JOIN pg_type t ON t.oid = o.type "
        "WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace AND o.mode = 't' AND t.typname <> 'trigger'"
    )
    assert {kind for _, kind in found} <= {"int8", "int4", "timestamptz", "bool"}


def test_the_tests_run_as_the_plain_role() -> None:
    assert rows("SELECT current_user, session_user") == [(settings.DATABASE_APP_ROLE, settings.DATABASE_APP_ROLE)]
    [attributes] = rows(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles "
        "WHERE rolname = current_user"
    )
    assert not any(attributes)


def test_the_plain_role_owns_nothing_and_is_a_member_of_nothing() -> None:
    assert rows("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user") == []
    assert rows("SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = current_user") == []
    assert rows("SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = current_user") == []
    member = "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = current_user"
    assert rows(member) == []
    assert rows("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]


def test_no_view_shows_the_rows_of_every_clinic() -> None:
    found = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm') "
        "AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"
    )
    assert found == []
