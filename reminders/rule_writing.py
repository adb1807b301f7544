"""How does a rule change? The one writer of Rule, after the demo's.

What contradicts itself is refused with the reason and what to try instead, at the field that is wrong. A change is
kept with who made it, and every appointment to come is planned again, so that it reaches bookings already made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from clinics.holidays import closed_around, own_days
from clinics.models import Clinic, SettingArea
from clinics.setting_log import Act, differences, note_change
from reminders.kinds import Kind, LatePolicy, TimingKind
from reminders.models import Rule
from reminders.replanning import plan_again
from reminders.rule_check import Wrong, wrong_with
from reminders.timing import Hours, Timing

_FIELDS = ("kind", "timing", "amount", "working_days", "at_time", "channel", "statuses", "late_policy", "active")


@dataclass(frozen=True)
class NewRule:
    """What is wanted of a rule. `channel` is empty for the patient's preferred one."""

    kind: Kind
    timing: Timing
    channel: str
    statuses: tuple[str, ...]
    late_policy: LatePolicy
    active: bool


@dataclass(frozen=True)
class WrittenRule:
    """The rule as it is now, and how many appointments are planned again because of it."""

    rule: Rule
    planned_again: int


class RuleRefused(ValueError):
    """The rule contradicts itself or another; `wrong` says what, by field."""

    def __init__(self, wrong: list[Wrong]) -> None:
        """Each of them has words for the person who wrote it."""
        super().__init__("; ".join(str(one.words) for one in wrong))
        self.wrong = wrong


def write_rule(clinic: Clinic, rule: Rule | None, wanted: NewRule, act: Act) -> WrittenRule:
    """Makes (None) or changes a rule; inside `in_clinic`. What does not differ is not written. Raises RuleRefused."""
    values = _columns(wanted)
    if wrong := wrong_with(wanted.timing, clinic_hours(clinic), wanted.channel or clinic.default_channel):
        raise RuleRefused(wrong)
    if not wanted.statuses:
        raise RuleRefused([Wrong.no_status()])
    if wanted.active and _stands_already(rule, values):
        raise RuleRefused([Wrong.twice()])
    return _write(clinic, rule, values, act)


def switch_rule(clinic: Clinic, rule: Rule, on: bool, act: Act) -> WrittenRule:
    """Switches a rule on or off and nothing else; inside `in_clinic`. Raises RuleRefused where another active rule
    does the same."""
    if on and _stands_already(rule, {name: getattr(rule, name) for name in _FIELDS}):
        raise RuleRefused([Wrong.twice()])
    return _write(clinic, rule, {"active": on}, act)


def clinic_hours(clinic: Clinic) -> Hours:
    """When something may leave by itself, in the clinic's own zone, in a week without any holiday: a rule is judged by
    what always holds."""
    return Hours(clinic.time_zone, clinic.quiet_from, clinic.quiet_until, frozenset(clinic.closed_weekdays))


def hours_around(clinic: Clinic, now: datetime) -> Hours:
    """The same with the closed days around `now`, as for an appointment at no place; inside `in_clinic`."""
    return replace(clinic_hours(clinic), holidays=closed_around(clinic, None, own_days(), now.year + 1))


def timing_of(rule: Rule) -> Timing:
    """The rule's timing as plain values."""
    return Timing(TimingKind(rule.timing), rule.amount, rule.at_time, rule.working_days)


def _write(clinic: Clinic, rule: Rule | None, values: Mapping[str, Any], act: Act) -> WrittenRule:
    changed = differences({name: getattr(rule, name) for name in values} if rule else {}, values)
    if rule is not None and not changed:
        return WrittenRule(rule, 0)
    written = Rule(clinic=clinic) if rule is None else Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    for name, value in values.items():
        setattr(written, name, value)
    written.save()
    note_change(clinic, SettingArea.RULE, changed, act, row=written.pk)
    return WrittenRule(written, plan_again(act.at))


def _columns(wanted: NewRule) -> dict[str, Any]:
    timing = wanted.timing
    at_a_time = timing.kind is TimingKind.DAYS_BEFORE_AT
    return {
        "kind": wanted.kind.value,
        "timing": timing.kind.value,
        "amount": timing.amount,
        "working_days": timing.working_days and timing.kind is not TimingKind.BEFORE_ELAPSED,
        "at_time": timing.at if at_a_time else None,
        "channel": wanted.channel,
        "statuses": list(wanted.statuses),
        "late_policy": wanted.late_policy.value,
        "active": wanted.active,
    }


def _stands_already(rule: Rule | None, values: Mapping[str, Any]) -> bool:
    same = {name: values[name] for name in ("kind", "timing", "amount", "working_days", "at_time", "channel")}
    others = Rule.objects.filter(active=True, **same)
    return bool(others.exclude(pk=rule.pk if rule else None).exists())
