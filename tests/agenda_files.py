"""Agenda files to import in tests."""

import csv
import io
from collections.abc import Mapping, Sequence

#: A row that goes in as it stands.
GOOD: Mapping[str, str] = {
    "appointment_ref": "A1",
    "patient_ref": "P1",
    "first_name": "Nuria",
    "last_name": "Vega",
    "email": "nuria@correo.example",
    "phone_1": "600 000 101",
    "default_notifications": "sí",
    "consent_data_protection": "1",
    "consent_email": "x",
    "practitioner": "Dra. Ana Ruiz",
    "location": "Centro",
    "type": "Revisión",
    "start": "2027-01-20 15:30",
    "end": "",
    "status": "programada",
    "booked_at": "2027-01-04 10:00",
}


def row(**changes: str) -> dict[str, str]:
    """A good row with some cells of its own; new columns too."""
    return {**GOOD, **changes}


def agenda(rows: Sequence[Mapping[str, str]], *, delimiter: str = ";", without: Sequence[str] = ()) -> bytes:
    """The bytes of a file with these rows; its columns are those of the first row, but for `without`."""
    columns = [name for name in rows[0] if name not in without]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
