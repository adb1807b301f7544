"""Under which name or number do the clinic's SMS appear? The page that sets it up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clinics.models import SettingArea
from clinics.pages.access import clinic_of
from clinics.pages.settings_page import act_of, may_change, settings_page, with_frame
from clinics.setting_log import last_change
from messaging.channels import Channel
from messaging.pages.failing import failing_now
from messaging.pages.sms_form import NAME, SmsForm, kind_of, reason_words
from messaging.sender_names import check_name
from messaging.sender_writing import active_sender, write_sender


@settings_page
def sms_sender(request: HttpRequest) -> HttpResponse:
    """GET shows the sender, POST writes it; what is wrong is said at its field."""
    clinic, present = clinic_of(request), active_sender(Channel.SMS)
    form = SmsForm(clinic, present, request.POST or None) if may_change(request) else None
    if request.method == "POST" and form is not None and form.is_valid():
        write_sender(clinic, form.wanted(), act_of(request))
        messages.success(request, _("The SMS sender is saved."))
        return redirect("settings_sms", slug=clinic.slug)
    named = present is not None and kind_of(present.address) == NAME
    warnings = check_name(present.address, clinic.country).warnings if present is not None and named else ()
    context = {
        "sender": present,
        "named": named,
        "warnings": [reason_words(reason, value) for reason, value in warnings],
        "form": form,
        "failing": failing_now(Channel.SMS),
        "sms_on": Channel.SMS in clinic.channels_on,
        "changed": last_change(SettingArea.SMS),
    }
    return render(request, "settings/sms.html", with_frame(request, "sms", **context))
