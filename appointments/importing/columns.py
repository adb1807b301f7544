"""Which columns may an agenda file have, and what does an empty cell of each mean?

The header names them in any order. Only `appointment_ref` and `patient_ref` must be there; a column that is absent
leaves what it would say as it is. An empty cell of a column that is there says "none": no e-mail address, no
practitioner, and for a consent **not given**, which withdraws it from a patient who had given it (the report counts
these). Exceptions: `status` and `booked_at` stay as they are when empty, `phone_for_reminders` leaves the present
choice, an empty `end` is the start plus the type's minutes, `first_name` and `start` may not be empty.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from appointments.importing.cells import (
    BadCell,
    Reader,
    channel,
    email_address,
    language,
    line_of_text,
    status,
    unguarded,
    yes_or_no,
)
from appointments.importing.dates import DAY_FIRST, DateOrder, order_of
from appointments.importing.reading import FileRefused, Line, Table
from appointments.importing.times import parse_time

REQUIRED = ("appointment_ref", "patient_ref")
#: What the type column says of a row that is no visit but a practitioner's unavailable time.
BLOCK = "block"


class Absent:
    """The cell is empty and leaves things as they are."""


ABSENT = Absent()


@dataclass(frozen=True)
class Column:
    """How a column is read, and what its empty cell says."""

    read: Reader
    empty: Any = ABSENT


#: Columns of the patient, named as the fields of the record.
PATIENT_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "first_name": Column(line_of_text(120)),
        "last_name": Column(line_of_text(120), empty=""),
        "email": Column(email_address, empty=""),
        "language": Column(language, empty=""),
        "preferred_channel": Column(channel, empty=""),
        "default_notifications": Column(yes_or_no, empty=False),
        "consent_data_protection": Column(yes_or_no, empty=False),
        "consent_email": Column(yes_or_no, empty=False),
        "consent_sms": Column(yes_or_no, empty=False),
        "consent_whatsapp": Column(yes_or_no, empty=False),
        "consent_voice": Column(yes_or_no, empty=False),
    }
)
_OTHER_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "appointment_ref": Column(line_of_text(80)),
        "patient_ref": Column(line_of_text(80)),
        "phone_for_reminders": Column(line_of_text(60)),
        "practitioner": Column(line_of_text(120), empty=""),
        "location": Column(line_of_text(120), empty=""),
        "type": Column(line_of_text(120), empty=""),
        "start": Column(parse_time),
        "end": Column(parse_time),
        "status": Column(status),
        "booked_at": Column(parse_time),
    }
)
TIME_COLUMNS = frozenset({"start", "end", "booked_at"})
_PHONE_NAME = re.compile(r"phone_[1-9][0-9]?")
_PHONE = Column(line_of_text(60), empty="")


def column(name: str) -> Column | None:
    """The column of that name; None when there is no such column."""
    return PATIENT_COLUMNS.get(name) or _OTHER_COLUMNS.get(name) or (_PHONE if is_phone(name) else None)


def is_phone(name: str) -> bool:
    """Whether the column holds a phone number: phone_1 … phone_99."""
    return _PHONE_NAME.fullmatch(name) is not None


def check_header(table: Table) -> None:
    """Raises FileRefused when a column is unknown, or one that must be there is missing."""
    line = f"line {table.header}"
    if unknown := [name for name in table.columns if column(name) is None]:
        raise FileRefused(f"{line}: unknown column: {', '.join(map(_with_nearest, unknown))}")
    if missing := [name for name in REQUIRED if name not in table.columns]:
        raise FileRefused(f"{line}: missing column: {', '.join(missing)}")
    if "phone_for_reminders" in table.columns and not any(map(is_phone, table.columns)):
        raise FileRefused(f"{line}: the column phone_for_reminders needs the numbers beside it: phone_1 …")


def _with_nearest(name: str) -> str:
    near = get_close_matches(name, [*PATIENT_COLUMNS, *_OTHER_COLUMNS, "phone_1", "phone_2"], 1, 0.75)
    return f"{name!r} (did you mean {near[0]!r}?)" if near else repr(name)


@dataclass(frozen=True)
class Refusal:
    """Why a row was refused: its line in the file, the column (empty: the row as a whole), the cell, the reason."""

    line: int
    column: str
    value: str
    reason: str


def date_order(table: Table, country: str) -> DateOrder:
    """How the file writes its dates."""
    where = [index for index, name in enumerate(table.columns) if name in TIME_COLUMNS]
    return order_of((line.cells[index] for line in table.lines for index in where if index < len(line.cells)), country)


def read_cells(
    columns: tuple[str, ...], line: Line, order: DateOrder = DAY_FIRST
) -> tuple[dict[str, Any], list[Refusal]]:
    """The values of a row by column, without those that leave things as they are, and everything wrong with it."""
    if len(line.cells) != len(columns):
        reason = f"the row has {len(line.cells)} cells, the header {len(columns)}"
        return {}, [Refusal(line.number, "", "", reason)]
    values: dict[str, Any] = {}
    refusals = []
    for name, cell in zip(columns, line.cells, strict=True):
        known = column(name)
        assert known is not None, "check_header refuses unknown columns"
        try:
            value = _read_cell(known, name, unguarded(cell), order)
        except BadCell as bad:
            refusals.append(Refusal(line.number, name, cell, str(bad)))
            continue
        if value is not ABSENT:
            values[name] = value
    return values, refusals


def _read_cell(known: Column, name: str, text: str, order: DateOrder) -> Any:
    if not text:
        return known.empty
    return parse_time(text, order) if name in TIME_COLUMNS else known.read(text)
