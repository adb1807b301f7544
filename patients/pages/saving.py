"""How does a page change a patient's record? By the one writer, with the plan of his appointments to come brought up
to date before the page answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from appointments.models import Appointment
from appointments.writing import plan_again_for_patients
from clinics.models import Clinic
from clinics.rows import lock_rows
from patients.models import Patient
from patients.writing import PatientChange, Said, write_patients
from reminders.plan import bring_up_to_date


@dataclass(frozen=True)
class Locked:
    """A record that nobody else changes until the page has answered, and his appointments to come."""

    patient: Patient
    appointments: Sequence[int]


def find_patient(patient_id: int) -> Patient:
    """The clinic's patient. Raises Http404, for another clinic's id as for a random one."""
    patient: Patient | None = Patient.objects.filter(pk=patient_id).first()
    if patient is None:
        raise Http404
    return patient


def lock_patient(patient_id: int, now: datetime) -> Locked:
    """Locks his appointments to come and then the record, in the order of a reminder that begins. Raises Http404."""
    find_patient(patient_id)
    ids = list(Appointment.objects.filter(patient=patient_id, start__gt=now).values_list("pk", flat=True))
    lock_rows(Appointment, ids)
    return Locked(lock_rows(Patient, [patient_id])[patient_id], ids)


def save_patient(clinic: Clinic, locked: Locked | None, change: PatientChange, said: Said) -> Patient:
    """Writes the record (`locked` None: a new one); inside `in_clinic`. Raises UnsafeText."""
    written = write_patients(clinic, [change], said)
    plan_again_for_patients(written.channel_changed, said.at)
    if locked is not None and written.updated:
        bring_up_to_date(clinic, locked.appointments, said.at)
    return written.patients[0]
