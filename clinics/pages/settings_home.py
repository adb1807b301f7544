"""Is the clinic ready to remind its patients? The checklist of setting up, and what was last changed by whom."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from clinics.models import Clinic, SettingArea, SettingEvent
from clinics.pages.access import clinic_of
from clinics.pages.settings_page import settings_page, with_frame
from clinics.setting_log import newest_of_all
from messaging.channels import Channel
from messaging.pages.check_words import failure_of
from messaging.sender_writing import active_sender, last_try
from patients.models import Patient
from reminders.kinds import Kind
from reminders.models import Rule
from reminders.pages.rule_lacks import equipment
from reminders.pages.words import CHANNEL, KIND


@dataclass(frozen=True)
class Item:
    """One line of the checklist. `mark` is done, open, or none (not needed as the clinic is set up)."""

    title: str
    note: str
    mark: str
    #: The name of the page's address; empty where another page is meant.
    url: str


@settings_page
def settings_home(request: HttpRequest) -> HttpResponse:
    """The checklist and the newest changes, for everybody in the clinic."""
    items = checklist(clinic_of(request))
    counted = [item for item in items if item.mark != "none"]
    done = sum(item.mark == "done" for item in counted)
    context = {
        "items": items,
        "done": done,
        "all": len(counted),
        "events": [{"event": one, "words": event_words(one)} for one in newest_of_all()],
    }
    return render(request, "settings/home.html", with_frame(request, "home", **context))


def checklist(clinic: Clinic) -> list[Item]:
    """What a clinic needs before a first reminder can go, as it stands. Inside `in_clinic`."""
    return [_email(clinic), _sms(clinic), _wording(clinic), _rule(), _patient(), _live(clinic)]


def event_words(event: SettingEvent) -> str:
    """What happened, in words that name no value."""
    area = str(SettingArea(event.area).label)
    if not event.tried:
        return _("%(area)s: changed") % {"area": area}
    failed = failure_of(event)
    return f"{area}: {failed}" if failed else _("%(area)s: tried, every step went well") % {"area": area}


def _email(clinic: Clinic) -> Item:
    title, url = _("E-mail account tested"), "settings_email"
    if Channel.EMAIL not in clinic.channels_on:
        return Item(title, _("Not needed: e-mail is switched off."), "none", url)
    sender = active_sender(Channel.EMAIL)
    if sender is None:
        return Item(title, _("No account is set up yet."), "open", url)
    tried = last_try(Channel.EMAIL)
    if tried is None:
        return Item(title, _("%(address)s: not tried yet.") % {"address": sender.address}, "open", url)
    if failed := failure_of(tried):
        return Item(title, str(failed), "open", url)
    return Item(title, sender.address, "done", url)


def _sms(clinic: Clinic) -> Item:
    title, url = _("SMS sender"), "settings_sms"
    sender = active_sender(Channel.SMS)
    if sender is not None:
        return Item(title, sender.address, "done", url)
    if Channel.SMS not in clinic.channels_on:
        return Item(title, _("Not needed: SMS is switched off."), "none", url)
    return Item(title, _("No sender is set up yet."), "open", url)


def _wording(clinic: Clinic) -> Item:
    title, url = _("Wordings"), "settings_wordings"
    there = equipment(clinic)
    lacking = there.without_words(Kind.REMINDER, there.ways(""))
    for rule in Rule.objects.filter(active=True):
        lacking |= there.without_words(Kind(rule.kind), there.ways(rule.channel, rule.fallback_channel))
    if not lacking:
        return Item(title, _("Everything that is sent has words in the clinic's language."), "done", url)
    missing = ", ".join(sorted(f"{KIND[kind]} ({CHANNEL[channel]})" for kind, channel in lacking))
    return Item(title, _("Without words in the clinic's language: %(missing)s") % {"missing": missing}, "open", url)


def _rule() -> Item:
    title, url = _("A rule is on"), "settings_rules"
    count = Rule.objects.filter(active=True).count()
    note = _("Rules that are on: %(count)s") % {"count": count} if count else _("No rule is on: nothing is planned.")
    return Item(title, note, "done" if count else "open", url)


def _patient() -> Item:
    title = _("A first patient with consent")
    ready = Patient.objects.filter(default_notifications=True, consent_data_protection=True, archived=False)
    if (ready.filter(consent_email=True) | ready.filter(consent_sms=True)).exists():
        return Item(title, _("At least one patient may be written to."), "done", "agenda")
    return Item(title, _("No patient has agreed to be written to yet."), "open", "agenda")


def _live(clinic: Clinic) -> Item:
    title, url = _("The clinic is live"), "settings_clinic"
    if clinic.test_mode:
        return Item(title, _("Test mode: everything is decided and logged, nothing reaches a patient."), "open", url)
    return Item(title, _("Reminders reach patients."), "done", url)
