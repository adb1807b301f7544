"""What is asked again and again is planned once a session, and answers as it did."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.db import NotSupportedError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clinics import prepared
from clinics.prepared import ask
from clinics.scope import in_clinic
from tests.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)
SUM = "SELECT %s::int + %s::int"


@pytest.fixture(autouse=True)
def fresh_session(settings: Any) -> None:
    settings.PLAN_ONCE = True
    connection.close()


def answer(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> tuple[Any, list[str]]:
    """Its first value, and what was said to the database."""
    with CaptureQueriesContext(connection) as said, connection.cursor() as cursor:
        ask(cursor, sql, values)
        found = cursor.fetchone()
    return found and found[0], [query["sql"] for query in said.captured_queries]


def test_it_is_prepared_at_its_second_asking_and_only_named_from_then_on() -> None:
    said = [answer(SUM, [number, 1]) for number in range(4)]
    assert [found for found, _ in said] == [1, 2, 3, 4]
    assert [[words.split()[0] for words in asked] for _, asked in said] == [
        ["SELECT"], ["PREPARE", "EXECUTE"], ["EXECUTE"], ["EXECUTE"],
    ]  # fmt: skip


def test_a_value_that_is_named_twice_is_given_once() -> None:
    sql = "SELECT %(one)s::int * 100 + %(two)s::int * 10 + %(one)s::int"
    assert [answer(sql, {"two": 2, "one": 1, "more": 9})[0] for _ in range(3)] == [121] * 3


def test_arrays_words_and_nothing_arrive_as_they_are() -> None:
    sql = "SELECT ARRAY[%s::bigint[]::text, %s::text, (%s::timestamptz IS NULL)::text]"
    for _ in range(3):
        assert answer(sql, [[1, 2], "it's 100 %s", None])[0] == ["{1,2}", "it's 100 %s", "true"]
    assert answer("SELECT 7", [])[0] == answer("SELECT 7", [])[0] == 7


def test_it_outlives_a_transaction_that_is_rolled_back() -> None:
    answer(SUM, [1, 1])
    with transaction.atomic():
        answer(SUM, [1, 1])
        transaction.set_rollback(True)
    assert answer(SUM, [2, 2]) == (4, [answer(SUM, [2, 2])[1][0]])


def test_another_session_begins_anew() -> None:
    assert [answer(SUM, [1, 1])[0] for _ in range(3)] == [2] * 3
    connection.close()
    assert answer(SUM, [1, 1])[1] == ["SELECT 1::int + 1::int"]


def test_two_statements_never_share_a_name() -> None:
    other = "SELECT %s::int - %s::int"
    assert [answer(sql, [5, 2])[0] for sql in (SUM, other, other, SUM, SUM, other)] == [7, 3, 3, 7, 7, 3]


def test_a_session_keeps_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST", 1)
    other = "SELECT %s::int - %s::int"
    assert [answer(sql, [5, 2])[0] for sql in (SUM, other) * 3] == [7, 3] * 3
    assert answer(other, [5, 2])[1] == ["SELECT 5::int - 2::int"]


def test_where_a_column_has_another_type_now_one_asking_fails_and_the_next_ones_do_not() -> None:
    sql = "SELECT given FROM changing WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE changing AS SELECT 1 AS id, 5 AS given")
        assert [answer(sql, [1])[0] for _ in range(2)] == [5, 5]
        cursor.execute("ALTER TABLE changing ALTER given TYPE text")
    with pytest.raises(NotSupportedError):
        answer(sql, [1])
    assert [answer(sql, [1])[0] for _ in range(3)] == ["5"] * 3


def test_prepared_in_one_clinics_scope_it_shows_another_its_own_rows_alone() -> None:
    sql = "SELECT string_agg(clinic_id::text, ',') FROM patients_patient WHERE first_name = %s"
    clinics = [make_world(slug).clinic.pk for slug in ("one", "other")]
    for clinic_id in clinics * 3:
        with in_clinic(clinic_id):
            assert answer(sql, ["Lucía"])[0] == str(clinic_id)


def test_where_it_is_not_wanted_nothing_is_prepared(settings: Any) -> None:
    settings.PLAN_ONCE = False
    assert [answer(SUM, [1, 1])[1] for _ in range(3)] == [["SELECT 1::int + 1::int"]] * 3
