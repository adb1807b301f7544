"""How is a clinic paused and resumed? The page of the pause; what would expire is shown before, and may be sent."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics import clock
from clinics.models import Clinic, SettingArea
from clinics.pages.access import clinic_of
from clinics.pages.forms import ClinicForm, ClockField, DayField, fingerprint
from clinics.pages.settings_page import act_of, may_change, settings_page, with_frame, with_reach
from clinics.pages.tags import moment
from clinics.setting_log import last_change
from reminders.pages.effect_question import ask_first, came_back
from reminders.pausing import MOST_DAYS, PauseRefused, Why, end_of, is_paused, pause, resume


class PauseForm(ClinicForm):
    """Until when nothing leaves."""

    day = DayField(
        label=gettext_lazy("Until the day"), help_text=gettext_lazy("On this day sending goes on, as it begins.")
    )
    time = ClockField(
        label=gettext_lazy("at"), required=False, help_text=gettext_lazy("Empty: from the beginning of the day.")
    )

    def __init__(self, clinic: Clinic, *args: Any, **options: Any) -> None:
        """As a form, after the clinic as it stands."""
        until, now = clinic.paused_until, clock.now()
        given: dict[str, Any] = {"seen": fingerprint(until)}
        if until is not None and until > now:
            local = until.astimezone(ZoneInfo(clinic.time_zone))
            given |= {"day": local.date(), "time": local.time() if local.time() != datetime.min.time() else None}
        super().__init__(clinic, *args, **{"initial": given, **options})

    def until(self) -> datetime:
        """The end that a valid form asks for. Raises PauseRefused."""
        return end_of(self.clinic, self.cleaned_data["day"], self.cleaned_data["time"])

    def say(self, why: Why) -> None:
        """Says at its field why the clinic is not paused."""
        if why is Why.NO_SUCH_TIME:
            self.add_error("time", _("The clocks are put forward on that day, and this time is left out. Try an hour "
                                     "later."))  # fmt: skip
        elif why is Why.PAST:
            self.add_error("day", _("That moment has passed. Choose a later one."))
        else:
            words = _("A pause lasts at most %(count)s days. Choose an earlier day; you can pause again then.")
            self.add_error("day", words % {"count": MOST_DAYS})


@settings_page
def pause_page(request: HttpRequest) -> HttpResponse:
    """GET shows whether the clinic is paused. POST pauses it until `day` and `time`, or, with `resume`, lets it go on;
    where that touches reminders, it is asked first."""
    clinic = clinic_of(request)
    if "resume" in request.POST and not came_back(request):
        return _resume(request, clinic)
    typed = request.POST if request.method == "POST" and "resume" not in request.POST else None
    form = PauseForm(clinic, typed) if may_change(request) else None
    if form is not None and form.is_bound and form.is_valid() and not came_back(request):
        try:
            answer = _pause(request, clinic, form)
        except PauseRefused as refused:
            form.say(refused.why)
        else:
            if answer is not None:
                return answer
    now = clock.now()
    context = {
        "form": form,
        "paused_until": clinic.paused_until if is_paused(clinic, now) else None,
        "offered": _offered(localtime(now).date()),
        "changed": last_change(SettingArea.PAUSE),
    }
    return render(request, "settings/pause.html", with_frame(request, "pause", **context))


def _pause(request: HttpRequest, clinic: Clinic, form: PauseForm) -> HttpResponse | None:
    """Asks, or pauses; None where somebody else did meanwhile, which the form then says. Raises PauseRefused."""
    act, until = act_of(request), form.until()
    change = partial(pause, clinic, until, act)
    if (asked := ask_first(request, "pause", change, act.at)) is not None:
        return asked
    present = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    if not form.is_current(PauseForm(present)):
        return None
    planned_again = change()
    messages.success(request, with_reach(_("Sending is paused until %s.") % moment(until), planned_again))
    return redirect("settings_pause", slug=clinic.slug)


def _resume(request: HttpRequest, clinic: Clinic) -> HttpResponse:
    act = act_of(request)
    change = partial(resume, clinic, act)
    if (asked := ask_first(request, "pause", change, act.at)) is not None:
        return asked
    messages.success(request, with_reach(_("Sending goes on."), change()))
    return redirect("settings_pause", slug=clinic.slug)


def _offered(today: date) -> list[tuple[str, date]]:
    """Ends that are one press away."""
    monday = today + timedelta(days=7 - today.weekday())
    return [(_("Until tomorrow"), today + timedelta(days=1)), (_("Until Monday"), monday)]
