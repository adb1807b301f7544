"""Which kinds of messages go for each practitioner's appointments? The matrix of the practitioners' packages."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinics.models import Clinic, Practitioner, SettingArea, SettingEvent
from clinics.pages.access import clinic_of
from clinics.pages.forms import ClinicForm, fingerprint
from clinics.pages.settings_page import act_of, may_change, settings_page, with_frame
from clinics.setting_log import Act
from reminders.kinds import Kind
from reminders.models import Rule
from reminders.packages import lock_packages, packages, write_package
from reminders.pages.effect_question import ask_first, came_back
from reminders.pages.words import KIND


class PackagesForm(ClinicForm):
    """A switch for each practitioner and kind. Only practitioners that stood on the page (`row`) are written."""

    def __init__(self, clinic: Clinic, data: QueryDict | None = None) -> None:
        """As a form, after the clinic; inside `in_clinic`."""
        self.practitioners = list(Practitioner.objects.order_by("name"))
        state = packages()
        on = {self.name_of(one, kind): state[one.pk][kind] for one in self.practitioners for kind in Kind}
        super().__init__(clinic, _with_unseen(data, self.practitioners, on), initial=dict(on))
        self.initial["seen"] = fingerprint(sorted(on.items()))
        for one in self.practitioners:
            for kind in Kind:
                label = f"{one.name}: {KIND[kind]}"
                self.fields[self.name_of(one, kind)] = forms.BooleanField(label=label, required=False)

    @staticmethod
    def name_of(practitioner: Practitioner, kind: Kind) -> str:
        """The name of a switch."""
        return f"on_{practitioner.pk}_{kind.value}"

    def save(self, act: Act) -> bool:
        """Writes what a valid form says; whether anything differed."""
        changed = [
            write_package(self.clinic, one, {kind: self.cleaned_data[self.name_of(one, kind)] for kind in Kind}, act)
            for one in self.practitioners
        ]
        return any(changed)


def _with_unseen(data: QueryDict | None, practitioners: list[Practitioner], on: dict[str, bool]) -> QueryDict | None:
    """What was sent, with the present switches of whoever did not stand on the page: a box that was not there is no
    box that was left empty."""
    if data is None:
        return None
    copied = data.copy()
    shown = set(data.getlist("row"))
    for one in practitioners:
        for kind in Kind:
            name = PackagesForm.name_of(one, kind)
            if str(one.pk) not in shown and on[name]:
                copied[name] = "on"
    return copied


@settings_page
def practitioner_messages(request: HttpRequest) -> HttpResponse:
    """The matrix; POST writes it, unless somebody else has changed it since it was opened; where that touches
    reminders, it is asked first."""
    clinic = clinic_of(request)
    if request.method != "POST":
        return _page(request, PackagesForm(clinic))
    form, act = PackagesForm(clinic, request.POST), act_of(request)
    if came_back(request) or not form.is_valid():
        return _page(request, form)
    if (asked := ask_first(request, "packages", partial(form.save, act), act.at)) is not None:
        return asked
    lock_packages(clinic)
    if not form.is_current(PackagesForm(clinic)):
        return _page(request, form)
    changed = form.save(act)
    messages.success(
        request,
        _("Saved. It counts at once, also for appointments booked already.")
        if changed
        else _("Nothing was different: everything is as it was."),
    )
    return redirect("settings_packages", slug=clinic.slug)


def _page(request: HttpRequest, form: PackagesForm) -> HttpResponse:
    with_rule = set(Rule.objects.filter(active=True).values_list("kind", flat=True))
    changed = _changes()
    rows = [
        {
            "practitioner": one,
            "cells": [
                {"kind": KIND[kind], "name": name, "on": bool(form[name].value())}
                for kind in Kind
                for name in [form.name_of(one, kind)]
            ],
            "changed": changed.get(one.pk),
        }
        for one in form.practitioners
    ]
    context: dict[str, Any] = {
        "form": form if may_change(request) else None,
        "rows": rows,
        "kinds": [{"words": KIND[kind], "without_rule": kind.value not in with_rule} for kind in Kind],
    }
    return render(request, "settings/packages.html", with_frame(request, "packages", **context))


def _changes() -> dict[int, SettingEvent]:
    """Practitioner (id) → what was last switched."""
    newest = SettingEvent.objects.filter(area=SettingArea.PACKAGE, row__isnull=False).order_by("row", "-id")
    return {one.row: one for one in newest.distinct("row").select_related("by")}
