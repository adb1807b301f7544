"""One writer of patients: only what differs, each change of a consent kept, numbers read and one of them chosen."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DataError, transaction

from clinics.scope import in_clinic
from patients.models import ConsentEvent, Patient, Phone
from patients.phones import read_number
from patients.writing import PatientChange, PhonesWanted, Said, UnsafeText, write_patients
from tests.world import NOW, World

SAID = Said(at=NOW, how="page", wording="Acepto")


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    """The test clinic, its scope open."""
    with in_clinic(world.clinic.pk):
        yield world


def write(world: World, patient: Patient | None, phones: PhonesWanted | None = None, **fields: Any) -> Patient:
    """Writes one patient, as a page does."""
    return write_patients(world.clinic, [PatientChange(patient, fields, phones)], SAID).patients[0]


def numbers(patient: Patient) -> list[tuple[str, str, bool]]:
    found = Phone.objects.filter(patient=patient).order_by("position")
    return [(phone.e164 or phone.as_typed, phone.line_type, phone.use_for_reminders) for phone in found]


def test_a_consent_that_changes_is_kept_with_when_how_and_wording(inside: World) -> None:
    patient = write(inside, None, first_name="Nuria", consent_email=True)
    write(inside, patient, consent_email=True, last_name="Vega")
    write(inside, patient, consent_email=False, consent_marketing=True)
    events = ConsentEvent.objects.filter(patient=patient).order_by("pk")
    assert [(event.subject, event.given) for event in events][:1] == [("email", True)]
    assert {(event.subject, event.given) for event in events[1:]} == {("email", False), ("marketing", True)}
    assert {(event.at, event.how, event.wording, event.by_id) for event in events} == {(NOW, "page", "Acepto", None)}


def test_writing_the_same_again_writes_nothing(inside: World, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    wanted = PhonesWanted(["600 000 101", "91 500 10 10"])
    patient = write(inside, None, wanted, first_name="Nuria", consent_email=True)
    with django_assert_num_queries(1):  # the present numbers are read
        written = write_patients(inside.clinic, [PatientChange(patient, {"first_name": "Nuria"}, wanted)], SAID)
    assert (written.created, written.updated, written.unchanged) == (0, 0, 1)


@pytest.mark.feature(54)
@pytest.mark.parametrize(
    ("typed", "country", "e164", "line"),
    [
        ("600 123 456", "ES", "+34600123456", "mobile"),
        ("915 123 456", "ES", "+34915123456", "fixed"),
        ("02 1234 5678", "IT", "+390212345678", "fixed"),
        ("11 98765-4321", "BR", "+5511987654321", "mobile"),
        ("0034 600 123 456", "IT", "+34600123456", "mobile"),
        ("98765-4321", "BR", "", "unknown"),  # no area code: kept as typed, and a gate names it
        ("llamar a la hija", "ES", "", "unknown"),
    ],
)
def test_a_number_is_read_by_the_country_of_the_clinic(typed: str, country: str, e164: str, line: str) -> None:
    number = read_number(typed, country)
    assert (number.as_typed, number.e164, number.line_type) == (typed, e164, line)


@pytest.mark.feature(55)
def test_a_patient_may_have_any_number_of_numbers_in_their_order(inside: World) -> None:
    typed = [f"600 000 1{n:02d}" for n in range(25)]
    patient = write(inside, None, PhonesWanted(typed), first_name="Nuria")
    assert list(Phone.objects.filter(patient=patient).order_by("position").values_list("as_typed", flat=True)) == typed


@pytest.mark.feature(56)
def test_the_number_for_reminders_is_the_one_marked_and_not_just_the_first(inside: World) -> None:
    both = ["91 500 10 10", "600 000 101", "600 000 102"]
    patient = write(inside, None, PhonesWanted(both), first_name="Nuria")
    assert [use for _, _, use in numbers(patient)] == [False, True, False]  # the first that is a mobile
    write(inside, patient, PhonesWanted(both, for_reminders="+34 915 00 10 10"))
    assert [use for _, _, use in numbers(patient)] == [True, False, False]
    write(inside, patient, PhonesWanted(both[::-1]))  # in another order, without a new choice: the choice stays
    assert [use for _, _, use in numbers(patient)] == [False, False, True]


def test_a_number_given_twice_is_kept_once(inside: World) -> None:
    patient = write(inside, None, PhonesWanted(["600 000 101", "+34600000101"]), first_name="Nuria")
    assert numbers(patient) == [("+34600000101", "mobile", True)]


@pytest.mark.parametrize("field", ["first_name", "last_name", "email"])
def test_a_name_with_a_line_break_is_refused_at_entry(inside: World, field: str) -> None:
    with pytest.raises(UnsafeText):
        write_patients(inside.clinic, [PatientChange(None, {field: "X\r\nBcc: other@correo.example"})], SAID)
    assert Patient.objects.count() == 1


def test_fields_that_are_not_named_stay(inside: World) -> None:
    write(inside, inside.patient, last_name="Otra")
    patient = Patient.objects.get(pk=inside.patient.pk)
    assert (patient.last_name, patient.email, patient.consent_email) == ("Otra", "lucia@correo.example", True)


def test_a_long_text_is_an_error_and_never_cut(inside: World) -> None:
    with pytest.raises(DataError), transaction.atomic():
        write(inside, inside.patient, last_name="x" * 121)
