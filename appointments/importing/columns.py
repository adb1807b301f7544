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
    yes_or_no,
)
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
    if unknown := [name for name in table.columns if column(name) is None]:
        raise FileRefused(f"unknown column: {', '.join(repr(name) for name in unknown)}")
    if missing := [name for name in REQUIRED if name not in table.columns]:
        raise FileRefused(f"missing column: {', '.join(missing)}")
    if "phone_for_reminders" in table.columns and not any(map(is_phone, table.columns)):
        raise FileRefused("the column phone_for_reminders needs the numbers beside it: phone_1 …")


@dataclass(frozen=True)
class Refusal:
    """Why a row was refused: its line in the file, the column (empty: the row as a whole), the cell, the reason."""

    line: int
    column: str
    value: str
    reason: str


def read_cells(columns: tuple[str, ...], line: Line) -> tuple[dict[str, Any], list[Refusal]]:
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
            value = known.read(cell.strip(" \t\u00a0")) if cell.strip() else known.empty
        except BadCell as bad:
            refusals.append(Refusal(line.number, name, cell, str(bad)))
            continue
        if value is not ABSENT:
            values[name] = value
    return values, refusals
