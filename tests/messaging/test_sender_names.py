"""Which names may stand as the sender of an SMS."""

import pytest

from messaging.sender_names import Reason, check_name


def refused(name: str, country: str = "ES") -> list[Reason]:
    return [reason for reason, _ in check_name(name, country).refused]


def warned(name: str, country: str = "PT") -> list[Reason]:
    return [reason for reason, _ in check_name(name, country).warnings]


@pytest.mark.feature(72)
@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("SolDental", []),
        ("Dra E Ruiz", []),
        ("Sol-Dental1", []),
        ("ClinicaSol12", [Reason.TOO_LONG]),
        ("12345", [Reason.NO_LETTER]),
        ("Clínica", [Reason.CHARACTER]),
        ("Sol.Dental", [Reason.CHARACTER]),
        ("So", [Reason.TOO_SHORT]),
    ],
)
def test_a_name_has_eleven_permitted_characters_and_a_letter(name: str, reasons: list[Reason]) -> None:
    assert refused(name) == reasons


@pytest.mark.feature("X13")
def test_each_country_has_its_own_rules() -> None:
    assert refused("So", "ES") == [Reason.TOO_SHORT] and refused("So", "IT") == []
    assert check_name("SolDental", "ES").warnings == ((Reason.REGISTER, "CNMC"),)
    assert check_name("SolDental", "IT").warnings == ((Reason.REGISTER, "AGCOM"),)
    assert warned("SolDental", "BR") == [Reason.REPLACED]
    assert warned("SolDental", "PT") == warned("SolDental", "DE") == []


@pytest.mark.feature(74)
@pytest.mark.parametrize("name", ["INFO", "Clinica", "SMS info", "Reminder"])
def test_a_name_that_says_nothing_gets_a_warning(name: str) -> None:
    assert warned(name) == [Reason.GENERIC]


@pytest.mark.feature(74)
@pytest.mark.parametrize("name", ["Rossi", "Dr Rossi", "Dra Garcia", "DOTT ROSSI", "Silva"])
def test_a_common_surname_alone_or_with_a_title_gets_a_warning(name: str) -> None:
    assert warned(name) == [Reason.COMMON_NAME]


@pytest.mark.feature(73)
@pytest.mark.parametrize("name", ["Paolo Rossi", "Sol Dental", "StudioAuror", "Dr P Rossi"])
def test_a_persons_or_practices_own_name_gets_none(name: str) -> None:
    assert warned(name) == []
