"""The agenda of 2,000 rows over three clinics comes in as an independent reading of its files says, and soon."""

import time

import pytest

from appointments.importing.importer import import_agenda
from appointments.importing.reading import read_file
from appointments.importing.report import Report
from appointments.models import Appointment, Block
from clinics.models import Clinic
from clinics.scope import in_clinic
from patients.models import Patient
from tests.data.clinics import CLINICS, AgendaClinic
from tests.data.make_agenda import FORTNIGHT_BEGINS, make_file
from tests.faults.agenda_reading import CONSENTS, Agenda, read_agenda

#: What the issue allows for all three files on two cores.
MOST_SECONDS = 20.0


def bring_in(clinic: AgendaClinic) -> tuple[Clinic, Report]:
    made = Clinic.objects.create(
        slug=clinic.slug, name=clinic.name, country=clinic.country, time_zone=clinic.time_zone,
        language=clinic.language,
    )  # fmt: skip
    with in_clinic(made.pk):
        return made, import_agenda(made, read_file(clinic.file), FORTNIGHT_BEGINS)


@pytest.mark.parametrize("clinic", CLINICS, ids=lambda clinic: clinic.slug)
def test_the_committed_files_are_what_the_generator_makes(clinic: AgendaClinic) -> None:
    assert clinic.file.read_bytes() == make_file(clinic)


def test_two_thousand_rows_come_in_within_their_time(db: None) -> None:
    began = time.monotonic()
    reports = [bring_in(clinic)[1] for clinic in CLINICS]
    assert time.monotonic() - began < MOST_SECONDS
    assert sum(report.rows for report in reports) == 2000


@pytest.mark.parametrize("clinic", CLINICS, ids=lambda clinic: clinic.slug)
def test_every_row_is_taken_or_refused_as_its_file_says(db: None, clinic: AgendaClinic) -> None:
    said = read_agenda(clinic)
    made, report = bring_in(clinic)
    assert (report.rows, report.refused) == (said.rows, len(said.refused))
    assert sorted({refusal.line for refusal in report.refusals}) == list(said.refused)
    with in_clinic(made.pk):
        assert Block.objects.count() == said.blocks
        found = Appointment.objects.values_list("ref", "patient__ref", "start", "status")
        assert set(found) == {(one.ref, one.patient_ref, one.start, one.status) for one in said.visits.values()}
        assert {patient.ref: _told(patient) for patient in Patient.objects.all()} == _patients(said)


def _told(patient: Patient) -> tuple[str, str, set[str]]:
    return patient.first_name, patient.email, {name for name in CONSENTS if getattr(patient, name)}


def _patients(said: Agenda) -> dict[str, tuple[str, str, set[str]]]:
    return {ref: (one.first_name, one.email, set(one.consents)) for ref, one in said.patients.items()}


def test_a_formula_in_a_name_is_kept_as_its_text(db: None) -> None:
    made, _report = bring_in(CLINICS[0])
    with in_clinic(made.pk):
        formulas = Patient.objects.filter(first_name__startswith="=").values_list("first_name", flat=True)
        assert list(formulas) and all(name.startswith('=HYPERLINK("http://bad.example/') for name in formulas)
