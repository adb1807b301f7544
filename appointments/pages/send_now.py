"""How does a person send now? A page that shows what would go, to whom and what still goes afterwards, and does it."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments.models import Appointment
from appointments.pages.saving import find_appointment, user_of
from clinics import clock
from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_EDIT, LOG_SEE_ADDRESS, LOG_SEE_TEXT, may
from messaging.channels import Channel
from patients.pages.words import full_name
from reminders.offers import offer_of
from reminders.pages.bell import ring_after_commit
from reminders.pages.masking import masked
from reminders.pages.mending import Reader
from reminders.pages.sending import Place, sending_of
from reminders.pages.words import CHANNEL
from reminders.send_now import Ask, Outcome, Sent
from reminders.send_now import send_now as send


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(AGENDA_EDIT)
def send_now(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """`?channel=sms` names the channel, `&again=ID` a reminder of which a further round is wanted. What was not shown
    does not go."""
    row = find_appointment(appointment_id)
    channel, again = _channel(request), _again(request)
    if request.method != "POST":
        return _page(request, row, channel, again)
    token, basis = _token(request), request.POST.get("seen", "")
    clinic = clinic_of(request)
    try:
        sent = send(clinic, Ask(row.pk, channel, user_of(request), token, again, basis), clock.now())
    except LookupError:
        raise Http404 from None
    if sent.outcome in (Outcome.GOES, Outcome.ON_ITS_WAY):
        _tell(request, channel, sent)
        return redirect("appointment", slug=clinic.slug, appointment_id=row.pk)
    if sent.outcome is Outcome.CHANGED:
        messages.warning(
            request, _("This changed while you had the page open. Nothing was sent; this is how it stands.")
        )
    return _page(request, find_appointment(row.pk), channel, again)


def _tell(request: HttpRequest, channel: Channel, sent: Sent) -> None:
    if sent.outcome is Outcome.GOES:
        ring_after_commit()
        messages.success(request, _("%(channel)s: it goes now.") % {"channel": CHANNEL[channel]})
    else:
        already = _("%(channel)s: it was on its way already. Nothing further was sent.")
        messages.info(request, already % {"channel": CHANNEL[channel]})


def _page(request: HttpRequest, row: Appointment, channel: Channel, again: int | None) -> HttpResponse:
    clinic, now, member = clinic_of(request), clock.now(), membership_of(request)
    try:
        offer = offer_of(clinic, row, channel, now, again)
    except LookupError:
        raise Http404 from None
    in_full = may(request.user, LOG_SEE_ADDRESS, member)
    context: dict[str, Any] = {
        "section": "agenda",
        "row": row,
        "name": full_name(row.patient) if row.patient else "",
        "one": sending_of(Place(clinic, row, Reader.of(request)), offer, now, again),
        "address": offer.address if in_full else masked(offer.address),
        "text": offer.text if may(request.user, LOG_SEE_TEXT, member) else None,
        "token": uuid4(),
        "seen": offer.basis,
    }
    return render(request, "appointments/send_now.html", context)


def _channel(request: HttpRequest) -> Channel:
    """The address names it. Raises Http404 for one that does not exist."""
    try:
        return Channel(request.GET.get("channel", ""))
    except ValueError:
        raise Http404 from None


def _again(request: HttpRequest) -> int | None:
    given = request.GET.get("again", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Http404
    return int(given) if given else None


def _token(request: HttpRequest) -> UUID:
    """The form's; a form without one is not ours."""
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        raise Http404 from None
