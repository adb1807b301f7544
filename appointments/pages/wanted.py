"""How are reminders over a channel switched off for one appointment, and on again? By one press, with its way back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from appointments.pages.saving import lock_appointment, user_of
from appointments.staff_says import set_channel_flags
from clinics import clock
from clinics.pages.access import clinic_of
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT
from messaging.channels import Channel
from reminders.pages.words import CHANNEL
from reminders.plan import bring_up_to_date


@require_POST
@clinic_page(AGENDA_EDIT)
def set_wanted(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """`channel`, and `wanted` = 1 or 0. What is so already keeps its who and when."""
    clinic, now = clinic_of(request), clock.now()
    channel, wanted = request.POST.get("channel", ""), request.POST.get("wanted", "")
    if channel not in set(Channel) or wanted not in ("0", "1"):
        raise Http404
    row = lock_appointment(appointment_id)
    if set_channel_flags(clinic, row, {channel: wanted == "1"}, user_of(request), now):
        bring_up_to_date(clinic, [row.pk], now)
        on = _("%(channel)s: reminders go again for this appointment.")
        off = _("%(channel)s: no reminder goes any more for this appointment.")
        messages.success(request, (on if wanted == "1" else off) % {"channel": CHANNEL[Channel(channel)]})
    else:
        messages.info(request, _("It was switched so already."))
    address = reverse("appointment", args=[clinic.slug, row.pk])
    return redirect(f"{address}?switched={channel}#wanted")
