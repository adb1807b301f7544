"""How is a patient's record made, changed and archived on a page?"""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics import clock
from clinics.models import User
from clinics.once import claim, made_by, remember
from clinics.pages.access import clinic_of
from clinics.pages.guard import clinic_page
from clinics.roles import PATIENT_EDIT
from patients.models import Phone
from patients.pages.record_form import PatientForm
from patients.pages.saving import find_patient, lock_patient, save_patient
from patients.pages.words import CONSENT_WORDS, full_name, landline_warning
from patients.writing import PatientChange, Said


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(PATIENT_EDIT)
def new_patient(request: HttpRequest) -> HttpResponse:
    """A record for a person who has none yet."""
    clinic = clinic_of(request)
    form = PatientForm(clinic, None, request.POST) if request.method == "POST" else PatientForm(clinic, None)
    if form.is_bound and form.is_valid():
        token = form.cleaned_data["token"]
        if not claim(clinic, token):
            return redirect("patient", slug=clinic.slug, patient_id=made_by(token))
        patient = save_patient(clinic, None, form.change(), _said(request, form, clock.now()))
        remember(token, patient.pk)
        messages.success(request, _("The patient's record was made."))
        return redirect("patient", slug=clinic.slug, patient_id=patient.pk)
    return _page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(PATIENT_EDIT)
def edit_patient(request: HttpRequest, patient_id: int) -> HttpResponse:
    """The whole record; every change counts at once for appointments booked already."""
    clinic, now = clinic_of(request), clock.now()
    if request.method != "POST":
        return _page(request, PatientForm(clinic, find_patient(patient_id)))
    locked = lock_patient(patient_id, now)
    form = PatientForm(clinic, locked.patient, request.POST)
    if not form.is_valid() or not form.is_current(PatientForm(clinic, locked.patient)):
        return _page(request, form)
    save_patient(clinic, locked, form.change(), _said(request, form, now))
    messages.success(request, _("Saved. It counts at once, also for appointments booked already."))
    if warning := landline_warning(list(Phone.objects.filter(patient=patient_id))):
        messages.warning(request, warning)
    return redirect("patient", slug=clinic.slug, patient_id=patient_id)


@require_POST
@clinic_page(PATIENT_EDIT)
def archive_patient(request: HttpRequest, patient_id: int) -> HttpResponse:
    """`archived=1` archives the record: nothing is sent to the patient any more; anything else brings it back."""
    clinic, now = clinic_of(request), clock.now()
    locked = lock_patient(patient_id, now)
    archived = request.POST.get("archived") == "1"
    change = PatientChange(locked.patient, {"archived": archived})
    save_patient(clinic, locked, change, Said(now, "page", _user(request)))
    gone, back = _("The record is archived: nothing is sent to this patient."), _("The record is active again.")
    messages.success(request, gone if archived else back)
    return redirect("patient", slug=clinic.slug, patient_id=patient_id)


def _said(request: HttpRequest, form: PatientForm, at: datetime) -> Said:
    """How the clinic learned of the consents that this form changes. Without other words, those of the page."""
    words = form.cleaned_data["consent_note"] or "; ".join(
        str(CONSENT_WORDS[name.removeprefix("consent_")])
        for name in form.changed_data
        if name.removeprefix("consent_") in CONSENT_WORDS
    )
    return Said(at=at, how=form.cleaned_data["consent_how"] or "page", by=_user(request), wording=words[:240])


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("a page of a clinic has a user")
    return user


def _page(request: HttpRequest, form: PatientForm) -> HttpResponse:
    context = {
        "section": "patients",
        "form": form,
        "patient": form.patient,
        "name": full_name(form.patient) if form.patient else "",
    }
    return render(request, "patients/edit.html", context)
