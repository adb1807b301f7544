"""On which days is the clinic closed? The page of its holidays: the region's, and days of its own."""

import re
from collections.abc import Callable
from functools import partial
from uuid import UUID

from babel.dates import format_skeleton
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics import clock
from clinics.closed_days import ClosingRefused
from clinics.holidays import is_known, regions
from clinics.models import Clinic, Location, SettingArea
from clinics.once import claim
from clinics.pages.access import clinic_of
from clinics.pages.closed_day_form import ClosingForm, HolidaysForm
from clinics.pages.closed_day_lines import Line, lines
from clinics.pages.forms import DayField
from clinics.pages.settings_page import act_of, may_change, settings_page, with_frame, with_reach
from clinics.pages.tags import reader_locale
from clinics.setting_log import last_change
from reminders.pages.effect_question import ask_first, came_back
from reminders.replanning import DaysChange, change_holidays, close_days, open_day, take_back

#: An id that the database can hold.
_ID = re.compile(r"[0-9]{1,18}")


@settings_page
def closed_days(request: HttpRequest) -> HttpResponse:
    """GET lists the closed days to come. POST closes further days; what is wrong is said at its field."""
    clinic = clinic_of(request)
    if request.method != "POST":
        return _page(request)
    form = ClosingForm(clinic, request.POST)
    if came_back(request) or not form.is_valid():
        return _page(request, closing=form)
    act = act_of(request)
    change = partial(_once, clinic, form.cleaned_data["token"], partial(close_days, clinic, form.closing(), act))
    try:
        if (asked := ask_first(request, "closed_days", change, act.at)) is not None:
            return asked
        made = change()
    except ClosingRefused as refused:
        form.say(refused.why)
        return _page(request, closing=form)
    if made is not None:
        words = ngettext("%(count)s day is closed now.", "%(count)s days are closed now.", made.days)
        _say(request, made, words % {"count": made.days})
    return _back(clinic)


@require_POST
@settings_page
def keep_holidays(request: HttpRequest) -> HttpResponse:
    """Which public holidays the clinic keeps."""
    clinic = clinic_of(request)
    form = HolidaysForm(clinic, request.POST)
    if came_back(request) or not form.is_valid():
        return _page(request, holidays=form)
    act = act_of(request)
    change = partial(change_holidays, clinic, form.wanted(), act)
    if (asked := ask_first(request, "closed_days", change, act.at)) is not None:
        return asked
    made = change()
    if made.changed:
        messages.success(request, with_reach(_("Saved."), made.planned_again))
    else:
        messages.success(request, _("Nothing was different: everything is as it was."))
    return _back(clinic)


@require_POST
@settings_page
def work_on_holiday(request: HttpRequest) -> HttpResponse:
    """The clinic, or its place `place` (0 for all), works on the holiday `day`."""
    clinic, act = clinic_of(request), act_of(request)
    try:
        day = DayField().clean(request.POST.get("day", ""))
    except ValidationError as error:
        raise Http404 from error
    place = _place(request.POST.get("place", ""))
    offered = [line for line in _lines(clinic) if line.public and line.first == day]
    if came_back(request):
        return _back(clinic)
    if not any((place.pk if place else 0) in dict(line.may_open) for line in offered):
        messages.success(request, _("Nothing was different: everything is as it was."))
        return _back(clinic)
    change = partial(open_day, clinic, day, place, act)
    if (asked := ask_first(request, "closed_days", change, act.at)) is not None:
        return asked
    _say(request, change(), _("That day is a working day now."))
    return _back(clinic)


@require_POST
@settings_page
def remove_closed_days(request: HttpRequest) -> HttpResponse:
    """What was said of the days `row` (ids) no longer holds."""
    clinic, act = clinic_of(request), act_of(request)
    ids = request.POST.getlist("row")
    if not all(_ID.fullmatch(one) for one in ids):
        raise Http404
    if came_back(request):
        return _back(clinic)
    change = partial(_once, clinic, _token(request), partial(take_back, clinic, {int(one) for one in ids}, act))
    try:
        if (asked := ask_first(request, "closed_days", change, act.at)) is not None:
            return asked
        made = change()
    except LookupError as error:
        raise Http404 from error
    if made is not None:
        _say(request, made, _("Removed."))
    return _back(clinic)


def _once(clinic: Clinic, token: UUID, change: Callable[[], DaysChange]) -> DaysChange | None:
    """Makes the change; None where the form was sent before. What is refused has claimed nothing: the form may be
    mended and sent again."""
    with transaction.atomic():
        return change() if claim(clinic, token) else None


def _page(
    request: HttpRequest, *, closing: ClosingForm | None = None, holidays: HolidaysForm | None = None
) -> HttpResponse:
    clinic, change = clinic_of(request), may_change(request)
    context = {
        "closing": (closing or ClosingForm(clinic)) if change else None,
        "holidays": (holidays or HolidaysForm(clinic)) if change else None,
        "known": is_known(clinic.country),
        "country": reader_locale().territories.get(clinic.country, clinic.country),
        "region": regions(clinic.country).get(clinic.region, clinic.region),
        "months": _by_month(_lines(clinic)),
        "changed": last_change(SettingArea.HOLIDAYS),
    }
    return render(request, "settings/closed_days.html", with_frame(request, "closed_days", **context))


def _lines(clinic: Clinic) -> list[Line]:
    return lines(clinic, localtime(clock.now()).date(), get_language() or "en")


def _by_month(found: list[Line]) -> list[tuple[str, list[Line]]]:
    """The month in words → its lines, in their order."""
    months: dict[str, list[Line]] = {}
    for line in found:
        words = format_skeleton("yMMMM", line.first, locale=reader_locale())
        months.setdefault(words[:1].upper() + words[1:], []).append(line)
    return list(months.items())


def _place(typed: str) -> Location | None:
    """The place of that id; None for 0. 404 for any other."""
    if not _ID.fullmatch(typed):
        raise Http404
    found: Location | None = Location.objects.filter(pk=typed).first()
    if found is None and int(typed):
        raise Http404
    return found


def _token(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError as error:
        raise Http404 from error


def _say(request: HttpRequest, change: DaysChange, words: str) -> None:
    if change.days:
        messages.success(request, with_reach(words, change.planned_again))
    else:
        messages.success(request, _("Nothing was different: everything is as it was."))


def _back(clinic: Clinic) -> HttpResponse:
    return redirect("settings_closed_days", slug=clinic.slug)
