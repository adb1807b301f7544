"""When may something leave, over which channels, and is the clinic live? The page of the clinic's own switches."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinics.models import Clinic, SettingArea
from clinics.pages.access import clinic_of
from clinics.pages.clinic_form import DAYS, SwitchesForm
from clinics.pages.settings_page import act_of, may_change, settings_page, with_frame, with_reach
from clinics.setting_log import last_change
from reminders.pages.effect_question import ask_first, came_back
from reminders.pages.words import CHANNEL
from reminders.replanning import ClinicChange, change_clinic


@settings_page
def settings_clinic(request: HttpRequest) -> HttpResponse:
    """GET shows the switches. POST writes them, or, with `live` (1 or 0), switches test mode off or on; where that
    touches reminders, it is asked first."""
    clinic = clinic_of(request)
    if "live" in request.POST and not came_back(request):
        return _switch_live(request, clinic)
    typed = request.POST if request.method == "POST" and "live" not in request.POST else None
    form = SwitchesForm(clinic, typed) if may_change(request) else None
    if form is not None and form.is_bound and form.is_valid() and not came_back(request):
        answer = _save(request, clinic, form)
        if answer is not None:
            return answer
    context = {
        "form": form,
        "closed": [name for number, name in DAYS if number in clinic.closed_weekdays],
        "channels": [CHANNEL[one] for one in CHANNEL if one in clinic.channels_on],
        "default_channel": next((CHANNEL[one] for one in CHANNEL if one == clinic.default_channel), ""),
        "changed": last_change(SettingArea.CLINIC),
    }
    return render(request, "settings/clinic.html", with_frame(request, "clinic", **context))


def _switch_live(request: HttpRequest, clinic: Clinic) -> HttpResponse:
    live, act = request.POST["live"] == "1", act_of(request)
    change = partial(change_clinic, clinic, {"test_mode": not live}, act)
    if (asked := ask_first(request, "clinic", change, act.at)) is not None:
        return asked
    change()
    messages.success(request, _("The clinic is live: reminders reach patients from now on.") if live
                     else _("The clinic is in test mode: nothing reaches a patient."))  # fmt: skip
    return redirect("settings_clinic", slug=clinic.slug)


def _save(request: HttpRequest, clinic: Clinic, form: SwitchesForm) -> HttpResponse | None:
    """Asks, or writes; None where somebody else changed the switches meanwhile, which the form then says."""
    act = act_of(request)
    change = partial(change_clinic, clinic, form.fields_to_write(), act)
    if (asked := ask_first(request, "clinic", change, act.at)) is not None:
        return asked
    present = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    if not form.is_current(SwitchesForm(present)):
        return None
    messages.success(request, _said(change()))
    return redirect("settings_clinic", slug=clinic.slug)


def _said(change: ClinicChange) -> str:
    """Saved, and how far it reaches."""
    if not change.changed:
        return _("Nothing was different: everything is as it was.")
    return with_reach(_("Saved."), change.planned_again)
