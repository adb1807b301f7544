"""How are whole rows read where the same few questions are asked thousands of times a minute?

Django makes the words of a query anew each time it is asked, which takes several times as long as the database takes to
answer. Here the words stand. Both walls of tenancy stand too: the rows are those of the scope that `in_clinic` opened,
by a condition of the statement and by row-level security.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model
from django_scopes import get_scope

from clinics.prepared import ask

Row = TypeVar("Row", bound=Model)
#: What JSON has as words; everything else it has as it is.
_FROM_JSON: dict[str, Callable[[str], Any]] = {
    "DateTimeField": datetime.fromisoformat,
    "DateField": date.fromisoformat,
    "TimeField": time.fromisoformat,
    "UUIDField": UUID,
}


@dataclass(frozen=True)
class _Shape:
    """How a model's rows are read."""

    table: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    #: Places of the columns that hold JSON.
    documents: tuple[int, ...]
    #: Place → what turns JSON's words into the column's value.
    words: tuple[tuple[int, Callable[[str], Any]], ...]


@cache
def _shape(model: Any) -> _Shape:
    fields = [(field, field.get_internal_type()) for field in model._meta.concrete_fields]
    return _Shape(
        table=f'"{model._meta.db_table}"',
        names=tuple(field.attname for field, _ in fields),
        columns=tuple(f't."{field.column}"' for field, _ in fields),
        documents=tuple(place for place, (_, kind) in enumerate(fields) if kind == "JSONField"),
        words=tuple((place, _FROM_JSON[kind]) for place, (_, kind) in enumerate(fields) if kind in _FROM_JSON),
    )


def fetch(model: type[Row], rest: str, values: Sequence[Any]) -> list[Row]:
    """Rows of the clinic; `t` is the row, `rest` a condition and what follows it (ORDER BY, FOR SHARE)."""
    shape = _shape(model)
    with connection.cursor() as cursor:
        ask(cursor, f"SELECT {', '.join(shape.columns)} {_of_the_clinic(shape, rest)}", [_clinic_id(), *values])
        return [_made(model, shape, list(row)) for row in cursor.fetchall()]


def fetch_id(model: type[Row], row_id: int) -> Row:
    """One row of a table that belongs to no clinic. Raises LookupError."""
    shape = _shape(model)
    with connection.cursor() as cursor:
        ask(cursor, f"SELECT {', '.join(shape.columns)} FROM {shape.table} t WHERE t.id = %s", [row_id])
        found = cursor.fetchone()
    if found is None:
        raise LookupError(f"{model.__name__} {row_id} is not there")
    return _made(model, shape, list(found))


def _made(model: type[Row], shape: _Shape, row: list[Any]) -> Row:
    for place in shape.documents:
        if isinstance(row[place], str):
            row[place] = json.loads(row[place])
    return model.from_db(connection.alias, shape.names, row)


@dataclass(frozen=True)
class Wanted:
    """Rows of a model: `where` is a condition in which `t` is the row."""

    model: Any
    where: str
    values: tuple[Any, ...] = ()
    order: str = "t.id"


def fetch_together(*wanted: Wanted, beside: str = "NULL") -> tuple[list[list[Any]], Any]:
    """Rows of several models by one statement, as JSON; and what the SQL expression `beside` gives in it."""
    wants, values = [beside], []
    for one in wanted:
        shape = _shape(one.model)
        wants.append(
            f"(SELECT json_agg(json_build_array({', '.join(shape.columns)}) ORDER BY {one.order})::text "
            f"{_of_the_clinic(shape, one.where)})"
        )
        values += [_clinic_id(), *one.values]
    with connection.cursor() as cursor:
        ask(cursor, f"SELECT {', '.join(wants)}", values)
        found, *lists = cursor.fetchone()
    return [_from_json(one.model, words) for one, words in zip(wanted, lists, strict=True)], found


def _from_json(model: Any, words: str | None) -> list[Any]:
    shape, rows = _shape(model), []
    for row in json.loads(words) if words else ():
        for place, turn in shape.words:
            if row[place] is not None:
                row[place] = turn(row[place])
        rows.append(model.from_db(connection.alias, shape.names, row))
    return rows


def _of_the_clinic(shape: _Shape, rest: str) -> str:
    return f"FROM {shape.table} t WHERE t.clinic_id = %s AND {rest}"


def _clinic_id() -> int:
    """Raises LookupError outside `in_clinic`."""
    clinic_id: int | None = get_scope().get("clinic")
    if not clinic_id:
        raise LookupError("rows are fetched inside in_clinic")
    return clinic_id
