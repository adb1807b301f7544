"""When does the clinic remind? The list of its rules, each with a worked example, and the form of one."""

import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics import clock
from clinics.pages.access import clinic_of
from clinics.pages.settings_page import act_of, may_change, settings_page, with_frame
from messaging.channels import Channel
from reminders.models import Rule
from reminders.pages.rule_form import RuleForm
from reminders.pages.rule_words import card, in_order
from reminders.rule_check import wrong_with
from reminders.rule_example import examples
from reminders.rule_writing import RuleRefused, WrittenRule, clinic_hours, hours_around, switch_rule, write_rule

#: An id that the database can hold.
_ID = re.compile(r"[0-9]{1,18}")


@settings_page
def rules(request: HttpRequest) -> HttpResponse:
    """The list; POST switches the rule `rule` on or off (`on` is 1 or 0)."""
    clinic = clinic_of(request)
    if request.method == "POST":
        rule = _find(request.POST.get("rule", ""))
        try:
            written = switch_rule(clinic, rule, request.POST.get("on") == "1", act_of(request))
        except RuleRefused as refused:
            messages.warning(request, refused.wrong[0].words)
        else:
            _say(request, written)
        return redirect("settings_rules", slug=clinic.slug)
    now = clock.now()
    cards = [card(rule, clinic, now) for rule in in_order(Rule.objects.order_by("pk"))]
    return render(request, "settings/rules.html", with_frame(request, "rules", cards=cards))


@settings_page
def rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """The form of a rule, or of a new one. What contradicts itself is said at its field, and nothing is changed."""
    if not may_change(request):
        return redirect("settings_rules", slug=clinic_of(request).slug)
    clinic = clinic_of(request)
    present = _find(str(rule_id)) if rule_id is not None else None
    form = RuleForm(clinic, present, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            written = write_rule(clinic, present, form.wanted(), act_of(request))
        except RuleRefused as refused:
            for wrong in refused.wrong:
                form.add_error(wrong.field, wrong.words)
        else:
            _say(request, written)
            return redirect("settings_rules", slug=clinic.slug)
    context = {"form": form, "rule": present}
    return render(request, "settings/rule.html", with_frame(request, "rules", **context))


@settings_page
def rule_example(request: HttpRequest) -> HttpResponse:
    """What the rule that is being typed would do; asked by the form while it is filled in, changes nothing."""
    clinic = clinic_of(request)
    form = RuleForm(clinic, None, request.POST)
    form.is_valid()
    if {"timing", "amount", "at_time", "channel"} & set(form.errors):
        return render(request, "settings/rule_example.html", {"wrong": _("Type a number to see an example.")})
    timing, hours = form.timing_typed(), clinic_hours(clinic)
    channel = Channel(form.cleaned_data["channel"] or clinic.default_channel)
    wrong = wrong_with(timing, hours, channel)
    now = clock.now()
    context = {
        "wrong": wrong[0].words if wrong else "",
        "examples": [] if wrong else examples(timing, hours_around(clinic, now), channel, now),
    }
    return render(request, "settings/rule_example.html", context)


def _find(rule_id: str) -> Rule:
    found: Rule | None = Rule.objects.filter(pk=rule_id).first() if _ID.fullmatch(rule_id) else None
    if found is None:
        raise Http404
    return found


def _say(request: HttpRequest, written: WrittenRule) -> None:
    """Saved, and how far it reaches."""
    count = written.planned_again
    reach = ngettext(
        "%(count)s appointment to come is planned again.", "%(count)s appointments to come are planned again.", count
    )
    messages.success(request, f"{_('The rule is saved.')} {reach % {'count': count}}" if count else _("Saved."))
