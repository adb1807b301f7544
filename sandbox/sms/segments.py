"""How many segments does a text take on its way to a phone? By GSM 03.38 and UCS-2, as Twilio bills them."""

from __future__ import annotations

from collections.abc import Iterable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a letter: two places each
_GSM, _GSM_PART = 160, 153  # places in a single segment, and in each of several (a header takes the rest)
_UCS2, _UCS2_PART = 70, 67


def count_segments(text: str) -> int:
    """The number of segments, at least 1."""
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        return _parts([2 if letter in _EXTENDED else 1 for letter in text], _GSM, _GSM_PART)
    return _parts([2 if ord(letter) > 0xFFFF else 1 for letter in text], _UCS2, _UCS2_PART)


def _parts(sizes: Iterable[int], single: int, part: int) -> int:
    """A letter of two places is never cut in two."""
    sizes = list(sizes)
    if sum(sizes) <= single:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
