"""What does one cell say? Each kind of cell has its reader: text in, value out, or the reason why not. Pure.

Every reader gets the trimmed text of a cell that is not empty. A formula (`=HYPERLINK(…)`) is text like any other: it
is kept as it stands where a text may stand, and nothing here or later calculates it. Only the form `="00123"`, by which
spreadsheets keep a number from losing its zeros, is read as what it guards.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from appointments.importing.words import CHANNELS, NO, STATUSES, YES, plain
from clinics.plain_text import tidy, unsafe_character

Reader = Callable[[str], Any]


class BadCell(Exception):
    """The cell cannot be taken; the message is the reason, as the end of a sentence."""


_GUARDED = re.compile(r'="([^"]*)"')


def unguarded(cell: str) -> str:
    """The text of a cell, without spaces around it and without a spreadsheet's guard."""
    text = cell.strip(" \t\u00a0")
    match = _GUARDED.fullmatch(text)
    return (match[1] if match else text).strip(" \t\u00a0")


def line_of_text(longest: int) -> Reader:
    """A reader of one line of text with at most so many characters."""

    def read(text: str) -> str:
        if found := unsafe_character(text):
            raise BadCell(f"holds a character that no name or address may hold ({found})")
        text = tidy(text)
        if len(text) > longest:
            raise BadCell(f"is longer than {longest} characters")
        return text

    return read


def email_address(text: str) -> str:
    """One e-mail address, as typed."""
    address = str(line_of_text(254)(text))
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadCell("is not an e-mail address") from error
    return address


def yes_or_no(text: str) -> bool:
    """1/0, yes/no, true/false, on/off and their forms and initials in the four languages, x."""
    word = plain(text)
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadCell("is neither yes nor no")


def channel(text: str) -> str:
    """A channel, or `none`."""
    if (word := CHANNELS.get(plain(text))) is None:
        raise BadCell("is not a channel (email, sms, whatsapp, voice, none)")
    return str(word)


def status(text: str) -> str:
    """A status of an appointment."""
    if (word := STATUSES.get(plain(text))) is None:
        raise BadCell("is not a status (requested, scheduled, confirmed, arrived, completed, no_show, cancelled)")
    return str(word)


def language(text: str) -> str:
    """A language of the product; `pt`, `pt_BR` and `es-ES` are understood."""
    known = [code for code, _ in settings.LANGUAGES]
    wanted = text.strip().lower().replace("_", "-")
    base = wanted.partition("-")[0]
    for code in known:
        if wanted == code or base == code.partition("-")[0]:
            return code
    raise BadCell(f"is not a language of the product ({', '.join(known)})")
