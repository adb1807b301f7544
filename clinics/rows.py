"""How are many rows of one table created and changed at once, and only where they differ?

The writers of patients and appointments stand on this: rows that would not change are neither locked nor written (so
nothing is planned again for them), rows that would are locked in the order of their ids, read again and written
together. One row is the same call with one change.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection

from clinics.models import Clinic
from clinics.owned import ClinicOwned

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
    fields: list[Any] = [model._meta.get_field(name) for name in ("id", *columns)]
    # The length is left out of a cast, as an explicit cast to varchar(n) would cut a longer text without a word.
    casts = [field.rel_db_type(connection) if field.is_relation else field.db_type(connection) for field in fields]
    arrays = ", ".join(f"%s::{cast.partition('(')[0]}[]" for cast in casts)
    names = ", ".join(f'"{field.column}"' for field in fields)
    settings = ", ".join(f'"{field.column}" = wanted."{field.column}"' for field in fields[1:])
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" AS present SET {settings} '
            f"FROM unnest({arrays}) AS wanted ({names}) WHERE present.id = wanted.id",
            values,
        )


def _apply(row: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Sets the fields; gives the former values of those that differed."""
    before = {name: getattr(row, name) for name, value in fields.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, fields[name])
    return before
