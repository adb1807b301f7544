"""What is this phone number? As typed, in E.164 by the clinic's country, and which kind of line. Pure.

Facts come from Google's libphonenumber (https://github.com/google/libphonenumber): a number that it does not hold
valid keeps an empty E.164, and the reminder's gates name it; nothing is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from patients.models import LineType

_LINES = {PhoneNumberType.MOBILE: LineType.MOBILE, PhoneNumberType.FIXED_LINE: LineType.FIXED}


@dataclass(frozen=True)
class ReadNumber:
    """A number as it was read. `e164` is empty where it is not a valid one."""

    as_typed: str
    e164: str
    line_type: str


@lru_cache(maxsize=4096)
def read_number(as_typed: str, country: str) -> ReadNumber:
    """Reads one number; `country` (ISO 3166-1 alpha-2) is assumed where it has no country code of its own."""
    try:
        number = phonenumbers.parse(as_typed, country)
    except phonenumbers.NumberParseException:
        return ReadNumber(as_typed, "", LineType.UNKNOWN.value)
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:  # what is_valid_number looks at too: no plan of the country has this number
        return ReadNumber(as_typed, "", LineType.UNKNOWN.value)
    line = _LINES.get(kind, LineType.UNKNOWN)
    return ReadNumber(as_typed, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), line.value)


def same_number(one: ReadNumber, other: ReadNumber) -> bool:
    """Whether both are the same number; unreadable ones are compared by their digits."""
    if one.e164 or other.e164:
        return one.e164 == other.e164
    return _digits(one.as_typed) == _digits(other.as_typed)


def without_repeats(numbers: Sequence[ReadNumber]) -> list[ReadNumber]:
    """The numbers in their order, each once."""
    kept: list[ReadNumber] = []
    for number in numbers:
        if not any(same_number(number, other) for other in kept):
            kept.append(number)
    return kept


def choose_for_reminders(numbers: Sequence[ReadNumber], marked: ReadNumber | None) -> int | None:
    """Which number is used for reminders: the marked one where it is among them, else the first mobile, else the first.

    Gives its index; None without numbers.
    """
    if not numbers:
        return None
    if marked is not None:
        for index, number in enumerate(numbers):
            if same_number(number, marked):
                return index
    mobiles = (index for index, number in enumerate(numbers) if number.line_type == LineType.MOBILE.value)
    return next(mobiles, 0)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit()) or text
