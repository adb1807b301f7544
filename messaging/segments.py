"""How many SMS does a text cost, and which characters make it dearer? Pure.

One SMS carries 160 characters of the GSM 7-bit default alphabet, or 70 of UCS-2 as soon as a single character is not
in that alphabet; a longer text is cut into parts of 153 or 67, as each part then carries a header of six octets.
Characters of the extension table count twice and are never cut in two; neither are surrogate pairs.

Tables: 3GPP TS 23.038 (formerly GSM 03.38), sections 6.2.1 and 6.2.1.1
(https://www.3gpp.org/dynareport/23038.htm); parts: 3GPP TS 23.040, 9.2.3.24.1. Twilio counts alike:
https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

#: The default alphabet, row by row of the standard's table, without the escape character.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: The extension table: an escape goes before each, so it counts twice.
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")


class Encoding(StrEnum):
    """How a text travels."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


_SINGLE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_PART = {Encoding.GSM7: 153, Encoding.UCS2: 67}


@dataclass(frozen=True)
class Dear:
    """A character that forces UCS-2, how often it stands in the text, and what could stand there instead ("" where
    nothing is at hand)."""

    character: str
    count: int
    instead: str


@dataclass(frozen=True)
class Count:
    """What a text costs. `units` are septets in GSM-7 and 16-bit units in UCS-2; `room` is how many of them are left
    in the last part."""

    encoding: Encoding
    units: int
    segments: int
    room: int
    dear: tuple[Dear, ...]


def count(text: str) -> Count:
    """Counts a text as it would be sent."""
    dear = dear_characters(text)
    encoding = Encoding.UCS2 if dear else Encoding.GSM7
    sizes = [_size(character, encoding) for character in text]
    units = sum(sizes)
    if units <= _SINGLE[encoding]:
        return Count(encoding, units, 1 if text else 0, _SINGLE[encoding] - units, dear)
    segments, used = _parts(sizes, _PART[encoding])
    return Count(encoding, units, segments, _PART[encoding] - used, dear)


def dear_characters(text: str) -> tuple[Dear, ...]:
    """The characters that force UCS-2, each once, in their order."""
    outside = [character for character in text if character not in GSM_BASIC and character not in GSM_EXTENDED]
    return tuple(
        Dear(character, outside.count(character), replacement(character)) for character in dict.fromkeys(outside)
    )


def replacement(character: str) -> str:
    """What of the alphabet could stand for a character: a plain letter for an accented one, straight quotes for curly
    ones; "" where nothing fits."""
    if character in _INSTEAD:
        return _INSTEAD[character]
    plain = "".join(one for one in unicodedata.normalize("NFKD", character) if not unicodedata.combining(one))
    return plain if plain and all(one in GSM_BASIC for one in plain) else ""


def cheapened(text: str) -> str:
    """The text with every replaceable character replaced."""
    return "".join(replacement(one) or one if one not in GSM_BASIC | GSM_EXTENDED else one for one in text)


def _size(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.UCS2:
        return 2 if ord(character) > 0xFFFF else 1
    return 2 if character in GSM_EXTENDED else 1


def _parts(sizes: Iterable[int], limit: int) -> tuple[int, int]:
    """How many parts, and the units used in the last."""
    parts, used = 1, 0
    for size in sizes:
        if used + size > limit:
            parts, used = parts + 1, 0
        used += size
    return parts, used


_INSTEAD = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"',
    "\u00bb": '"', "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2026": "...", "\u00a0": " ", "\u202f": " ",
    "\u2009": " ", "\t": " ", "\u00ba": "o", "\u00aa": "a", "\u00b7": "-", "\u2022": "-", "`": "'", "\u00b4": "'",
    "\u00e7": "c", "\u2192": "->", "\u2122": "TM", "\u00a9": "(c)",
}  # fmt: skip
