"""What do the files tests/data/agenda-*.csv say? A reading of its own, which shares nothing with the importer.

It knows what the importer promises (README, DESIGN.md 1): a row is taken or refused as a whole; of rows with one
reference the first sound one counts; of a patient's rows the last counts, and of consents any "no".
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.data.clinics import AgendaClinic

#: Day first, or year first; the numbers of the date and of the time.
_MOMENT = re.compile(r"(\d+)[-/.](\d+)[-/.](\d+)[T ]+(\d+)[:.h](\d+)(?::00)?")
_MAIL = re.compile(r"[\w.+-]+@([\w-]+\.)+[a-z]+", re.ASCII | re.IGNORECASE)
_YES, _NO = {"sí", "sì", "sim"}, {"no", "não", ""}
_STATUSES = ("scheduled", "confirmed", "cancelled", "requested", "arrived", "completed", "no_show")
CONSENTS = ("default_notifications", "consent_data_protection", "consent_email", "consent_sms")


@dataclass(frozen=True)
class Visit:
    """A sound row: its line, references, start (UTC), status."""

    line: int
    ref: str
    patient_ref: str
    start: datetime
    status: str


@dataclass(frozen=True)
class Patient:
    """What all sound rows of a patient come to; `phone` is the number for reminders, as typed, where one is named."""

    first_name: str
    email: str
    phones: tuple[str, ...]
    phone: str
    consents: frozenset[str]


@dataclass(frozen=True)
class Agenda:
    """A file: how many rows it has, the lines refused, the visits by reference, the patients by reference, blocks."""

    clinic: AgendaClinic
    rows: int
    refused: tuple[int, ...]
    visits: dict[str, Visit]
    patients: dict[str, Patient]
    blocks: int


class _Wrong(Exception):
    """The row cannot be taken."""


def cut_agenda(clinic: AgendaClinic, begins: datetime, ends: datetime) -> bytes:
    """The clinic's file without the rows that begin outside of those moments; what has no moment stays."""
    (_line, header), *rows = _lines(clinic, clinic.file.read_bytes())
    text = io.StringIO()
    writer = csv.writer(text, delimiter=clinic.export.delimiter)
    writer.writerow(header)
    for _line, cells in rows:
        try:
            within = begins <= _moment(_tidy(cells[header.index("start")]), clinic) <= ends
        except _Wrong:
            within = True
        if within:
            writer.writerow(cells)
    return text.getvalue().encode(clinic.export.encoding)


def read_agenda(clinic: AgendaClinic, content: bytes | None = None) -> Agenda:
    """The clinic's file, or another one in its form."""
    lines = _lines(clinic, clinic.file.read_bytes() if content is None else content)
    _line, header = next(lines)
    rows, refused, blocks = 0, [], set()
    visits: dict[str, Visit] = {}
    patients: dict[str, Patient] = {}
    for line, cells in lines:
        rows += 1
        try:
            row = _row(header, cells)
            if row["appointment_ref"] in visits or row["appointment_ref"] in blocks:
                raise _Wrong
            if row["type"].lower() == "block":
                _moment(row["start"], clinic)
                blocks.add(row["appointment_ref"])
            else:
                visit, patient = _visit(row, line, clinic), _patient(row, patients.get(row["patient_ref"]))
                visits[visit.ref], patients[visit.patient_ref] = visit, patient
        except _Wrong:
            refused.append(line)
    return Agenda(clinic, rows, tuple(refused), visits, patients, len(blocks))


def _lines(clinic: AgendaClinic, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The header and the rows, each with the number of its first line."""
    text = io.StringIO(content.decode(clinic.export.encoding), newline="")
    reader, begins = csv.reader(text, delimiter=clinic.export.delimiter), 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1


def _tidy(cell: str) -> str:
    return cell if "\n" in cell else " ".join(cell.replace("\u00a0", " ").split())


def _row(header: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(header):
        raise _Wrong
    row = {name: _tidy(cell) for name, cell in zip(header, cells, strict=True)}
    if not row["appointment_ref"]:
        raise _Wrong
    return row


def _visit(row: dict[str, str], line: int, clinic: AgendaClinic) -> Visit:
    words = [word.lower() for word in clinic.export.statuses]
    if row["status"].lower() not in words or not row["patient_ref"]:
        raise _Wrong
    start = _moment(row["start"], clinic)
    if row["end"] and _moment(row["end"], clinic) <= start:
        raise _Wrong
    status = _STATUSES[words.index(row["status"].lower())]
    return Visit(line, row["appointment_ref"], row["patient_ref"], start, status)


def _patient(row: dict[str, str], before: Patient | None) -> Patient:
    name, email, wanted = row["first_name"], row["email"], row["phone_for_reminders"]
    if not name or "\n" in name or (email and not _MAIL.fullmatch(email)):
        raise _Wrong
    phones = {str(index): row[f"phone_{index}"].removeprefix('="').removesuffix('"') for index in (1, 2)}
    if wanted and not phones.get(wanted):
        raise _Wrong
    if any(row[name].lower() not in _YES | _NO for name in CONSENTS):
        raise _Wrong
    given = frozenset(name for name in CONSENTS if row[name].lower() in _YES)
    if before is not None:  # the flag of default notifications is no consent: there the last row counts
        given = (given & before.consents) | (given & {CONSENTS[0]})
    return Patient(name, email, tuple(phone for phone in phones.values() if phone), phones.get(wanted, ""), given)


def _moment(text: str, clinic: AgendaClinic) -> datetime:
    """In UTC. A wall time that no clock of the place shows is none."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise _Wrong
    one, month, other, hour, minute = map(int, match.groups())
    day, year = (other, one) if one > 31 else (one, other)
    try:
        wall = datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(clinic.time_zone))
    except ValueError as error:
        raise _Wrong from error
    moment = wall.astimezone(UTC)
    if year < 1990 or moment.astimezone(wall.tzinfo).hour != hour:
        raise _Wrong
    return moment
