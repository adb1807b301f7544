"""How does an appointment change its status, and how is it cancelled, deleted and brought back?"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from appointments.models import Appointment, Status
from appointments.pages.appointment import NEXT
from appointments.pages.forecast import outcomes
from appointments.pages.saving import find_appointment, lock_appointment, save_appointment
from clinics import clock
from clinics.pages.access import clinic_of
from clinics.pages.forms import fingerprint
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT
from patients.pages.words import full_name


@require_POST
@clinic_page(AGENDA_EDIT)
def set_status(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """`status` = one of the next steps of the present one. Cancelling has a question of its own."""
    row = lock_appointment(appointment_id)
    wanted = request.POST.get("status", "")
    if wanted in NEXT[Status(row.status)] and not row.deleted:
        return _write(request, row, {"status": wanted}, _("Status: %s.") % Status(wanted).label)
    if wanted != row.status:  # the page was old: say so and show what holds
        messages.warning(request, _("The appointment was changed meanwhile. Nothing was saved; this is how it stands."))
    return redirect("appointment", slug=clinic_of(request).slug, appointment_id=row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def cancel_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Asks first, and names the reminders that then do not go."""
    if request.method != "POST":
        return _question(request, appointment_id, "cancel")
    row = lock_appointment(appointment_id)
    if not _as_seen(request, row):
        return _question(request, appointment_id, "cancel")
    said = _("The appointment is cancelled. Its reminders do not go.")
    return _write(request, row, {"status": Status.CANCELLED.value}, said)


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def delete_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Asks first. The appointment leaves the agenda; what was sent for it stays in the log."""
    if request.method != "POST":
        return _question(request, appointment_id, "delete")
    row = lock_appointment(appointment_id)
    if not _as_seen(request, row):
        return _question(request, appointment_id, "delete")
    return _write(request, row, {"deleted": True}, _("The appointment is deleted. Its reminders do not go."))


@require_POST
@clinic_page(AGENDA_EDIT)
def restore_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Brings a deleted appointment back into the agenda, else a cancelled one back to scheduled."""
    row = lock_appointment(appointment_id)
    fields: dict[str, Any] = {"deleted": False} if row.deleted else {}
    if not row.deleted and row.status == Status.CANCELLED:
        fields = {"status": Status.SCHEDULED.value}
    return _write(request, row, fields, _("The appointment is in the agenda again."))


def _as_seen(request: HttpRequest, row: Appointment) -> bool:
    """Whether the appointment is as the question showed it; if not, the question is asked again with what holds."""
    if request.POST.get("seen") == fingerprint(row.pk, row.revision):
        return True
    messages.warning(request, _("The appointment was changed meanwhile. Nothing was saved; this is how it stands."))
    return False


def _write(request: HttpRequest, row: Appointment, fields: Mapping[str, Any], said: str) -> HttpResponse:
    clinic = clinic_of(request)
    save_appointment(request, clinic, row, fields, clock.now())
    messages.success(request, said)
    return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)


def _question(request: HttpRequest, appointment_id: int, act: str) -> HttpResponse:
    row = find_appointment(appointment_id)
    still = [one for one in outcomes(clinic_of(request), row, clock.now()) if one.present and one.chip.next_at]
    context = {
        "section": "agenda",
        "row": row,
        "name": full_name(row.patient) if row.patient else "",
        "act": act,
        "seen": fingerprint(row.pk, row.revision),
        "stops": still,
    }
    return render(request, "appointments/question.html", context)
