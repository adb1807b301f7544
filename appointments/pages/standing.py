"""How does an appointment change its status, and how is it cancelled, deleted and brought back?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from appointments.models import Appointment, Status
from appointments.pages.appointment import NEXT
from appointments.pages.forecast import outcomes
from appointments.pages.saving import PageChange, find_appointment, lock_appointment, save_appointment, user_of
from appointments.pages.telling import event_of, lines_if_saved, question, read_answer, say_saved
from appointments.pages.way_back import keep_way_back
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
        said = _("Status: %s.") % Status(wanted).label
        return _write(request, PageChange(row, {"status": wanted}), said, clock.now())
    if wanted != row.status:  # the page was old: say so and show what holds
        messages.warning(request, _("The appointment was changed meanwhile. Nothing was saved; this is how it stands."))
    return redirect("appointment", slug=clinic_of(request).slug, appointment_id=row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def cancel_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Asks first, names the reminders that then do not go, and whether the patient shall be told."""
    said = _("The appointment is cancelled. Its reminders do not go.")
    return _asked(request, appointment_id, "cancel", {"status": Status.CANCELLED.value}, said)


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def delete_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Asks first. The appointment leaves the agenda; what was sent for it stays in the log."""
    said = _("The appointment is deleted. Its reminders do not go.")
    return _asked(request, appointment_id, "delete", {"deleted": True}, said)


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def restore_appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Brings a deleted appointment back into the agenda, else a cancelled one back to scheduled. Where the patient was
    told that it is cancelled, it asks first whether to tell again."""
    clinic, row, now = clinic_of(request), lock_appointment(appointment_id), clock.now()
    said = _("The appointment is in the agenda again.")
    fields: dict[str, Any] = {"deleted": False} if row.deleted else {"status": Status.SCHEDULED.value}
    if not row.deleted and row.status != Status.CANCELLED:
        return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)
    if request.method == "POST" and event_of(row, fields, now) is None:
        return _write(request, PageChange(row, fields), said, now)
    return _asked(request, appointment_id, "restore", fields, said)


def _asked(request: HttpRequest, appointment_id: int, act: str, fields: Mapping[str, Any], said: str) -> HttpResponse:
    """The question with GET, and again where the appointment was changed since it was shown."""
    if request.method != "POST":
        return _question(request, find_appointment(appointment_id), act, fields)
    row, now = lock_appointment(appointment_id), clock.now()
    event = event_of(row, fields, now)
    answer = read_answer(request, event)
    if not _as_seen(request, row) or (event is not None and answer is None):
        return _question(request, row, act, fields)
    return _write(request, PageChange(row, fields, answer), said, now)


def _as_seen(request: HttpRequest, row: Appointment) -> bool:
    """Whether the appointment is as the question showed it; if not, the question is asked again with what holds."""
    if request.POST.get("seen") == fingerprint(row.pk, row.revision):
        return True
    messages.warning(request, _("The appointment was changed meanwhile. Nothing was saved; this is how it stands."))
    return False


def _write(request: HttpRequest, change: PageChange, said: str, now: datetime) -> HttpResponse:
    clinic = clinic_of(request)
    saved = save_appointment(clinic, change, user_of(request), now)
    keep_way_back(request, saved, change, now)
    say_saved(request, saved, said, change.answer, now)
    return redirect("appointment", slug=clinic.slug, appointment_id=saved.pk)


def _question(request: HttpRequest, row: Appointment, act: str, fields: Mapping[str, Any]) -> HttpResponse:
    clinic, now = clinic_of(request), clock.now()
    event = event_of(row, fields, now)
    lines = lines_if_saved(clinic, PageChange(row, fields), event, user_of(request), now) if event else ()
    still = [one for one in outcomes(clinic, row, now) if one.present and one.chip.next_at]
    context = {
        "section": "agenda",
        "row": row,
        "name": full_name(row.patient) if row.patient else "",
        "act": act,
        "seen": fingerprint(row.pk, row.revision),
        "stops": still,
        "telling": question(request, row, event, lines) if event else None,
    }
    return render(request, "appointments/question.html", context)
