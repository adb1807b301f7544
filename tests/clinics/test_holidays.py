"""Which days are closed: the calendar of country and region, and over it what the clinic says itself."""

from datetime import date

import pytest

from clinics.holidays import OwnDays, closed_around, closed_days, is_known, public_holidays, regions
from clinics.models import Clinic, Location

NOBODY = OwnDays({})
EPIPHANY, CONSTITUTION, ORDINARY = date(2027, 1, 6), date(2027, 12, 6), date(2027, 1, 7)


def clinic(country: str = "ES", region: str = "MD", public: bool = True) -> Clinic:
    return Clinic(country=country, region=region, public_holidays=public)


def in_2027(of: Clinic, location: Location | None = None, own: OwnDays = NOBODY) -> frozenset[date]:
    return closed_days(of, location, own, date(2027, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("country", "region", "day", "held"),
    [
        ("ES", "", date(2027, 1, 6), True),
        ("ES", "", date(2027, 5, 2), False),
        ("ES", "MD", date(2026, 5, 2), True),  # Madrid's own day
        ("ES", "CT", date(2027, 9, 11), True),
        ("ES", "MD", date(2027, 9, 11), False),
        ("IT", "MI", date(2027, 12, 7), True),  # Sant'Ambrogio, Milan alone
        ("IT", "RM", date(2027, 12, 7), False),
        ("IT", "", date(2027, 3, 29), True),  # Easter Monday
        ("BR", "SP", date(2027, 7, 9), True),
        ("BR", "RJ", date(2027, 7, 9), False),
        ("BR", "São Paulo Capital", date(2027, 1, 25), True),
        ("PT", "", date(2027, 4, 25), True),
    ],
)
def test_country_and_region_have_their_own_holidays(country: str, region: str, day: date, held: bool) -> None:
    assert (day in public_holidays(country, region, day.year)) is held


@pytest.mark.parametrize("country", ["", "XX", "es", "E", "ESP", "HolidayBase", "country_holidays", "__name__", "é!"])
def test_a_country_that_is_not_known_has_no_holidays_and_is_no_error(country: str) -> None:
    assert not is_known(country) and not regions(country)
    assert public_holidays(country, "MD", 2027) == {} and in_2027(clinic(country)) == frozenset()


@pytest.mark.parametrize("region", ["QQ", "md", "' OR 1", "MI"])
def test_a_region_that_is_not_known_keeps_the_holidays_of_its_country(region: str) -> None:
    assert public_holidays("ES", region, 2027) == public_holidays("ES", "", 2027) != {}


@pytest.mark.parametrize("year", [1, 1500, 9999])
def test_years_of_which_nothing_is_known_have_no_holidays(year: int) -> None:
    assert public_holidays("ES", "MD", year) == {}
    assert isinstance(closed_around(clinic(), None, NOBODY, year), frozenset)


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [
        ("ES", "es", "Epifanía del Señor"),
        ("ES", "en", "Epiphany"),
        ("ES", "it", "Epifanía del Señor"),  # not translated: as people say it there
        ("ES", "", "Epifanía del Señor"),
        ("IT", "it", "Epifania"),
        ("BR", "pt-br", "Confraternização Universal"),
        ("BR", "en", "Universal Fraternization Day"),
    ],
)
def test_holidays_are_named_in_the_readers_language_or_the_countrys(
    country: str, language: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "uk")  # the machine's own has no say
    assert name in public_holidays(country, "", 2027, language).values()


def test_regions_are_offered_by_name_with_their_accents() -> None:
    assert regions("ES")["MD"] == "Madrid" and regions("ES")["CT"] == "Cataluña" and regions("BR")["SP"] == "São Paulo"
    assert list(regions("PT").values())[6] == "Évora"


def test_every_region_fits_its_column() -> None:
    longest = Clinic._meta.get_field("region").max_length
    assert all(len(code) <= (longest or 0) for country in ("ES", "IT", "BR", "PT", "CH") for code in regions(country))


@pytest.mark.feature("B6")
def test_what_the_clinic_says_beats_the_calendar_and_a_places_word_beats_the_clinics() -> None:
    here, there = Location(pk=1), Location(pk=2)
    own = OwnDays(
        {
            None: {EPIPHANY: False, ORDINARY: True},
            1: {ORDINARY: False, CONSTITUTION: False},
            2: {EPIPHANY: True},
        }
    )
    said = {place: in_2027(clinic(), place, own) & {EPIPHANY, ORDINARY, CONSTITUTION} for place in (None, here, there)}
    assert said == {None: {ORDINARY, CONSTITUTION}, here: set(), there: {EPIPHANY, ORDINARY, CONSTITUTION}}


def test_a_clinic_that_works_on_holidays_is_closed_on_its_own_days_alone() -> None:
    own = OwnDays({None: {ORDINARY: True}})
    assert in_2027(clinic(public=False), own=own) == {ORDINARY}


def test_a_place_in_another_region_keeps_that_ones_holidays() -> None:
    barcelona = Location(pk=1, region="CT")
    assert date(2027, 9, 11) in in_2027(clinic(), barcelona) and date(2027, 9, 11) not in in_2027(clinic())
    assert in_2027(clinic(), Location(pk=2, region="")) == in_2027(clinic())


def test_days_outside_what_is_asked_for_are_left_out() -> None:
    assert closed_days(clinic(), None, NOBODY, EPIPHANY, EPIPHANY) == {EPIPHANY}
    assert closed_days(clinic(), None, NOBODY, ORDINARY, date(2027, 1, 8)) == frozenset()


def test_a_year_takes_in_three_before_and_one_after() -> None:
    years = {day.year for day in closed_around(clinic(), None, NOBODY, 2027)}
    assert years == {2024, 2025, 2026, 2027, 2028}
