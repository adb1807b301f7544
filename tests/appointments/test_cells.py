"""What cells mean: yes and no, channels, statuses, languages, times; and which are refused."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from appointments.importing.cells import BadCell, channel, email_address, language, line_of_text, status, yes_or_no
from appointments.importing.times import parse_time, to_moment


@pytest.mark.parametrize("text", ["1", "x", "X", "yes", "Sí", "si", "sim", "TRUE", "vero"])
def test_yes_in_four_languages(text: str) -> None:
    assert yes_or_no(text) is True


@pytest.mark.parametrize("text", ["0", "no", "NÃO", "nao", "false", "Falso"])
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
        (line_of_text(99), "=HYPERLINK(1)"),
        (parse_time, "20/01/2027 15:30"),
        (parse_time, "2027-01-20"),
        (parse_time, "2027-02-30 10:00"),
        (parse_time, "2027-01-20 25:00"),
        (parse_time, "0027-01-20 10:00"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_refused(reader: Callable[[str], Any], text: str) -> None:
    with pytest.raises(BadCell):
        reader(text)


@pytest.mark.parametrize("character", ["\r", "\n", "\0", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff"])
def test_a_name_with_a_control_character_is_refused(character: str) -> None:
    with pytest.raises(BadCell, match="no name or address may hold"):
        line_of_text(80)(f"X{character}Bcc: other@correo.example")


def test_a_name_loses_only_its_superfluous_spaces() -> None:
    assert line_of_text(80)("María  José\u00a0D'Angelo") == "María José D'Angelo"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-20 15:30", datetime(2027, 1, 20, 14, 30, tzinfo=UTC)),
        ("2027-01-20T15:30:00", datetime(2027, 1, 20, 14, 30, tzinfo=UTC)),
        ("2027-07-20 15:30", datetime(2027, 7, 20, 13, 30, tzinfo=UTC)),
        ("2027-01-20 15:30+00:00", datetime(2027, 1, 20, 15, 30, tzinfo=UTC)),
        ("2027-01-20T15:30Z", datetime(2027, 1, 20, 15, 30, tzinfo=UTC)),
        ("2027-01-20T15:30-0300", datetime(2027, 1, 20, 18, 30, tzinfo=UTC)),
        # 31 October 2027, 02:30, occurs twice in Madrid: the first, still in summer time
        ("2027-10-31 02:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_times_are_wall_times_of_the_place_unless_they_say_otherwise(text: str, moment: datetime) -> None:
    assert to_moment(parse_time(text), "Europe/Madrid") == moment


def test_a_wall_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(BadCell, match="the clocks of Europe/Madrid skip it"):
        to_moment(parse_time("2027-03-28 02:30"), "Europe/Madrid")
    there = to_moment(parse_time("2027-03-28 02:30"), "America/Sao_Paulo")
    assert there == datetime(2027, 3, 28, 5, 30, tzinfo=UTC)
