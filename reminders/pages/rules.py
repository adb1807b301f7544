"""When does the clinic remind? The list of its rules, each with a worked example, and the form of one."""

import re
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics import clock
from clinics.models import Clinic
from clinics.once import claim
from clinics.pages.access import clinic_of
from clinics.pages.settings_page import act_of, may_change, settings_page, with_frame, with_reach
from clinics.setting_log import Act
from messaging.channels import Channel
from reminders.kinds import NOTICES, Kind, LatePolicy
from reminders.models import Rule
from reminders.pages.effect_question import ask_first, came_back
from reminders.pages.rule_form import RuleForm
from reminders.pages.rule_lacks import equipment
from reminders.pages.rule_panel import panel
from reminders.pages.rule_words import around, card, event_in_words, in_order, timing_in_words
from reminders.pages.words import CHANNEL, KIND
from reminders.rule_defaults import DEFAULT_STATUSES, PRESETS, Preset
from reminders.rule_example import clock_change, examples
from reminders.rule_writing import NewRule, RuleRefused, WrittenRule, hours_around, lock_rules, switch_rule, write_rule
from reminders.wordings import give_default_wordings

#: An id that the database can hold.
_ID = re.compile(r"[0-9]{1,18}")
#: Stands in the address of a new rule that begins as usual.
_OTHER = "other"


@settings_page
def rules(request: HttpRequest) -> HttpResponse:
    """The list; POST switches the rule `rule` on or off (`on` is 1 or 0); what that does is asked first."""
    clinic = clinic_of(request)
    if request.method == "POST":
        return _switch(request)
    about = around(clinic, clock.now())
    cards = [card(rule, about) for rule in in_order(Rule.objects.order_by("pk"))]
    context = {
        "steps": [one for one in cards if not one.notice],
        "events": [one for one in cards if one.notice],
        "channels": [CHANNEL[one] for one in CHANNEL if one in clinic.channels_on],
    }
    return render(request, "settings/rules.html", with_frame(request, "rules", **context))


def _switch(request: HttpRequest) -> HttpResponse:
    clinic, act = clinic_of(request), act_of(request)
    change = partial(switch_rule, clinic, _find(request.POST.get("rule", "")), request.POST.get("on") == "1", act)
    try:
        if not came_back(request):
            if (asked := ask_first(request, "rules", change, act.at)) is not None:
                return asked
            _say(request, change())
    except RuleRefused as refused:
        messages.warning(request, refused.wrong[0].words)
    return redirect("settings_rules", slug=clinic.slug)


@require_POST
@settings_page
def rule_words(request: HttpRequest) -> HttpResponse:
    """The supplied words for what the rule `rule` lacks."""
    clinic = clinic_of(request)
    rule = _find(request.POST.get("rule", ""))
    there = equipment(clinic)
    lacking = there.without_words(Kind(rule.kind), there.ways(rule.channel, rule.fallback_channel))
    if give_default_wordings(clinic, clock.now(), lacking):
        messages.success(request, _("The supplied words are in force. Look at them under “Wordings”."))
    return redirect("settings_rules", slug=clinic.slug)


@settings_page
def rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """The form of a rule, or of a new one, which begins with a choice of usual ones (`start` names it). What
    contradicts itself is said at its field, and nothing is changed."""
    clinic = clinic_of(request)
    if not may_change(request):
        return redirect("settings_rules", slug=clinic.slug)
    if request.method != "POST":
        if rule_id is None and "start" not in request.GET:
            return _usual_ones(request)
        present = None if rule_id is None else _find(str(rule_id))
        return _form(request, RuleForm(clinic, present, preset=_preset(request.GET.get("start", ""))), present)
    present = None if rule_id is None else _find(str(rule_id))
    form = RuleForm(clinic, present, request.POST)
    if came_back(request) or not form.is_valid():
        return _form(request, form, present)
    try:
        answer = _save(request, form, present)
    except RuleRefused as refused:
        for wrong in refused.wrong:
            form.add_error(wrong.field, wrong.words)
        return _form(request, form, present)
    return answer or _form(request, form, present)


@settings_page
def rule_example(request: HttpRequest) -> HttpResponse:
    """What the rule that is being typed would do; asked by the form while it is filled in, changes nothing."""
    clinic = clinic_of(request)
    context = panel(clinic, RuleForm(clinic, None, request.POST), clock.now())
    return render(request, "settings/rule_example.html", {"asked": True, **context})


def _save(request: HttpRequest, form: RuleForm, present: Rule | None) -> HttpResponse | None:
    """Asks, or writes; None where somebody else changed the rule meanwhile, which the form then says. Raises
    RuleRefused; then nothing was claimed, and the form may be sent again."""
    clinic, act = clinic_of(request), act_of(request)
    change = partial(_write, clinic, form, present, act)
    if (asked := ask_first(request, "rules", change, act.at)) is not None:
        return asked
    lock_rules(clinic)
    if present is not None and not form.is_current(RuleForm(clinic, _find(str(present.pk)))):
        return None
    written = change()
    if written is not None:
        _say(request, written)
    return redirect("settings_rules", slug=clinic.slug)


def _write(clinic: Clinic, form: RuleForm, present: Rule | None, act: Act) -> WrittenRule | None:
    """Writes what was typed; None where a new one was sent before. Raises RuleRefused."""
    wanted = form.wanted()
    with transaction.atomic():
        if present is None and not claim(clinic, form.cleaned_data["token"]):
            return None
        written = write_rule(clinic, present, wanted, act)
        if form.cleaned_data["give_words"]:
            there = equipment(clinic)
            ways = there.ways(wanted.channel, wanted.fallback.channel if wanted.fallback else "")
            give_default_wordings(clinic, act.at, there.without_words(wanted.kind, ways))
    return written


def _form(request: HttpRequest, form: RuleForm, present: Rule | None) -> HttpResponse:
    clinic, now = clinic_of(request), clock.now()
    context = {
        "form": form,
        "rule": present,
        "event_kinds": " ".join(sorted(NOTICES)),
        "statuses": {kind.value: list(statuses) for kind, statuses in DEFAULT_STATUSES.items()},
        "clock_change": clock_change(hours_around(clinic, now), now),
        **panel(clinic, form, now),
    }
    return render(request, "settings/rule.html", with_frame(request, "rules", **context))


def _usual_ones(request: HttpRequest) -> HttpResponse:
    """What a new rule may begin as, each with its example."""
    clinic, now = clinic_of(request), clock.now()
    hours, way = hours_around(clinic, now), Channel(clinic.default_channel)
    timed = [
        {
            "code": one.code,
            "words": timing_in_words(one.timing),
            "examples": examples(one.timing, hours, way, now)[:1],
        }
        for one in PRESETS
        if one.kind not in NOTICES
    ]
    events = [
        {"code": one.code, "words": event_in_words(one.kind), "kind": KIND[one.kind]}
        for one in PRESETS
        if one.kind in NOTICES
    ]
    context = {"timed": timed, "events": events, "other": _OTHER, "clock_change": clock_change(hours, now)}
    return render(request, "settings/rule_start.html", with_frame(request, "rules", **context))


def _preset(code: str) -> NewRule | None:
    found: Preset | None = next((one for one in PRESETS if one.code == code), None)
    if found is None:
        return None
    statuses = DEFAULT_STATUSES[found.kind]
    return NewRule(found.kind, found.timing, "", statuses, LatePolicy.NEXT_ALLOWED, active=True)


def _find(rule_id: str) -> Rule:
    found: Rule | None = Rule.objects.filter(pk=rule_id).first() if _ID.fullmatch(rule_id) else None
    if found is None:
        raise Http404
    return found


def _say(request: HttpRequest, written: WrittenRule) -> None:
    """Saved, and how far it reaches."""
    messages.success(request, with_reach(_("The rule is saved."), written.planned_again))
