"""How are many rows of one table created and changed at once, and only where they differ?

The writers of patients and appointments stand on this: rows that would not change are neither locked nor written (so
nothing is planned again for them), rows that would are locked in the order of their ids, read again and written
together. One row is the same call with one change.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import DateTimeField

from clinics.models import Clinic
from clinics.owned import ClinicOwned
from clinics.prepared import ask

#: Rows a statement: keeps a statement's text within a few megabytes.
BATCH = 2000

Row = TypeVar("Row", bound=ClinicOwned)


@dataclass(frozen=True)
class Change(Generic[Row]):
    """What is wanted of one row: `row` None makes a new one; `fields` by column name (`patient_id`, not `patient`).
    A field that is not named stays as it is."""

    row: Row | None
    fields: Mapping[str, Any]

    def differs(self) -> bool:
        """Whether anything would change, as far as the row was read."""
        return self.row is None or any(getattr(self.row, name) != value for name, value in self.fields.items())


@dataclass(frozen=True)
class Updated(Generic[Row]):
    """A row that was changed, with the values its changed columns had before."""

    row: Row
    before: Mapping[str, Any]


@dataclass(frozen=True)
class Written(Generic[Row]):
    """What became of the changes. `rows` is in their order, unchanged ones among them."""

    rows: Sequence[Row]
    created: Sequence[Row]
    updated: Sequence[Updated[Row]]

    @property
    def unchanged(self) -> int:
        """How many were as wanted already."""
        return len(self.rows) - len(self.created) - len(self.updated)


#: Adds columns that follow from others: takes the row as locked (None for a new one) and the fields, gives fields.
Derive = Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]


def write_rows(
    model: type[Row], clinic: Clinic, changes: Sequence[Change[Row]], derive: Derive | None = None
) -> Written[Row]:
    """Creates and updates the rows of one clinic; inside `in_clinic`. Raises LookupError when a row is gone."""
    follow = derive or (lambda row, fields: fields)
    fresh = lock_rows(model, [change.row.pk for change in changes if change.row is not None and change.differs()])
    rows: list[Row] = []
    created: list[Row] = []
    updated: list[Updated[Row]] = []
    for change in changes:
        if change.row is None:
            row = model(clinic=clinic, **follow(None, change.fields))
            created.append(row)
        elif not change.differs():
            row = change.row
        else:
            row = fresh[change.row.pk]
            if before := _apply(row, follow(row, change.fields)):
                updated.append(Updated(row, before))
        rows.append(row)
    model.objects.bulk_create(created, batch_size=BATCH)
    columns = sorted({name for change in updated for name in change.before})
    for first in range(0, len(updated), BATCH):
        update_rows(model, [change.row for change in updated[first : first + BATCH]], columns)
    return Written(rows, created, updated)


def lock_rows(model: type[Row], ids: Collection[int]) -> dict[int, Row]:
    """These rows by id, locked in the order of their ids until the transaction ends. A reminder that begins meanwhile
    holds or waits for the same locks. Raises LookupError when one is gone."""
    if not ids:
        return {}
    found = model.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    locked: dict[int, Row] = {row.pk: row for row in found}
    if missing := set(ids) - set(locked):
        raise LookupError(f"{model.__name__} {sorted(missing)[:3]} is not there any more")
    return locked


def update_rows(model: type[Row], rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Saves these columns (by attribute name, as `message_id`) of the rows in one statement; none for no rows.

    One UPDATE … FROM arrays: Django's bulk_update builds a CASE for each column and row, which took three times as
    long as all the rest of an import. Row-level security keeps it to the clinic."""
    if not rows:
        return
    given = _Given([model._meta.get_field(name) for name in ("id", *columns)], rows)
    settings = ", ".join(f"{name} = {source}" for name, source in list(given.sources.items())[1:])
    _execute(f"UPDATE {_table(model)} AS present SET {settings} FROM {given.rows} WHERE present.id = given.id", given)


def insert_rows(model: type[Row], rows: Sequence[Row]) -> None:
    """Inserts new rows in one statement; none for no rows. Unlike bulk_create it gives them no id, takes every value
    as it is, and a fifth of the time."""
    if not rows:
        return
    given = _Given([field for field in model._meta.concrete_fields if not field.primary_key], rows)
    names, sources = ", ".join(given.sources), ", ".join(given.sources.values())
    _execute(f"INSERT INTO {_table(model)} ({names}) SELECT {sources} FROM {given.rows}", given)


class _Given:
    """Rows as the parameters of one statement: an array for each column, but only one value for a column that is the
    same in all of them, as most are. The first column is always an array."""

    def __init__(self, fields: Sequence[Any], rows: Sequence[ClinicOwned]) -> None:
        link = connections[DEFAULT_DB_ALIAS]  # `connection` looks itself up at every touch
        #: Column → the SQL that stands for its value.
        self.sources: dict[str, str] = {}
        self.values: list[Any] = []
        arrays: list[Any] = []
        casts: list[str] = []
        names: list[str] = []
        for field in fields:
            # The length is left out of a cast, as an explicit cast to varchar(n) would cut a longer text silently.
            kind = field.rel_db_type(link) if field.is_relation else field.db_type(link)
            cast, name = kind.partition("(")[0], f'"{field.column}"'
            values = [getattr(row, field.attname) for row in rows]
            if arrays and values.count(values[0]) == len(values):
                self.sources[name] = f"%s::{cast}"
                self.values.append(field.get_db_prep_save(values[0], link))
            else:
                self.sources[name] = f"given.{name}"
                arrays.append(_array(field, values, link))
                casts.append(f"%s::{cast}[]")
                names.append(name)
        #: What stands behind FROM.
        self.rows = f"unnest({', '.join(casts)}) AS given ({', '.join(names)})"
        self.values += arrays


def _array(field: Any, values: list[Any], link: Any) -> list[Any] | str:
    """The values of a column as one parameter. Moments and numbers as the text of an array: spelled out by the driver
    each would be an expression of its own, which takes PostgreSQL five times as long."""
    if isinstance(field, DateTimeField) and all(value is None or _is_moment(value) for value in values):
        return _text("NULL" if value is None else value.isoformat() for value in values)
    prepared = [field.get_db_prep_save(value, link) for value in values]
    if all(value is None or type(value) is int for value in prepared):
        return _text("NULL" if value is None else str(value) for value in prepared)
    return prepared


def _is_moment(value: object) -> bool:
    return type(value) is datetime and value.tzinfo is not None


def _text(words: Iterable[str]) -> str:
    return f"{{{','.join(words)}}}"


def _table(model: type[ClinicOwned]) -> str:
    return f'"{model._meta.db_table}"'


def _execute(sql: str, given: _Given) -> None:
    with connection.cursor() as cursor:
        ask(cursor, sql, given.values)


def _apply(row: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Sets the fields; gives the former values of those that differed."""
    before = {name: getattr(row, name) for name, value in fields.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, fields[name])
    return before
