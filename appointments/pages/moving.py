"""How is an appointment moved to another time without dragging, and how is a change taken back?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from appointments.models import Appointment
from appointments.pages.closed_day import closed_hint, closed_warning
from appointments.pages.overlaps import overlap_warning
from appointments.pages.saving import PageChange, find_appointment, lock_appointment, save_appointment, user_of
from appointments.pages.telling import (
    Question,
    event_of,
    lines_if_saved,
    question,
    read_answer,
    say_saved,
)
from appointments.pages.wall_time import moment_at, wall_of, zone_of
from appointments.pages.way_back import answer_undone_with_it, forget_way_back, keep_way_back, way_back
from clinics import clock
from clinics.models import Clinic, Practitioner
from clinics.pages.access import clinic_of
from clinics.pages.forms import ClinicForm, ClockField, DayField, Named, fingerprint
from clinics.pages.guard import clinic_page
from clinics.pages.tags import moment
from clinics.roles import AGENDA_EDIT
from patients.pages.words import full_name


class MoveForm(ClinicForm):
    """Day, time and practitioner; the length stays."""

    day = DayField(label=gettext_lazy("Day"))
    time = ClockField(label=gettext_lazy("Start"))
    practitioner = Named(label=gettext_lazy("Practitioner"), required=False)

    def __init__(self, clinic: Clinic, row: Appointment, *args: object) -> None:
        """Of one appointment."""
        self.row, self.zone = row, zone_of(clinic, row.location)
        day, wall = wall_of(row.start, self.zone)
        seen = fingerprint(row.pk, row.revision)
        initial = {"day": day, "time": wall, "practitioner": row.practitioner_id, "seen": seen}
        super().__init__(clinic, *args, initial=initial)
        self.rows_of(practitioner=Practitioner.objects.order_by("name"))

    def clean(self) -> dict[str, object]:
        """Adds `start`."""
        super().clean()
        data = self.cleaned_data
        if data.get("day") is not None and data.get("time") is not None:
            if wall_of(self.row.start, self.zone) == (data["day"], data["time"]):
                data["start"] = self.row.start
            else:
                try:
                    data["start"] = moment_at(data["day"], data["time"], self.zone)
                except ValidationError as error:
                    self.add_error("time", error)
        return data

    def columns(self) -> Mapping[str, Any]:
        """What a valid form asks of the writer."""
        data, row = self.cleaned_data, self.row
        person = data["practitioner"].pk if data["practitioner"] else None
        return {"start": data["start"], "end": data["start"] + (row.end - row.start), "practitioner_id": person}


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def move_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """The new time is reminded of, the former one no more; for three minutes it can be undone. The question about
    telling the patient (`ask`) saves nothing."""
    clinic, now = clinic_of(request), clock.now()
    if request.method != "POST":
        return _page(request, MoveForm(clinic, find_appointment(appointment_id)))
    row = find_appointment(appointment_id) if "ask" in request.POST else lock_appointment(appointment_id)
    form = MoveForm(clinic, row, request.POST)
    if "ask" in request.POST or not form.is_valid() or not form.is_current(MoveForm(clinic, row)):
        return _page(request, form)
    event = event_of(row, form.columns(), now)
    answer = read_answer(request, event)
    if event is not None and answer is None:
        return _page(request, form)
    change = PageChange(row, form.columns(), answer)
    saved = save_appointment(clinic, change, user_of(request), now)
    keep_way_back(request, saved, change, now)
    say_saved(request, saved, _("Moved to %s.") % moment(saved.start), answer, now)
    before = (row.start, row.location_id)
    for warning in filter(None, (overlap_warning(saved), closed_warning(clinic, saved, before))):
        messages.warning(request, warning)
    return redirect("appointment", slug=clinic.slug, appointment_id=saved.pk)


#: What is said after an Undo, by what was undone.
_UNDONE = {
    "booked": gettext_lazy("Undone: the appointment is deleted."),
    "changed": gettext_lazy("Undone: the appointment is as it was."),
    "cancelled": gettext_lazy("Undone: the appointment is in the agenda again."),
    "returned": gettext_lazy("Undone: the appointment is cancelled again."),
}


@require_POST
@clinic_page(AGENDA_EDIT)
def undo_change(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Back to what was before, while the grace lasts and nobody changed the appointment since. Nothing is asked: of
    what is undone nothing is told, and what was to be told before it still is."""
    clinic, now = clinic_of(request), clock.now()
    row = lock_appointment(appointment_id)
    back = way_back(request, row, now)
    if back is None:
        messages.warning(request, _("It is too late to undo, or the appointment was changed since. Change it by hand."))
    else:
        change = PageChange(row, back.fields, answer_undone_with_it(row, back))
        saved = save_appointment(clinic, change, user_of(request), now)
        forget_way_back(request)
        moved = _("Undone: the appointment is at %s again.") % moment(saved.start)
        messages.success(request, _UNDONE.get(back.act, moved))
        if back.act == "moved" and saved.occurrence != row.former_occurrence:
            messages.warning(request, _("Something had gone out for the other time: it is reminded of anew."))
    return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)


def _question(request: HttpRequest, form: MoveForm, now: datetime) -> Question | None:
    """Whether the patient shall be told; asked from the start, as a move changes what the patient knows."""
    row, filled = form.row, form.is_bound and form.is_valid()
    another = {"start": row.start + timedelta(minutes=1)}
    event = event_of(row, form.columns() if filled else another, now)
    if event is None:
        return None
    change = PageChange(row, form.columns() if filled else {})
    return question(request, row, event, lines_if_saved(form.clinic, change, event, user_of(request), now))


def _page(request: HttpRequest, form: MoveForm) -> HttpResponse:
    row, telling = form.row, _question(request, form, clock.now())
    if "ask" in request.POST:
        closed = closed_hint(form, row.location)
        return render(request, "appointments/asked.html", {"telling": telling, "closed": closed})
    name = full_name(row.patient) if row.patient else ""
    context = {
        "section": "agenda",
        "form": form,
        "row": row,
        "name": name,
        "zone": form.zone,
        "telling": telling,
        "closed": closed_hint(form, row.location),
    }
    return render(request, "appointments/move.html", context)
