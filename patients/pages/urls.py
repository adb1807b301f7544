"""The patients' addresses, under /c/<slug>/patients/."""

from django.urls import path

from patients.pages.editing import archive_patient, edit_patient, new_patient
from patients.pages.list import patients
from patients.pages.record import patient

urlpatterns = [
    path("", patients, name="patients"),
    path("new/", new_patient, name="new_patient"),
    path("<int:patient_id>/", patient, name="patient"),
    path("<int:patient_id>/edit/", edit_patient, name="edit_patient"),
    path("<int:patient_id>/archive/", archive_patient, name="archive_patient"),
]
