"""With which words does the clinic write? The list of wordings, the editor with its preview, and the way back to
earlier versions."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinics import clock
from clinics.models import User
from clinics.pages.access import clinic_of
from clinics.pages.settings_page import may_change, settings_page, with_frame
from reminders.kinds import Kind
from reminders.material import Wording
from reminders.models import Template, TemplateVersion
from reminders.pages.rule_lacks import OFFERED
from reminders.pages.wording_form import FIELDS, Place, WordingForm, place_of
from reminders.pages.wording_sample import SAMPLES, TYPICAL, preview
from reminders.pages.words import CHANNEL, CHANNEL_ICON, KIND
from reminders.wordings import NewWording, WordingRefused, write_wording

#: How many earlier versions the page lists.
VERSIONS = 30


@settings_page
def wordings(request: HttpRequest) -> HttpResponse:
    """Every kind and channel with its languages: which are written, and by whom last."""
    written = TemplateVersion.objects.select_related("template", "written_by")
    newest = {
        (one.template.kind, one.template.channel, one.template.language): one
        for one in written
        if one.version == one.template.version
    }
    groups = [
        {
            "kind": KIND[kind],
            "channel": CHANNEL[channel],
            "icon": CHANNEL_ICON[channel],
            "cells": [
                {"place": Place(kind, channel, code), "version": newest.get((kind, channel, code))}
                for code, _name in settings.LANGUAGES
            ],
        }
        for kind in Kind
        for channel in OFFERED
    ]
    return render(request, "settings/wordings.html", with_frame(request, "wordings", groups=groups))


@settings_page
def wording(request: HttpRequest, kind: str, channel: str, language: str) -> HttpResponse:
    """The editor of one wording; others than administrators read it. POST puts a new version in force, or, with
    `restore`, the words of an earlier one."""
    place = place_of(kind, channel, language)
    present = place.present()
    given = {"subject": present.subject, "body": present.body} if present else {}
    form = WordingForm(place, request.POST or None, initial=given)
    if request.method == "POST":
        words = _restored(place, request.POST["restore"]) if "restore" in request.POST else _typed(place, form)
        try:
            write_wording(clinic_of(request), words, _person(request), clock.now())
        except WordingRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The wording is in force for every message that goes from now on."))
            return redirect(request.path)
    shown = Wording(language, *_words_shown(request, place, present))
    context = {
        "place": place,
        "form": form,
        "present": present,
        "chips": FIELDS,
        "samples": SAMPLES,
        "sample": TYPICAL,
        "preview": preview(clinic_of(request), place.channel, shown, TYPICAL, clock.now()),
        "versions": _versions(place),
    }
    return render(request, "settings/wording.html", with_frame(request, "wordings", **context))


@settings_page
def wording_preview(request: HttpRequest, kind: str, channel: str, language: str) -> HttpResponse:
    """The words that are being written, as a sample patient would get them; changes nothing."""
    place = place_of(kind, channel, language)
    words = Wording(language, *_words_shown(request, place, None))
    sample = request.POST.get("sample", TYPICAL)
    context = {"place": place, "preview": preview(clinic_of(request), place.channel, words, sample, clock.now())}
    return render(request, "settings/wording_preview.html", context | {"may_change": may_change(request)})


def _words_shown(request: HttpRequest, place: Place, present: TemplateVersion | None) -> tuple[str, str]:
    """Subject and text as typed, else as they stand."""
    if request.method == "POST" and "body" in request.POST:
        subject = request.POST.get("subject", "") if place.has_subject else ""
        return subject, request.POST["body"].replace("\r\n", "\n")
    return (present.subject, present.body) if present else ("", "")


def _typed(place: Place, form: WordingForm) -> NewWording:
    form.is_valid()
    return place.wording(form.cleaned_data.get("subject", ""), form.cleaned_data.get("body", ""))


def _restored(place: Place, number: str) -> NewWording:
    template = place.template()
    wanted = TemplateVersion.objects.filter(template=template, version=int(number) if number.isdecimal() else 0)
    version = wanted.first() if template and len(number) < 9 else None
    if version is None:
        raise Http404
    return place.wording(version.subject, version.body)


def _versions(place: Place) -> list[TemplateVersion]:
    template: Template | None = place.template()
    if template is None:
        return []
    return list(template.versions.select_related("written_by").order_by("-version")[:VERSIONS])


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the middleware lets nobody else through
    return request.user
