"""One appointment: what it is, what the patient will receive, and what may be done with it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appointments.models import NoticeAnswer, Status
from appointments.pages.day import STATUS_ICON
from appointments.pages.reminding import reminding_of
from appointments.pages.saving import find_appointment
from appointments.pages.telling import event_of
from appointments.pages.wall_time import zone_of
from appointments.pages.way_back import way_back
from appointments.pages.why import whys
from clinics import clock
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT, AGENDA_VIEW, may
from patients.pages.words import full_name
from reminders.pages.mending import Reader

#: The next steps of each status, the likeliest first.
NEXT: dict[Status, tuple[Status, ...]] = {
    Status.REQUESTED: (Status.SCHEDULED, Status.CONFIRMED),
    Status.SCHEDULED: (Status.CONFIRMED, Status.ARRIVED, Status.NO_SHOW),
    Status.CONFIRMED: (Status.ARRIVED, Status.NO_SHOW, Status.SCHEDULED),
    Status.ARRIVED: (Status.COMPLETED, Status.SCHEDULED),
    Status.COMPLETED: (Status.ARRIVED,),
    Status.NO_SHOW: (Status.ARRIVED, Status.SCHEDULED),
    Status.CANCELLED: (),
}


@require_safe
@clinic_page(AGENDA_VIEW)
def appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Another clinic's id answers like one that does not exist: 404. A deleted one is shown as such."""
    clinic, member, now = clinic_of(request), membership_of(request), clock.now()
    row = find_appointment(appointment_id)
    reader = Reader.of(request)
    [why] = whys(clinic, [row], now, reader)
    status = Status(row.status)
    zone = zone_of(clinic, row.location)
    context = {
        "section": "agenda",
        "row": row,
        "name": full_name(row.patient) if row.patient else "",
        "status_icon": STATUS_ICON[status],
        "steps": [(one.value, one.label, STATUS_ICON[one]) for one in NEXT[status]],
        "zone": zone if zone != clinic.time_zone else "",
        "why": why,
        "reminding": reminding_of(clinic, row, now, reader, request.GET.get("switched", "")),
        "may_edit": may(request.user, AGENDA_EDIT, member),
        "answers": NoticeAnswer.objects.filter(appointment=row).select_related("by").order_by("revision"),
        "back": way_back(request, row, now),
        "asks_on_return": event_of(row, {"status": Status.SCHEDULED.value}, now) is not None,
        "now": now,
    }
    return render(request, "appointments/appointment.html", context)
