"""What stands around every page? Notices about the clinic, the languages, the way to the sandbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from clinics import clock
from clinics.models import Clinic, Membership, SettingArea
from clinics.pages.settings_page import may_change
from clinics.pages.tags import moment
from clinics.setting_log import last_change
from messaging.channels import Channel
from messaging.models import Sender
from messaging.pages.failing import FailingNow, all_failing_now
from reminders.walk import progress


@dataclass(frozen=True)
class Notice:
    """A banner over the page. `tone` is bad, warn or calm."""

    tone: str
    icon: str
    text: str
    #: It stays in sight when the page is scrolled.
    stays: bool = False
    #: It has a button that lets sending go on.
    may_resume: bool = False
    #: The page where it is mended, for who may.
    page: str = ""


def chrome(request: HttpRequest) -> dict[str, Any]:
    """For every template; what needs a query is asked only where a template shows it (error pages do not)."""
    clinic: Clinic | None = getattr(request, "clinic", None)
    return {
        "sandbox_url": settings.SANDBOX_URL.rstrip("/"),
        "languages": [{"code": code, **_native(code)} for code, _name in settings.LANGUAGES],
        "notices": SimpleLazyObject(lambda: _notices(request, clinic)),
        "plan_progress": SimpleLazyObject(lambda: progress() if clinic else None),
        "several_clinics": SimpleLazyObject(lambda: _several(request)),
    }


def _native(code: str) -> dict[str, str]:
    """A language's own name, as its speakers write it."""
    own = {"pt-br": "Português (Brasil)"}.get(code) or get_language_info(code)["name_local"]
    return {"name": own[0].upper() + own[1:], "short": code[:2].upper()}


def _several(request: HttpRequest) -> bool:
    """Whether this person works in more than one clinic."""
    return len(Membership.objects.filter(user=request.user.pk).values_list("id")[:2]) > 1


def _notices(request: HttpRequest, clinic: Clinic | None) -> list[Notice]:
    if clinic is None:
        return []
    notices = []
    if clinic.suspended:
        notices.append(Notice("bad", "slash-circle", _("This clinic is suspended: nothing is sent.")))
    if clinic.paused_until and clinic.paused_until > clock.now():
        notices.append(Notice("warn", "pause-circle", _paused(clinic.paused_until), True, may_change(request)))
    if clinic.test_mode:
        notices.append(
            Notice("calm", "info-circle", _("Test mode: everything is decided and logged, nothing reaches a patient."))
        )
    return notices + _without_sender(request, clinic)


def _paused(until: datetime) -> str:
    """Until when, and who said so; nobody is named where no person did."""
    change = last_change(SettingArea.PAUSE)
    if change is None or change.by is None:
        return _("Sending is paused until %(until)s.") % {"until": moment(until)}
    return _("Sending is paused until %(until)s (by %(who)s).") % {
        "until": moment(until),
        "who": change.by.get_full_name(),
    }


def _without_sender(request: HttpRequest, clinic: Clinic) -> list[Notice]:
    """A channel that is on and has no sender, or one whose account is let be: nothing can go by it, and nobody would
    see why before it is due."""
    open_until = F("states__open_until")
    there = dict(Sender.objects.filter(active=True).values_list("channel", open_until))
    words = {
        Channel.EMAIL: _(
            "No e-mail account is set up: no e-mail reminder can go. Administrators set it up in Settings."
        ),
        Channel.SMS: _("No SMS sender is set up: no SMS can go. Administrators set it up in Settings."),
    }
    missing = [
        Notice("bad", "exclamation-triangle", text)
        for channel, text in words.items()
        if channel in clinic.channels_on and channel not in there
    ]
    return missing + ([_failing(request, one) for one in all_failing_now()] if any(there.values()) else [])


def _failing(request: HttpRequest, account: FailingNow) -> Notice:
    words = {
        Channel.EMAIL: _("No e-mail has left since %(since)s: %(cause)s What is due waits, and goes once the account "
                         "works, unless it is too late by then."),
        Channel.SMS: _("No SMS has left since %(since)s: %(cause)s What is due waits, and goes once the account "
                       "works, unless it is too late by then."),
    }  # fmt: skip
    text = words.get(account.channel, words[Channel.SMS]) % {"since": moment(account.since), "cause": account.cause}
    page = account.page if may_change(request) else ""
    return Notice("bad", "exclamation-octagon", text, stays=True, page=page)
