"""How do the files agenda-*.csv come about? `python -m tests.data.make_agenda` writes them; the same every time.

2,000 rows over three clinics, from 15 March to 6 April 2027, with the change to summer time on Sunday 28 March amid.
The fortnight that the clock is moved through begins on FORTNIGHT_BEGINS. Real exports are dirty, and so are these:
dirt.py says how.
"""

import csv
import io
import random
from datetime import UTC, date, datetime, time, timedelta

from tests.data.clinics import CLINICS, AgendaClinic
from tests.data.dirt import soil
from tests.data.people import Person, make_people

SEED = 20270328
#: A morning in Europe, and before the working day in Brazil; after every `booked_at`.
FORTNIGHT_BEGINS = datetime(2027, 3, 17, 9, 0, tzinfo=UTC)
_FIRST_DAY, _DAYS, _LAST_BOOKING = date(2027, 3, 15), 23, date(2027, 3, 16)
#: How many rows of a day, Monday to Sunday, in relation to each other.
_WEEK = (10, 10, 10, 10, 9, 4, 1)
COLUMNS = (
    "appointment_ref", "patient_ref", "first_name", "last_name", "email", "phone_1", "phone_2", "phone_for_reminders",
    "default_notifications", "consent_data_protection", "consent_email", "consent_sms", "practitioner", "location",
    "type", "start", "end", "status", "booked_at",
)  # fmt: skip
Cells = dict[str, str]


def make_rows(clinic: AgendaClinic) -> list[Cells]:
    """A clinic's rows by column, in the order of the file."""
    chance = random.Random(f"{SEED}/{clinic.slug}")
    people = make_people(clinic, clinic.rows * 3 // 5, chance)
    days = [_FIRST_DAY + timedelta(days=number) for number in range(_DAYS)]
    drawn = chance.choices(days, [_WEEK[day.weekday()] for day in days], k=clinic.rows)
    rows = [_row(clinic, number, (day, chance.choice(people)), chance) for number, day in enumerate(drawn)]
    soil(clinic, rows, chance)
    return rows


def _row(clinic: AgendaClinic, number: int, what: tuple[date, Person], chance: random.Random) -> Cells:
    day, person = what
    start = datetime.combine(day, time(0)) + timedelta(minutes=_minute(chance))
    booked = datetime.combine(_LAST_BOOKING, time(18)) - timedelta(minutes=chance.randrange(5, 60 * 24 * 45))
    words = clinic.export
    values = (
        f"{clinic.country}-{10000 + number}",
        person.ref,
        person.first_name,
        person.last_name,
        person.email,
        *person.phones,
        person.for_reminders,
        *(words.yes if given else chance.choice((words.no, "")) for given in person.consents),
        chance.choice(clinic.practitioners),
        chance.choice(clinic.locations),
        chance.choice(clinic.types),
        start.strftime(words.moment),
        (start + timedelta(minutes=45)).strftime(words.moment) if chance.random() < 0.3 else "",
        words.statuses[_status(day, chance)],
        booked.strftime("%Y-%m-%dT%H:%M" if clinic.country == "IT" else words.moment),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _minute(chance: random.Random) -> int:
    """Of the day: mostly the working hours' halves; now and then early, late (visits by video) or at an odd time."""
    drawn = chance.random()
    if drawn < 0.04:
        return chance.choice((6 * 60, 7 * 60, 7 * 60 + 30))
    if drawn < 0.07:
        return chance.choice((21 * 60 + 30, 22 * 60, 23 * 60 + 30))
    if drawn < 0.12:
        return chance.randrange(8 * 60, 20 * 60, 5)
    return chance.randrange(8 * 60 + 30, 20 * 60, 30)


def _status(day: date, chance: random.Random) -> int:
    """Its place among the words: days gone by have ended one way or another."""
    if day < FORTNIGHT_BEGINS.date():
        return chance.choices((0, 2, 4, 5, 6), (1, 2, 1, 14, 2))[0]
    return chance.choices((0, 1, 2, 3), (74, 16, 7, 3))[0]


def make_file(clinic: AgendaClinic) -> bytes:
    """The bytes of a clinic's agenda."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=clinic.export.delimiter, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in make_rows(clinic):
        cells = list(row.values())
        writer.writerow(cells)
    return text.getvalue().encode(clinic.export.encoding)


def main() -> None:
    """Writes the files."""
    for clinic in CLINICS:
        clinic.file.write_bytes(make_file(clinic))


if __name__ == "__main__":
    main()
