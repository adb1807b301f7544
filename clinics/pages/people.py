"""Who works in the clinic, and where? The page of practitioners and locations, and one for each to change it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinics.holidays import regions
from clinics.models import Location, Practitioner, SettingArea
from clinics.pages.access import clinic_of
from clinics.pages.people_form import LocationForm, PractitionerForm
from clinics.pages.settings_page import act_of, may_change, settings_page, with_frame, with_reach
from clinics.setting_log import Act, last_change
from reminders.pages.effect_question import ask_first, came_back
from reminders.replanning import ClinicChange, change_place, change_practitioner

#: Writes what a valid form says.
_Change = Callable[[Any, Act], ClinicChange]


@settings_page
def people(request: HttpRequest) -> HttpResponse:
    """Both lists, for everybody in the clinic."""
    clinic = clinic_of(request)
    known = regions(clinic.country)
    places = [(one, known.get(one.region, one.region)) for one in Location.objects.order_by("name")]
    context = {"practitioners": Practitioner.objects.order_by("name"), "places": places}
    return render(request, "settings/people.html", with_frame(request, "people", **context))


@settings_page
def practitioner_page(request: HttpRequest, practitioner_id: int) -> HttpResponse:
    """A practitioner's name and phone; POST writes them, and asks first where that touches reminders."""
    clinic = clinic_of(request)

    def change(form: Any, act: Act) -> ClinicChange:
        return change_practitioner(clinic, form.row, form.fields_to_write(), act)

    return _edit(request, PractitionerForm, practitioner_id, change)


@settings_page
def location_page(request: HttpRequest, location_id: int) -> HttpResponse:
    """A location's name, address, zone and region; POST writes them, and asks first where that touches reminders."""
    clinic = clinic_of(request)

    def change(form: Any, act: Act) -> ClinicChange:
        return change_place(clinic, form.row, form.fields_to_write(), act)

    return _edit(request, LocationForm, location_id, change)


def _edit(request: HttpRequest, kind: Any, row_id: int, change: _Change) -> HttpResponse:
    clinic, model = clinic_of(request), kind.model
    row = model.objects.filter(pk=row_id).first()
    if row is None:
        raise Http404
    if not may_change(request):  # the list says all there is to see
        return redirect("settings_people", slug=clinic.slug)
    form = kind(clinic, row, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and not came_back(request):
        act = act_of(request)
        if (asked := ask_first(request, "people", partial(change, form, act), act.at)) is not None:
            return asked
        if form.is_current(kind(clinic, model.objects.select_for_update(no_key=True).get(pk=row_id))):
            messages.success(request, _said(change(form, act)))
            return redirect("settings_people", slug=clinic.slug)
    area = SettingArea.PERSON if model is Practitioner else SettingArea.PLACE
    context = {"form": form, "row": row, "place": model is Location, "changed": last_change(area, row_id)}
    return render(request, "settings/person.html", with_frame(request, "people", **context))


def _said(change: ClinicChange) -> str:
    if not change.changed:
        return _("Nothing was different: everything is as it was.")
    return with_reach(_("Saved."), change.planned_again)
