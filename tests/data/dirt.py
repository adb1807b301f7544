"""What is wrong in a real export? Changes rows of a generated agenda in place, a known number of each kind."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.data.clinics import AgendaClinic

Cells = dict[str, str]
Spoiler = Callable[[AgendaClinic, Cells], None]

#: Wrong in every clinic: each entry spoils one row in `_ONE_IN`, which then cannot be taken.
_WRONG_CELLS: tuple[tuple[str, str], ...] = (
    ("start", "31/04/2027 10:30"),
    ("start", "30.02.2027 09.00"),
    ("start", "25/03/27 10:30"),
    ("start", "3/25/2027 10:30"),
    ("start", "2027-03-25"),
    ("start", "a confirmar"),
    ("start", ""),
    ("start", "46106,4375"),
    ("email", "lucia.vega@"),
    ("email", "lucia vega@correo.example"),
    ("email", "lucia@@correo.example"),
    ("email", "lucia@correo"),
    ("email", '=HYPERLINK("mailto:lucia@correo.example")'),
    ("email", "a@correo.example; b@correo.example"),
    ("first_name", ""),
    ("first_name", "Ana\r\nBcc: otra@correo.example"),
    ("patient_ref", ""),
    ("appointment_ref", ""),
    ("status", "???"),
    ("consent_email", "quizá"),
    ("default_notifications", "2"),
    ("phone_for_reminders", "9"),
)
#: Of each kind there are so many rows a clinic.
_EACH = 2


def soil(clinic: AgendaClinic, rows: list[Cells], chance: random.Random) -> None:
    """Spoils some rows so that they cannot be taken, and others so that they still can."""
    spoiled = chance.sample(range(len(rows) // 10, len(rows)), len(_WRONG_CELLS) * _EACH + 60)
    take = iter(spoiled)
    for column, cell in _WRONG_CELLS * _EACH:
        rows[next(take)][column] = cell
    for _ in range(4):
        _in_the_gap(clinic, rows[next(take)])
        _ends_before(clinic, rows[next(take)])
        _repeat(rows, next(take), chance)
        _block(clinic, rows[next(take)])
    for _ in range(2):
        _copy_of_another_time(clinic, rows, next(take), chance)
        _lost_cell(rows[next(take)])
    for spoil in (_odd_spacing, _other_date_form, _mixed_case, _consent_missing, _older_address):
        for _ in range(6):
            spoil(clinic, rows[next(take)])


def _in_the_gap(clinic: AgendaClinic, row: Cells) -> None:
    """The clocks of Europe skip 02:00 to 03:00 on that Sunday; Brazil's do not."""
    row["start"], row["end"] = datetime(2027, 3, 28, 2, 30).strftime(clinic.export.moment), ""  # noqa: DTZ001 - a wall


def _ends_before(clinic: AgendaClinic, row: Cells) -> None:
    row["end"] = row["start"]


def _repeat(rows: list[Cells], index: int, chance: random.Random) -> None:
    """The same row a second time, below the first."""
    rows[index] = dict(rows[chance.randrange(len(rows) // 10)])


def _copy_of_another_time(clinic: AgendaClinic, rows: list[Cells], index: int, chance: random.Random) -> None:
    """The same reference again, for another day."""
    rows[index] = dict(rows[chance.randrange(len(rows) // 10)])
    rows[index]["start"] = datetime(2027, 3, 24, 11).strftime(clinic.export.moment)  # noqa: DTZ001 - a wall time
    rows[index]["end"] = ""


def _block(clinic: AgendaClinic, row: Cells) -> None:
    """The practitioner is away."""
    for column in row:
        if column not in ("appointment_ref", "practitioner", "location", "start"):
            row[column] = ""
    row["type"] = "BLOCK"


def _lost_cell(row: Cells) -> None:
    """Somebody cut a cell off; everything after it stands one column too far left."""
    del row["booked_at"]


def _odd_spacing(clinic: AgendaClinic, row: Cells) -> None:
    row["first_name"] = f"  {row['first_name']}\u00a0"
    row["last_name"] = row["last_name"].replace(" ", "   ")
    row["email"] = f" {row['email']} " if row["email"] else ""
    row["start"] = f" {row['start'].replace(' ', '  ')} "
    row["status"] = f"{row['status']}  "


def _other_date_form(clinic: AgendaClinic, row: Cells) -> None:
    """Somebody typed it by hand."""
    moment = datetime.strptime(row["start"], clinic.export.moment)  # noqa: DTZ007 - a wall time
    row["start"] = moment.strftime("%d-%m-%Y %H:%M") if moment.day % 2 else moment.strftime("%Y-%m-%dT%H:%M:00")
    row["end"] = (moment + timedelta(minutes=20)).strftime("%d.%m.%Y %H.%M")


def _mixed_case(clinic: AgendaClinic, row: Cells) -> None:
    row["status"] = row["status"].upper()
    row["practitioner"] = row["practitioner"].upper()
    row["location"] = row["location"].lower()
    for column in ("default_notifications", "consent_data_protection", "consent_email"):
        row[column] = row[column].upper()


def _consent_missing(clinic: AgendaClinic, row: Cells) -> None:
    """On this row of the patient alone."""
    row["consent_email"] = row["consent_sms"] = ""


def _older_address(clinic: AgendaClinic, row: Cells) -> None:
    """The rows of a patient disagree."""
    row["email"] = f"antes.{row['patient_ref'].lower()}@{clinic.mail_host}"
