"""How many SMS a text costs. The tables here are typed from the standard, not from the module."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from messaging.segments import Encoding, cheapened, count, dear_characters, replacement

#: 3GPP TS 23.038, 6.2.1: the 127 characters of the default alphabet, by the standard's columns.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå" "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ" " !\"#¤%&'()*+,-./" "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO" "PQRSTUVWXYZÄÖÑÜ§" "¿abcdefghijklmno" "pqrstuvwxyzäöñüà"
)  # fmt: skip
EXTENDED = "\f^{}\\[~]|€"


@pytest.mark.feature("X2", 105)
@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments", "room"),
    [
        ("", Encoding.GSM7, 0, 0, 160),
        ("a" * 160, Encoding.GSM7, 160, 1, 0),
        ("a" * 161, Encoding.GSM7, 161, 2, 145),
        ("a" * 306, Encoding.GSM7, 306, 2, 0),
        ("a" * 307, Encoding.GSM7, 307, 3, 152),
        ("€" * 80, Encoding.GSM7, 160, 1, 0),
        ("€" * 81, Encoding.GSM7, 162, 2, 143),
        # 152 + the two of € do not fit into 153: the sign moves whole to the second part.
        ("a" * 152 + "€" + "a" * 10, Encoding.GSM7, 164, 2, 141),
        ("á" * 70, Encoding.UCS2, 70, 1, 0),
        ("á" + "a" * 70, Encoding.UCS2, 71, 2, 63),
        ("á" * 134, Encoding.UCS2, 134, 2, 0),
        ("á" * 135, Encoding.UCS2, 135, 3, 66),
        # A pair of surrogates is two units, and is not cut in two.
        ("😀" * 35, Encoding.UCS2, 70, 1, 0),
        ("a" * 66 + "😀" + "a" * 3, Encoding.UCS2, 71, 2, 62),
    ],
)
def test_what_a_text_costs(text: str, encoding: Encoding, units: int, segments: int, room: int) -> None:
    counted = count(text)
    assert (counted.encoding, counted.units, counted.segments, counted.room) == (encoding, units, segments, room)


@pytest.mark.feature("X2")
def test_spanish_and_portuguese_vowels_with_an_acute_or_a_tilde_are_dear_and_these_are_not() -> None:
    assert count("éñüàèìòùÉÑÜ¿¡").encoding is Encoding.GSM7
    assert [one.character for one in dear_characters("áíóúãõçêâ“”…–ªº")] == list("áíóúãõçêâ“”…–ªº")


@pytest.mark.feature("X2")
def test_the_guilty_characters_are_named_once_each_with_what_could_stand_there() -> None:
    named = [(one.character, one.count, one.instead) for one in dear_characters("“Día y día” … ☎")]
    assert named == [("“", 1, '"'), ("í", 2, "i"), ("”", 1, '"'), ("…", 1, "..."), ("☎", 1, "")]
    assert cheapened("“Día” ☎") == '"Dia" ☎'


@given(some.text(alphabet=BASIC + EXTENDED))
def test_the_alphabet_of_the_standard_never_forces_ucs2(text: str) -> None:
    counted = count(text)
    assert counted.encoding is Encoding.GSM7 and counted.dear == ()
    assert counted.units == len(text) + sum(character in EXTENDED for character in text)


@given(some.characters(exclude_characters=BASIC + EXTENDED, exclude_categories=["Cs"]))
def test_any_other_character_does(character: str) -> None:
    counted = count("hola " + character)
    assert counted.encoding is Encoding.UCS2
    assert counted.units == len(("hola " + character).encode("utf-16-be")) // 2
    assert count(replacement(character)).encoding is Encoding.GSM7


@given(some.text(max_size=700), some.text(max_size=20))
def test_more_text_never_costs_less_and_parts_hold_what_they_hold(text: str, more: str) -> None:
    short, long = count(text), count(text + more)
    assert long.segments >= short.segments and long.units >= short.units
    part = 153 if short.encoding is Encoding.GSM7 else 67
    assert 0 <= short.room <= (160 if short.segments < 2 else part)
    if short.segments > 1:
        assert short.units <= short.segments * part - short.room
        assert short.units > (short.segments - 1) * (part - 1)
