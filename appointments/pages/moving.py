"""How is an appointment moved to another time without dragging, and how is that taken back?"""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from appointments.models import Appointment
from appointments.pages.overlaps import overlap_warning
from appointments.pages.saving import (
    find_appointment,
    forget_way_back,
    lock_appointment,
    save_appointment,
    way_back,
)
from appointments.pages.wall_time import moment_at, wall_of, zone_of
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


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def move_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """The new time is reminded of, the former one no more; for three minutes it can be undone."""
    clinic = clinic_of(request)
    if request.method != "POST":
        row = find_appointment(appointment_id)
        return _page(request, MoveForm(clinic, row))
    row = lock_appointment(appointment_id)
    form = MoveForm(clinic, row, request.POST)
    if not form.is_valid() or not form.is_current(MoveForm(clinic, row)):
        return _page(request, form)
    data = form.cleaned_data
    person = data["practitioner"].pk if data["practitioner"] else None
    fields = {"start": data["start"], "end": data["start"] + (row.end - row.start), "practitioner_id": person}
    saved = save_appointment(request, clinic, row, fields, clock.now())
    messages.success(request, _("Moved to %s.") % moment(saved.start))
    if warning := overlap_warning(saved):
        messages.warning(request, warning)
    return redirect("appointment", slug=clinic.slug, appointment_id=saved.pk)


@require_POST
@clinic_page(AGENDA_EDIT)
def undo_move(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Back to the former time, while the grace lasts and nobody changed the appointment since."""
    clinic, now = clinic_of(request), clock.now()
    row = lock_appointment(appointment_id)
    back = way_back(request, row, now)
    if back is None:
        messages.warning(request, _("It is too late to undo, or the appointment was changed since. Move it by hand."))
    else:
        saved = save_appointment(request, clinic, row, back["fields"], now)
        forget_way_back(request)
        messages.success(request, _("Undone: the appointment is at %s again.") % moment(saved.start))
    return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)


def _page(request: HttpRequest, form: MoveForm) -> HttpResponse:
    row = form.row
    name = full_name(row.patient) if row.patient else ""
    context = {"section": "agenda", "form": form, "row": row, "name": name, "zone": form.zone}
    return render(request, "appointments/move.html", context)
