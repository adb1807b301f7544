"""How does a rule change? The one writer of Rule.

What contradicts itself is refused with the reason and what to try instead, at the field that is wrong. A change is
kept with who made it, and every appointment to come is planned again, so that it reaches bookings already made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from appointments.models import AppointmentType
from clinics.holidays import closed_around, own_days
from clinics.models import Clinic, Location, Practitioner, SettingArea
from clinics.owned import ClinicOwned
from clinics.setting_log import Act, differences, note_change
from messaging.delivery_reports import silent_channels
from reminders.kinds import NOTICES, Kind, LatePolicy, TimingKind
from reminders.models import Rule
from reminders.replanning import plan_again
from reminders.rule_check import Fallback, Wrong, same_moment, wrong_fallback, wrong_statuses, wrong_with
from reminders.rule_defaults import DEFAULT_STATUSES, ON_EVENT
from reminders.timing import Hours, Timing


@dataclass(frozen=True)
class Only:
    """The practitioners, places and types (ids of the clinic's own rows) that a rule is for; empty means all."""

    practitioners: tuple[int, ...] = ()
    locations: tuple[int, ...] = ()
    types: tuple[int, ...] = ()


@dataclass(frozen=True)
class NewRule:
    """What is wanted of a rule. `channel` is empty for the patient's preferred one. A notice has no timing, late policy
    or stop, one of a cancellation no statuses: what is given of them counts for nothing."""

    kind: Kind
    timing: Timing
    channel: str
    statuses: tuple[str, ...]
    late_policy: LatePolicy
    active: bool
    only: Only = Only()
    stop_when_confirmed: bool = False
    fallback: Fallback | None = None


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
    wanted = _fitted(wanted)
    if wrong := _wrong(clinic, wanted):
        raise RuleRefused(wrong)
    return _write(clinic, rule, wanted, act)


def lock_rules(clinic: Clinic) -> None:
    """Lets nobody else change the clinic's rules, or the rest of its settings, until the transaction ends."""
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def switch_rule(clinic: Clinic, rule: Rule, on: bool, act: Act) -> WrittenRule:
    """Switches a rule on or off and nothing else; inside `in_clinic`. Raises RuleRefused where it could not send, or
    another active rule does the same."""
    wanted = replace(described(rule), active=on)
    if on and (wrong := _wrong(clinic, wanted)):
        raise RuleRefused(wrong)
    return _write(clinic, rule, wanted, act)


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


def described(rule: Rule) -> NewRule:
    """A rule as it stands, in the words in which it is wanted."""
    fallback = Fallback(rule.fallback_channel, rule.fallback_minutes, rule.fallback_on_uncertain)
    return NewRule(
        kind=Kind(rule.kind),
        timing=timing_of(rule),
        channel=rule.channel,
        statuses=tuple(rule.statuses),
        late_policy=LatePolicy(rule.late_policy),
        active=rule.active,
        only=Only(tuple(rule.practitioners), tuple(rule.locations), tuple(rule.types)),
        stop_when_confirmed=rule.stop_when_confirmed,
        fallback=fallback if rule.fallback_channel else None,
    )


def columns(wanted: NewRule) -> dict[str, Any]:
    """Column → value of what is wanted."""
    timing, only = wanted.timing, wanted.only
    fallback = wanted.fallback or Fallback("")
    return {
        "kind": wanted.kind.value,
        "timing": timing.kind.value,
        "amount": timing.amount,
        "working_days": timing.working_days,
        "at_time": timing.at,
        "channel": wanted.channel,
        "statuses": list(wanted.statuses),
        "late_policy": wanted.late_policy.value,
        "practitioners": list(only.practitioners),
        "locations": list(only.locations),
        "types": list(only.types),
        "stop_when_confirmed": wanted.stop_when_confirmed,
        "fallback_channel": fallback.channel,
        "fallback_minutes": fallback.minutes,
        "fallback_on_uncertain": fallback.on_uncertain,
        "active": wanted.active,
    }


def _fitted(wanted: NewRule) -> NewRule:
    """Without what means nothing for its kind, timing and channel."""
    timing, fallback = wanted.timing, wanted.fallback
    if fallback is not None and wanted.channel in silent_channels():
        fallback = replace(fallback, minutes=None)
    if wanted.kind in NOTICES:
        fixed = wanted.kind is Kind.CANCELLATION
        statuses = DEFAULT_STATUSES[wanted.kind] if fixed else wanted.statuses
        late = LatePolicy.NEXT_ALLOWED
        given = replace(wanted, timing=ON_EVENT, statuses=tuple(statuses), late_policy=late, stop_when_confirmed=False)
        return replace(given, fallback=fallback)
    at = timing.at if timing.kind is TimingKind.DAYS_BEFORE_AT else None
    working_days = timing.working_days and timing.kind is not TimingKind.BEFORE_ELAPSED
    return replace(wanted, timing=replace(timing, at=at, working_days=working_days), fallback=fallback)


def _wrong(clinic: Clinic, wanted: NewRule) -> list[Wrong]:
    notice, found = wanted.kind in NOTICES, []
    if not notice:
        found += wrong_with(wanted.timing, clinic_hours(clinic), wanted.channel or clinic.default_channel)
    if wanted.kind is not Kind.CANCELLATION:
        found += wrong_statuses(wanted.statuses, wanted.stop_when_confirmed)
    if wanted.fallback is not None:
        found += wrong_fallback(wanted.fallback, wanted.channel, wanted.timing)
    own: dict[str, type[ClinicOwned]] = {
        "practitioners": Practitioner, "locations": Location, "types": AppointmentType,
    }  # fmt: skip
    for name, model in own.items():
        ids = set(getattr(wanted.only, name))
        if ids and model.objects.filter(pk__in=ids).count() < len(ids):
            found.append(Wrong.not_ours(name))
    return found


def _write(clinic: Clinic, rule: Rule | None, wanted: NewRule, act: Act) -> WrittenRule:
    """Writes what differs, while nobody else changes the clinic's rules. Raises RuleRefused for a second of a kind."""
    lock_rules(clinic)
    written = Rule(clinic=clinic) if rule is None else Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    if wanted.active and (twice := _twice(clinic, wanted, written)) is not None:
        raise RuleRefused([twice])
    values = columns(wanted)
    changed = differences({name: getattr(written, name) for name in values} if rule else {}, values)
    if rule is not None and not changed:
        return WrittenRule(written, 0)
    for name, value in values.items():
        setattr(written, name, value)
    written.save()
    note_change(clinic, SettingArea.RULE, changed, act, row=written.pk)
    return WrittenRule(written, plan_again(clinic, act.at))


def _twice(clinic: Clinic, wanted: NewRule, itself: Rule) -> Wrong | None:
    """Another active rule by which some patient would receive the same twice."""
    notice, hours = wanted.kind in NOTICES, clinic_hours(clinic)
    for other in map(described, Rule.objects.filter(active=True, kind=wanted.kind).exclude(pk=itself.pk)):
        same_way = wanted.channel == other.channel or not (wanted.channel and other.channel)
        same_time = notice or same_moment(wanted.timing, other.timing, hours)
        if same_way and same_time and _overlap(columns(wanted), columns(other)):
            return Wrong.told_twice() if notice else Wrong.twice()
    return None


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether an appointment may pass the filters of both."""
    filters = ("practitioners", "locations", "types")
    both = all(not one[name] or not other[name] or set(one[name]) & set(other[name]) for name in filters)
    return both and bool(set(one["statuses"]) & set(other["statuses"]))
