"""Who are the patients of a generated agenda? Families, shared phones and addresses, consents of all kinds."""

import random
import unicodedata
from dataclasses import dataclass

from tests.data.clinics import AgendaClinic

#: Share of patients who …
_FAMILY, _IN_BOTH_CLINICS, _NO_MAIL, _CAPITALS = 0.18, 0.03, 0.06, 0.06
#: Consents, in the order of the columns: default notifications, data protection, e-mail, SMS.
_GIVEN = (0.93, 0.96, 0.88, 0.8)


@dataclass(frozen=True)
class Person:
    """A patient as the old system holds him; the consents in the order of the columns."""

    ref: str
    first_name: str
    last_name: str
    email: str
    phones: tuple[str, str]
    for_reminders: str
    consents: tuple[bool, ...]


def make_people(clinic: AgendaClinic, count: int, chance: random.Random) -> list[Person]:
    """So many patients; some live together, and share phone and address."""
    people: list[Person] = []
    for number in range(count):
        relative = people[-1] if people and chance.random() < _FAMILY else None
        people.append(_person(clinic, number, relative, chance))
    return people


def _person(clinic: AgendaClinic, number: int, relative: Person | None, chance: random.Random) -> Person:
    first = chance.choice(clinic.first_names.split())
    last = relative.last_name if relative else _last_name(clinic, chance)
    email, phones = (relative.email, relative.phones) if relative else _contact(clinic, number, (first, last), chance)
    if chance.random() < _CAPITALS:
        first, last = first.upper(), last.upper()
    if number % 97 == 41:  # somebody tried what the form would do with it
        first = f'=HYPERLINK("http://bad.example/{number}","{first}")'
    return Person(
        ref=f"{clinic.country}{number + 1:05d}",
        first_name=first,
        last_name=last,
        email=email,
        phones=phones,
        for_reminders=chance.choice(("", "", "", "1", "2")) if phones[1] else "",
        consents=tuple(chance.random() < share for share in _GIVEN),
    )


def _last_name(clinic: AgendaClinic, chance: random.Random) -> str:
    names = clinic.last_names.split()
    return f"{chance.choice(names)} {chance.choice(names)}" if clinic.country != "IT" else chance.choice(names)


def _contact(
    clinic: AgendaClinic, number: int, name: tuple[str, str], chance: random.Random
) -> tuple[str, tuple[str, str]]:
    mobile = digits(chance.choice(clinic.phones.mobile), chance)
    fixed = digits(clinic.phones.fixed, chance)
    drawn = chance.random()
    if drawn < 0.62:
        phones = (mobile, "")
    elif drawn < 0.76:
        phones = (fixed, mobile)
    elif drawn < 0.84:
        phones = (fixed, "")
    elif drawn < 0.9:
        phones = (digits(clinic.phones.short, chance), "")
    elif drawn < 0.93:
        phones = (f'="{mobile}"', "")  # a spreadsheet's guard around a number
    elif drawn < 0.95:
        phones = ("+44 7700 900" + digits("NNN", chance), "")
    else:
        phones = ("", "")
    return _address(clinic, number, name, chance), phones


def _address(clinic: AgendaClinic, number: int, name: tuple[str, str], chance: random.Random) -> str:
    drawn = chance.random()
    if drawn < _NO_MAIL:
        return ""
    if drawn < _NO_MAIL + _IN_BOTH_CLINICS:  # the same addresses in every clinic of this agenda
        return f"viajero{chance.randrange(12)}@correo.example"
    bare = "".join(c for c in unicodedata.normalize("NFD", ".".join(name)) if c.isascii() and (c.isalnum() or c == "."))
    address = f"{bare}{number}@{clinic.mail_host}"
    return address if chance.random() < 0.1 else address.lower()


def digits(pattern: str, chance: random.Random) -> str:
    """The pattern with a digit for every N."""
    return "".join(str(chance.randrange(10)) if c == "N" else c for c in pattern)
