"""Fields are filled in one pass, and what only looks like one is found before it could be sent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reminders.merge_fields import KNOWN, FieldWithoutValue, UnknownField, fill, find_unknown, missing, used

NAMES = st.sampled_from(KNOWN)
VALUES = st.fixed_dictionaries({name: st.text(min_size=1).filter(str.strip) for name in KNOWN})
#: Values that are themselves fields, and halves that would become one if they were looked at again.
SLY = st.sampled_from(["[CLINIC]", "[CLIN", "IC]", "[[CLINIC]]"])
SLY_VALUES = st.fixed_dictionaries(dict.fromkeys(KNOWN, SLY))
PLAIN = st.text(alphabet=st.characters(exclude_characters="[]"))


@settings(deadline=None)
@given(st.lists(st.tuples(PLAIN, NAMES)), PLAIN, VALUES | SLY_VALUES)
def test_every_field_becomes_its_value_and_all_else_stays(
    parts: list[tuple[str, str]], end: str, values: dict[str, str]
) -> None:
    text = "".join(f"{plain}[{name}]" for plain, name in parts) + end
    assert fill(text, values) == "".join(plain + values[name] for plain, name in parts) + end


@settings(deadline=None)
@given(st.text(), VALUES)
def test_a_text_without_fields_stays_as_it_is(text: str, values: dict[str, str]) -> None:
    if not used(text):
        assert fill(text, values) == text


@settings(deadline=None)
@given(st.text(alphabet="[]CLINPHOEc \n", max_size=30), VALUES)
def test_a_text_in_which_nothing_is_unknown_leaves_no_bracketed_word(text: str, values: dict[str, str]) -> None:
    if not find_unknown(text):
        blank = fill(text, dict.fromkeys(KNOWN, "-"))
        assert not any("[" + name in blank for name in KNOWN)


@settings(deadline=None)
@given(st.lists(NAMES), st.sets(NAMES), VALUES)
def test_what_is_missing_is_named_once_and_never_sent_as_a_hole(
    names: list[str], empty: set[str], values: dict[str, str]
) -> None:
    text = " ".join(f"[{name}]" for name in names)
    values = values | dict.fromkeys(empty, " ")
    expected = list(dict.fromkeys(name for name in names if name in empty))
    assert missing(text, values) == expected
    if expected:
        with pytest.raises(FieldWithoutValue):
            fill(text, values)


@pytest.mark.feature(103)
@pytest.mark.parametrize(
    ("text", "written", "nearest"),
    [
        ("Hola [clientfirstname]", "[clientfirstname]", "CLIENTFIRSTNAME"),
        ("Hola [CLIENTFIRSTNAM]", "[CLIENTFIRSTNAM]", "CLIENTFIRSTNAME"),
        ("En [UBICACIÓN]", "[UBICACIÓN]", "LOCATION"),
        ("En [ LOCATION ]", "[ LOCATION ]", "LOCATION"),
        ("En [LOCATION_ADDRESS]", "[LOCATION_ADDRESS]", "LOCATIONADDRESS"),
        ("[NUTRITIONIXLINK]", "[NUTRITIONIXLINK]", None),
        ("{{ clinic }}", "{{ clinic }}", "CLINIC"),
        ("<CLINICPHONE>", "<CLINICPHONE>", "CLINICPHONE"),
        ("En [LOCATION, llame", "[LOCATION,", "LOCATION"),
    ],
)
def test_what_only_looks_like_a_field_is_found_with_the_nearest_name(
    text: str, written: str, nearest: str | None
) -> None:
    assert find_unknown(text) == [UnknownField(written, nearest)]


@pytest.mark.parametrize("text", ["Planta [2]", "[APPOINTMENT]", "a [ b", "(la clínica)", "[]"])
def test_brackets_that_nobody_meant_as_a_field_are_left_alone(text: str) -> None:
    assert find_unknown(text) == []
