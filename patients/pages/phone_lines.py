"""How does a form take a patient's numbers? As many lines as wanted, in their order, one of them for reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from clinics.plain_text import tidy, unsafe_character
from patients.models import LineType, Phone
from patients.phones import read_number
from patients.writing import PhonesWanted

#: Empty lines offered beside those that are filled.
SPARE = 2
#: A record with more is a mistake, or an attack.
MOST = 40
_LONGEST = 60


@dataclass(frozen=True)
class PhoneLine:
    """One line of the form."""

    index: int
    number: str
    for_reminders: bool
    #: What is known of the number: its kind of line, or that it cannot be read.
    note: str = ""
    warn: bool = False
    error: str = ""


def stored_lines(phones: Sequence[Phone]) -> list[PhoneLine]:
    """The lines of a record."""
    return [
        PhoneLine(index, phone.as_typed, phone.use_for_reminders, *_known(phone.e164, phone.line_type))
        for index, phone in enumerate(phones)
    ]


def typed_lines(data: Any, country: str, stored: Sequence[str]) -> list[PhoneLine]:
    """The lines that were sent, each with its error. A number that the record holds already may stay as it is, even if
    it cannot be read: an import brought it, and the reminders' gates name it."""
    chosen = data.get("for_reminders", "")
    return [
        PhoneLine(index, number, str(index) == chosen, error=_fault(number, country) if number not in stored else "")
        for index, number in enumerate(tidy(one) if not unsafe_character(one) else one for one in _numbers(data))
        if number
    ]


def wanted(lines: Sequence[PhoneLine]) -> PhonesWanted:
    """What the writer is asked for."""
    chosen = next((line.number for line in lines if line.for_reminders), None)
    return PhonesWanted([line.number for line in lines], chosen)


def with_spare(lines: Sequence[PhoneLine]) -> list[PhoneLine]:
    """The lines and some empty ones after them."""
    first = max((line.index for line in lines), default=-1) + 1
    return [*lines, *(PhoneLine(first + more, "", False) for more in range(SPARE))]


def phone_fault(number: str, country: str) -> str:
    """What is wrong with a number as typed; empty where it can be used."""
    return _fault(tidy(number) if not unsafe_character(number) else number, country)


def _numbers(data: Any) -> list[str]:
    return [str(one).strip() for one in data.getlist("phone")[:MOST]]


def _fault(number: str, country: str) -> str:
    if found := unsafe_character(number):
        return _("Contains a character that may not stand here (%s).") % found
    if len(number) > _LONGEST:
        return _("This is too long for a phone number.")
    if not read_number(number, country).e164:
        return _("Not a valid phone number. Is the area code missing, or the country code (as +34)?")
    return ""


def _known(e164: str, line_type: str) -> tuple[str, bool]:
    if not e164:
        return _("cannot be read as a phone number"), True
    if line_type == LineType.FIXED:
        return _("landline: no SMS"), True
    return (_("mobile"), False) if line_type == LineType.MOBILE else ("", False)
