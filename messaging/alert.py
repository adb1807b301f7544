"""How do a clinic's administrators learn that an account of theirs is let be? One mail by the platform's own account.

Each in their own language: which sender, since when, what its server said, and what to do. How many reminders wait is
left out, as nothing counts them.
"""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from clinics.models import Clinic, Membership, Role, User
from messaging.channels import Channel
from messaging.outcomes import FailureKind
from messaging.sender_state import Failing

Words = str | Promise

#: What happened to an account, by the failure that speaks against it.
CAUSES: Mapping[FailureKind | None, Words] = {
    FailureKind.UNREACHABLE: gettext_lazy("The clinic's provider could not be reached."),
    FailureKind.TLS_FAILED: gettext_lazy("No safe connection to the clinic's mail server was possible."),
    FailureKind.AUTH_REFUSED: gettext_lazy("The provider refused the account's user name or password."),
    FailureKind.SENDER_REFUSED: gettext_lazy("The provider does not send for this sender."),
    FailureKind.TARGET_REFUSED: gettext_lazy("The mail server's address is not one that may be called."),
    FailureKind.RATE_LIMITED: gettext_lazy("The provider takes no more messages of this sender for the moment."),
    FailureKind.PLATFORM_FAULT: gettext_lazy("A fault of Avisa kept messages from being sent."),
    None: gettext_lazy("The provider cut off one call after the other."),
}
_CHANNELS: Mapping[str, Words] = {Channel.EMAIL: gettext_lazy("E-mail"), Channel.SMS: gettext_lazy("SMS")}
#: The page of each channel's account.
PAGES = {Channel.EMAIL: "settings_email", Channel.SMS: "settings_sms"}


def cause(kind: FailureKind | None) -> Words:
    """What happened to the account, as a sentence."""
    return CAUSES.get(kind, CAUSES[FailureKind.UNREACHABLE])


def administrators(clinic: Clinic) -> list[User]:
    """Who is told."""
    rows = Membership.objects.filter(clinic=clinic, role=Role.ADMIN, user__is_active=True).select_related("user")
    return [membership.user for membership in rows.order_by("pk")]


def send_alert(clinic: Clinic, people: list[User], failing: Failing, since: datetime) -> None:
    """One mail each; `since` is by the clock that people read. Opens no transaction. Raises OSError or
    smtplib.SMTPException where the platform's mail server does not take them."""
    mails = [_mail(clinic, person, failing, since) for person in people]
    get_connection(fail_silently=False).send_messages(mails)


def _mail(clinic: Clinic, person: User, failing: Failing, since: datetime) -> EmailMessage:
    with override(person.language or clinic.language):
        words = {"clinic": clinic.name, "channel": _CHANNELS.get(failing.channel, failing.channel)}
        subject = _("%(clinic)s: reminders by %(channel)s are waiting") % words
        return EmailMessage(subject, _text(clinic, failing, since), settings.DEFAULT_FROM_EMAIL, [person.email])


def _text(clinic: Clinic, failing: Failing, since: datetime) -> str:
    local = since.astimezone(ZoneInfo(clinic.time_zone))
    moment = f"{formats.date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M}"
    words = {"address": failing.address, "since": moment, "clinic": clinic.name}
    paragraphs = [
        _("No reminder has left %(clinic)s from %(address)s since %(since)s.") % words,
        f"{cause(failing.kind)}{_quoted(failing)}",
        _("What to do: check the account on this page, and save it. What is still of use then goes within minutes."),
        _page_of(clinic, failing.channel),
        _("Until then Avisa tries by itself with one message from time to time. A reminder whose time passes meanwhile "
          "is shown as an error at its appointment. This mail comes once."),
    ]  # fmt: skip
    return "\n\n".join(paragraphs) + "\n"


def _quoted(failing: Failing) -> str:
    said = f"{failing.code} {failing.detail}".strip()
    return " " + _("In its own words: %s") % said if said else ""


def _page_of(clinic: Clinic, channel: Channel) -> str:
    base: str = settings.BASE_URL
    return base + reverse(PAGES.get(channel, "settings"), kwargs={"slug": clinic.slug})
