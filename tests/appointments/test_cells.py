"""What cells mean: yes and no, channels, statuses, languages, texts; and which are refused."""

from collections.abc import Callable
from typing import Any

import pytest

from appointments.importing.cells import (
    BadCell,
    channel,
    email_address,
    language,
    line_of_text,
    status,
    unguarded,
    yes_or_no,
)


@pytest.mark.parametrize("text", ["1", "x", "X", "yes", "Sí", "sì", "sim", "TRUE", "vero", "V", "Verdadeiro", "on"])
def test_yes_in_four_languages(text: str) -> None:
    assert yes_or_no(text) is True


@pytest.mark.parametrize("text", ["0", "no", "N", "NÃO", "nao", "false", "Falso", "F", "off"])
def test_no_in_four_languages(text: str) -> None:
    assert yes_or_no(text) is False


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Programada", "scheduled"),
        ("no asistió", "no_show"),
        ("NO-SHOW", "no_show"),
        ("no_show", "no_show"),
        ("annullato", "cancelled"),
        ("não compareceu", "no_show"),
        ("Confirmada", "confirmed"),
    ],
)
def test_statuses_in_four_languages(text: str, meaning: str) -> None:
    assert status(text) == meaning


@pytest.mark.parametrize(
    ("text", "code"), [("es", "es"), ("ES-es", "es"), ("pt_BR", "pt-br"), ("pt", "pt-br"), ("en-GB", "en")]
)
def test_languages_are_recognised_with_and_without_their_region(text: str, code: str) -> None:
    assert language(text) == code


def test_channels_and_none_are_preferred_channels() -> None:
    assert [channel(text) for text in ("E-Mail", "correo", "WhatsApp", "ninguno")] == [
        "email",
        "email",
        "whatsapp",
        "none",
    ]


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (yes_or_no, "maybe"),
        (status, "perdida en el espacio"),
        (language, "de"),
        (channel, "fax"),
        (email_address, "nuria@"),
        (email_address, "a@b.example; c@d.example"),
        (email_address, "nuria@correo.example\r\nBcc: other@correo.example"),
        (line_of_text(10), "longer than ten"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_refused(reader: Callable[[str], Any], text: str) -> None:
    with pytest.raises(BadCell):
        reader(text)


def test_a_formula_is_text_and_a_guarded_number_is_what_it_guards() -> None:
    formula = '=HYPERLINK("http://evil.example";"Ana")'
    assert line_of_text(80)(unguarded(formula)) == formula
    assert unguarded(' ="0034 600 000 101" ') == "0034 600 000 101"


@pytest.mark.parametrize("character", ["\r", "\n", "\0", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff"])
def test_a_name_with_a_control_character_is_refused(character: str) -> None:
    with pytest.raises(BadCell, match="no name or address may hold"):
        line_of_text(80)(f"X{character}Bcc: other@correo.example")


def test_a_name_loses_only_its_superfluous_spaces() -> None:
    assert line_of_text(80)("María  José\u00a0D'Angelo") == "María José D'Angelo"
