"""How is an appointment booked and edited on a page? With what follows for the patient shown at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from appointments.models import Appointment
from appointments.notices import Answer
from appointments.pages.agenda import read_day_of
from appointments.pages.booking_form import NEW, AppointmentForm
from appointments.pages.closed_day import closed_hint, closed_warning
from appointments.pages.overlaps import overlap_warning
from appointments.pages.saving import (
    PageChange,
    find_appointment,
    lock_appointment,
    looking_ahead,
    save_appointment,
    user_of,
)
from appointments.pages.telling import (
    Event,
    Question,
    event_of,
    lines_by_rule,
    lines_if_saved,
    question,
    read_answer,
    say_saved,
)
from appointments.pages.wall_time import wall_of
from appointments.pages.way_back import keep_way_back
from clinics import clock
from clinics.models import Clinic, User
from clinics.once import claim, made_by, remember
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT, LOG_SEE_ADDRESS, may
from patients.models import Patient
from patients.pages.list import read_id
from patients.pages.record_form import NewPatientForm
from patients.pages.saving import save_patient
from patients.pages.search import matching
from patients.pages.words import Found, found
from patients.writing import Said

#: More fit no list under a field: a longer name finds fewer.
_MOST_FOUND = 8


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def new_appointment(request: HttpRequest) -> HttpResponse:
    """`?day=&time=&practitioner=&patient=` fill the form in. "Search" (`find`) and the question about telling the
    patient (`ask`) save nothing."""
    clinic = clinic_of(request)
    if request.method != "POST" or "find" in request.POST:
        form = AppointmentForm(clinic, None, initial=_given(request, clinic))
        return _page(request, form, _new_person(request, clinic))
    form, person = AppointmentForm(clinic, None, request.POST), _new_person(request, clinic)
    if "ask" in request.POST or not _valid(form, person):
        return _page(request, form, person)
    event = _event(form)
    answer, token = read_answer(request, event), form.cleaned_data["token"]
    if event is not None and answer is None:
        return _page(request, form, person)
    if not claim(clinic, token):
        return redirect("appointment", slug=clinic.slug, appointment_id=made_by(token))
    row = _save(request, form, person, answer)
    remember(token, row.pk)
    return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def edit_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Everything about an appointment. Where somebody changed it meanwhile, it says so and saves nothing."""
    clinic = clinic_of(request)
    if request.method != "POST" or "find" in request.POST:
        given = _typed(request) if request.method == "POST" else {}
        form = AppointmentForm(clinic, find_appointment(appointment_id), initial=given)
        return _page(request, form, _new_person(request, clinic))
    row = find_appointment(appointment_id) if "ask" in request.POST else lock_appointment(appointment_id)
    form, person = AppointmentForm(clinic, row, request.POST), _new_person(request, clinic)
    if "ask" in request.POST or not _valid(form, person) or not form.is_current(AppointmentForm(clinic, row)):
        return _page(request, form, person)
    event = _event(form)
    answer = read_answer(request, event)
    if event is not None and answer is None:  # it is asked now that something is changed of which the patient is told
        return _page(request, form, person)
    if form.cleaned_data["patient"] == NEW and not claim(clinic, form.cleaned_data["token"]):
        return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)
    _save(request, form, person, answer)
    return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)


@require_safe
@clinic_page(AGENDA_EDIT)
def patient_choices(request: HttpRequest) -> HttpResponse:
    """The records that fit what is being typed (`sought`), for the form to choose from; the one that is chosen already
    (`patient`) stays among them, and chosen."""
    sought, checked = request.GET.get("sought", ""), read_id(request.GET.get("patient", ""))
    context = {"found": _offered(request, [checked], sought), "sought": sought, "checked": checked}
    return render(request, "appointments/patient_choices.html", context)


def _valid(form: AppointmentForm, person: NewPatientForm) -> bool:
    """Both forms, so that all errors show at once; the new person counts where he is chosen."""
    fine = form.is_valid()
    return (person.is_valid() and fine) if form.data.get("patient") == NEW else fine


def _save(request: HttpRequest, form: AppointmentForm, person: NewPatientForm, answer: Answer | None) -> Appointment:
    now, user = clock.now(), user_of(request)
    change = replace(_change(form, person, user, now), answer=answer)
    row = save_appointment(form.clinic, change, user, now)
    keep_way_back(request, row, change, now)
    say_saved(request, row, _("Saved.") if form.row else _("The appointment is booked."), answer, now)
    before = (form.row.start, form.row.location_id) if form.row else None
    for warning in filter(None, (overlap_warning(row), closed_warning(form.clinic, row, before))):
        messages.warning(request, warning)
    return row


def _change(form: AppointmentForm, person: NewPatientForm, by: User, now: datetime) -> PageChange:
    """What two valid forms ask for; the new person is written."""
    patient = form.chosen
    if form.cleaned_data["patient"] == NEW:
        said = Said(now, "page", by, _("Entered when the appointment was booked."))
        patient = save_patient(form.clinic, None, person.change(), said)
    return PageChange(form.row, form.columns(patient), wishes=form.wishes())


def _event(form: AppointmentForm) -> Event | None:
    """What a valid form makes staff be asked about."""
    fields = form.columns(form.chosen)
    if form.cleaned_data["patient"] == NEW:
        fields = {**fields, "patient_id": NEW}
    return event_of(form.row, fields, clock.now())


def _question(request: HttpRequest, form: AppointmentForm, person: NewPatientForm) -> Question | None:
    """Whether the patient shall be told; for a booking also before anybody is chosen."""
    if form.is_bound and _valid(form, person):
        event, now, user = _event(form), clock.now(), user_of(request)
        if event is None:
            return None
        with looking_ahead():
            lines = lines_if_saved(form.clinic, _change(form, person, user, now), event, user, now)
        return question(request, form.row, event, lines)
    lines = lines_by_rule(Event.BOOKING) if form.row is None and form["patient"].value() != "" else ()
    return question(request, None, Event.BOOKING, lines) if lines else None


def _new_person(request: HttpRequest, clinic: Clinic) -> NewPatientForm:
    return NewPatientForm(clinic, request.POST if request.POST.get("patient") == NEW else None)


def _given(request: HttpRequest, clinic: Clinic) -> dict[str, Any]:
    """What the address, or the form before its search, says already."""
    if request.method == "POST":
        return _typed(request)
    now = clock.now()
    day = read_day_of(request.GET.get("day", "")) or wall_of(now, clinic.time_zone)[0]
    known = {name: value for name in ("time", "practitioner", "patient") if (value := request.GET.get(name, ""))}
    return {"day": day, **known}


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed before the search, as it was."""
    names = [name for name in AppointmentForm.base_fields if name != "wanted" and name in request.POST]
    return {**{name: request.POST[name] for name in names}, "wanted": request.POST.getlist("wanted")}


def _offered(request: HttpRequest, first: Sequence[int | None], sought: str) -> list[Found]:
    """The records with the first ids, then those that fit what is sought, each once."""
    in_full = may(request.user, LOG_SEE_ADDRESS, membership_of(request))
    ids = [pk for pk in dict.fromkeys(first) if pk]
    by_id = {row.pk: row for row in Patient.objects.filter(pk__in=ids).prefetch_related("phones")} if ids else {}
    rows = [by_id[pk] for pk in ids if pk in by_id]
    if sought.strip():
        fitting = matching(sought, clinic_of(request).country).exclude(pk__in=by_id)
        rows += fitting.order_by("last_name", "first_name", "pk").prefetch_related("phones")[:_MOST_FOUND]
    return [found(row, in_full) for row in rows]


def _page(request: HttpRequest, form: AppointmentForm, person: NewPatientForm) -> HttpResponse:
    telling = _question(request, form, person)
    if "ask" in request.POST:
        return render(request, "appointments/asked.html", {"telling": telling, "closed": closed_hint(form)})
    value = form["patient"].value()
    pk = read_id(str(value or ""))
    present = form.row.patient_id if form.row else None
    sought = request.POST.get("sought", "")
    places: Any = form.fields["location"]
    context = {
        "section": "agenda",
        "form": form,
        "row": form.row,
        "person": person,
        "patient_value": value,
        "checked": pk,
        "sought": sought,
        "found": _offered(request, [pk, present], sought),
        "own_zones": [place for place in places.queryset if place.time_zone],
        "telling": telling,
        "closed": closed_hint(form),
    }
    return render(request, "appointments/edit.html", context)
