"""Which fields may a wording use, and what becomes of them? Pure; one pass, values are never looked at again."""

import re
from collections.abc import Mapping

#: The fields, as they stand in a wording between brackets.
KNOWN = (
    "APPOINTMENT",
    "CLIENTFIRSTNAME",
    "CLINICIAN",
    "CLINICIANPHONE",
    "APPOINTMENTTYPE",
    "LOCATION",
    "LOCATIONADDRESS",
    "CLINIC",
    "CLINICPHONE",
)
_FIELD = re.compile(r"\[([A-Z]+)\]")


def used(text: str) -> list[str]:
    """The known fields that a wording uses, each once, in their order."""
    return list(dict.fromkeys(name for name in _FIELD.findall(text) if name in KNOWN))


def missing(text: str, values: Mapping[str, str]) -> list[str]:
    """The fields that the wording uses and that have no value."""
    return [name for name in used(text) if not values.get(name)]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The wording with its known fields replaced, in a single pass: a value that looks like a field stays as it is."""
    return _FIELD.sub(lambda found: values.get(found[1], "") if found[1] in KNOWN else found[0], text)
