"""Over which mailbox does the clinic send? The page that sets it up, and tries it before anything changes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from clinics.models import SettingArea
from clinics.pages.access import clinic_of
from clinics.pages.settings_page import act_of, may_change, settings_page, with_frame
from clinics.pages.tags import clock_time
from clinics.setting_log import last_change, may_try_from, note_try
from messaging import sender_state
from messaging.channels import Channel
from messaging.delivery import account_of
from messaging.models import Sender
from messaging.pages.check_words import Answer, answer, failure_of
from messaging.pages.email_form import EmailForm
from messaging.pages.failing import failing_now
from messaging.providers import Account
from messaging.providers.smtp_check import Checked, check
from messaging.secrets import Unreadable
from messaging.sender_writing import NewSender, active_sender, last_try, write_sender
from messaging.smtp_presets import PRESETS, preset_of

#: Tries a clinic may make within an hour, so that nobody can look around in the network with them.
MOST_TRIES = 5
WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Result:
    """What is shown beside the form after a try: its answer, or why there was none; and whether the person may save
    what was typed all the same."""

    answer: Answer | None = None
    refusal: str = ""
    may_save: bool = False


@settings_page
def email_account(request: HttpRequest) -> HttpResponse:
    """GET shows the account (its state alone to others than administrators). POST tries what was typed and saves it
    if all went well; `anyway` saves without a try; `try` tries the account in force."""
    present = active_sender(Channel.EMAIL)
    if request.method != "POST":
        form = EmailForm(present) if may_change(request) else None
        return _page(request, present, form)
    if "try" in request.POST:
        return _try_stored(request, present)
    form = EmailForm(present, request.POST)
    if not form.is_valid():
        return _page(request, present, form)
    wanted = form.wanted()
    if "anyway" in request.POST:
        return _save(request, wanted, _("Saved, although no try has gone well."))
    if _only_renamed(present, wanted):
        return _save(request, wanted, _("The sender's name is saved."))
    checked = _checked(request, _account(present, wanted))
    if isinstance(checked, str):
        return _page(request, present, form, Result(refusal=checked, may_save=True))
    if checked.failed_at is not None:
        note_try(clinic_of(request), SettingArea.EMAIL, checked.failed_at, act_of(request), stored=False)
        return _page(request, present, form, Result(answer(checked, wanted.security), may_save=True))
    return _save(request, wanted, _("Every step went well. The account is saved."), tried=True)


def _try_stored(request: HttpRequest, present: Sender | None) -> HttpResponse:
    """Tries the account in force; what was typed meanwhile is not looked at."""
    form = EmailForm(present)
    try:
        account = account_of(present) if present else None
    except Unreadable:
        account = None
    if present is None or account is None:
        return _page(request, present, form, Result(refusal=_("There is no password to try: type it and save.")))
    checked = _checked(request, account)
    if isinstance(checked, str):
        return _page(request, present, form, Result(refusal=checked))
    note_try(clinic_of(request), SettingArea.EMAIL, checked.failed_at or "", act_of(request), stored=True)
    if checked.failed_at is None:
        sender_state.mended(present)
    return _page(request, present, form, Result(answer(checked, present.security)))


def _checked(request: HttpRequest, account: Account) -> Checked | str:
    """The try, one at a time for a clinic; or words why there is none now."""
    clinic = clinic_of(request)
    with connection.cursor() as cursor:  # until this request's transaction ends, which keeps the count of tries right
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"try e-mail {clinic.pk}"])
        if not cursor.fetchone()[0]:
            return _("A try of this clinic is under way already. Wait for its answer.")
    again = may_try_from(SettingArea.EMAIL, act_of(request).at, most=MOST_TRIES, within=WITHIN)
    if again is not None:
        return _("%(most)s tries within an hour are the most. The next one is possible at %(time)s.") % {
            "most": MOST_TRIES,
            "time": clock_time(again),
        }
    return check(account)


def _save(request: HttpRequest, wanted: NewSender, words: str, *, tried: bool = False) -> HttpResponse:
    clinic, act = clinic_of(request), act_of(request)
    sender = write_sender(clinic, wanted, act)
    if tried:
        sender_state.mended(sender)
        note_try(clinic, SettingArea.EMAIL, "", act, stored=True)
    messages.success(request, words)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(request.path)
    return redirect("settings_email", slug=clinic.slug)


def _page(
    request: HttpRequest, present: Sender | None, form: EmailForm | None, result: Result | None = None
) -> HttpResponse:
    """The whole page; for htmx the result alone, so that what was typed, the password too, stays where it is; or the
    form with its errors."""
    tried = last_try(Channel.EMAIL) if present else None
    context: dict[str, Any] = {
        "sender": present,
        "form": form,
        "result": result,
        "presets": PRESETS,
        "choices": list(zip(form["preset"], [*PRESETS, None], strict=True)) if form else [],
        "known": preset_of(present.host) if present else None,
        "tried": tried,
        "tried_failed": failure_of(tried),
        "failing": failing_now(Channel.EMAIL),
        "changed": last_change(SettingArea.EMAIL),
    }
    framed = with_frame(request, "email", **context)
    if not request.headers.get("HX-Request"):
        return render(request, "settings/email.html", framed)
    if result is not None:
        return render(request, "settings/try_result.html", framed)
    return reswap(retarget(render(request, "settings/email_form.html", framed), "#email-form"), "outerHTML")


def _only_renamed(present: Sender | None, wanted: NewSender) -> bool:
    """Nothing but the name that patients read changes."""
    if present is None or wanted.secret is not None or present.display_name == wanted.display_name:
        return False
    names = ("address", "host", "port", "security", "username")
    return all(getattr(present, name) == getattr(wanted, name) for name in names)


def _account(present: Sender | None, wanted: NewSender) -> Account:
    """What was typed, with the stored password where it is kept."""
    secret = wanted.secret
    if secret is None and present is not None:
        try:
            secret = present.secret()
        except Unreadable:
            secret = ""
    return Account(
        key=f"try/{wanted.address}", provider="smtp", address=wanted.address, display_name=wanted.display_name,
        host=wanted.host, port=wanted.port or 0, security=wanted.security, username=wanted.username,
        secret=secret or "",
    )  # fmt: skip
