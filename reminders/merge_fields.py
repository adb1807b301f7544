"""Which fields may a wording hold, and how are they filled? Pure.

A field is `[NAME]`, in capitals. Filling is one pass: what a value holds is never looked at again, so a patient named
`[CLINICPHONE]` stays that. Anything in brackets that looks like a field and is none is found when a wording is
saved, never sent.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

#: What each field stands for is listed here once; `reminders.compose` gives the values.
KNOWN = (
    "APPOINTMENT",  # date and time in words, in the patient's language and the place's zone
    "CLIENTFIRSTNAME",
    "CLINICIAN",
    "CLINICIANPHONE",
    "APPOINTMENTTYPE",
    "LOCATION",
    "LOCATIONADDRESS",
    "CLINIC",
    "CLINICPHONE",
)
_FIELD = re.compile(r"\[(" + "|".join(KNOWN) + r")\]")
#: Brackets of any kind that a person may have meant as a field: [name], [ NAME ], {{ NAME }}, <NAME>, and one that is
#: never closed.
_SQUARE = re.compile(r"\[([^\[\]\n]*)\]?")
_OTHER_BRACKETS = re.compile(r"(?:\{\{?|<|%|\()\s*(" + "|".join(KNOWN) + r")\s*(?:\}\}?|>|%|\))", re.IGNORECASE)


class FieldWithoutValue(ValueError):
    """A text cannot be filled: a field that it holds has no value."""


@dataclass(frozen=True)
class UnknownField:
    """Something that looks like a field and is none, as it stands in the text; `nearest` is a field's name or None."""

    written: str
    nearest: str | None


@lru_cache(maxsize=1024)
def used(text: str) -> tuple[str, ...]:
    """The fields of a text, each once, in their order."""
    return tuple(dict.fromkeys(_FIELD.findall(text)))


def find_unknown(text: str) -> list[UnknownField]:
    """Everything in the text that looks like a field and is none."""
    found = []
    for match in _SQUARE.finditer(text):
        inside = match[1]
        closed = match[0].endswith("]")
        if closed and inside in KNOWN:
            continue
        first_word = _plain(inside.split()[0]) if inside.split() else ""
        if closed and any(character.isalpha() for character in inside):
            found.append((match.start(), UnknownField(match[0], _nearest(inside))))
        elif not closed and first_word in KNOWN:
            found.append((match.start(), UnknownField(f"[{inside.split()[0]}", first_word)))
    for match in _OTHER_BRACKETS.finditer(text):
        found.append((match.start(), UnknownField(match[0], match[1].upper())))
    return [unknown for _, unknown in sorted(found, key=lambda item: item[0])]


def missing(text: str, values: Mapping[str, str]) -> list[str]:
    """The fields of the text that have no value, or an empty one."""
    return [name for name in used(text) if not values.get(name, "").strip()]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled, in one pass. Raises FieldWithoutValue: a message with a hole is never sent."""
    if without := missing(text, values):
        raise FieldWithoutValue(", ".join(without))
    return _FIELD.sub(lambda match: values[match[1]], text)


def _nearest(inside: str) -> str | None:
    """The field whose name is most like it; localised names that clinics know from other products among them."""
    name = _plain(inside)
    if name in _ALIASES:
        return _ALIASES[name]
    close = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.6)
    return close[0] if close else None


def _plain(text: str) -> str:
    """Capitals, no accents, letters and digits only."""
    decomposed = unicodedata.normalize("NFD", text.upper())
    return "".join(c for c in decomposed if c.isalnum() and not unicodedata.combining(c))


#: Names by which other products, or people, call the same thing, without accents.
_ALIASES = {
    "UBICACION": "LOCATION",
    "UBICAZIONE": "LOCATION",
    "LOCAL": "LOCATION",
    "SEDE": "LOCATION",
    "DIRECCION": "LOCATIONADDRESS",
    "INDIRIZZO": "LOCATIONADDRESS",
    "ENDERECO": "LOCATIONADDRESS",
    "CITA": "APPOINTMENT",
    "APPUNTAMENTO": "APPOINTMENT",
    "CONSULTA": "APPOINTMENT",
    "DATE": "APPOINTMENT",
    "FECHA": "APPOINTMENT",
    "DATA": "APPOINTMENT",
    "NOMBRE": "CLIENTFIRSTNAME",
    "NOME": "CLIENTFIRSTNAME",
    "NAME": "CLIENTFIRSTNAME",
    "FIRSTNAME": "CLIENTFIRSTNAME",
    "CLINICA": "CLINIC",
    "TELEFONO": "CLINICPHONE",
    "TELEFONE": "CLINICPHONE",
    "PHONE": "CLINICPHONE",
}
