"""Which characters may stand in a name, an address or a subject? Pure.

A line break in a name is how a mail header is forged (`X` + CR LF + `Bcc: …`), and controls of writing direction make
one text look like another: both are refused where the text comes in, never where it goes out.
"""

import unicodedata

#: Marks, embeddings, overrides and isolates of the bidirectional algorithm (Unicode UAX #9, section 2), and the byte
#: order mark, which nobody sees either.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
#: Controls (CR, LF, NUL, U+0085 …), line and paragraph separators, lone surrogates.
_REFUSED_CATEGORIES = frozenset({"Cc", "Zl", "Zp", "Cs"})


def unsafe_character(text: str) -> str | None:
    """The first character of a one-line text that may not stand in it, as `U+000D`; None where all is well."""
    for character in text:
        if character in _DIRECTION or unicodedata.category(character) in _REFUSED_CATEGORIES:
            return f"U+{ord(character):04X}"
    return None


def tidy(text: str) -> str:
    """The same text with single spaces, none at its ends, and accents in one form (NFC). Refuses nothing."""
    return unicodedata.normalize("NFC", " ".join(text.split()))
