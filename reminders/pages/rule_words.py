"""How does a rule read? Its moment, channel, filters and late policy in words, and its worked example."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from appointments.models import AppointmentType
from clinics.models import Clinic, Location, Practitioner, SettingArea, SettingEvent
from clinics.setting_log import newest
from messaging.channels import Channel
from messaging.delivery_reports import silent_channels
from reminders.kinds import NOTICES, Kind, LatePolicy, TimingKind
from reminders.models import Rule
from reminders.pages.rule_lacks import Equipment, Lack, equipment
from reminders.pages.words import CHANNEL, CHANNEL_ICON, KIND
from reminders.rule_defaults import ELIGIBLE
from reminders.rule_example import Example, examples
from reminders.rule_writing import hours_around, timing_of
from reminders.timing import Hours, Timing

TIMING: list[tuple[str, str | Promise]] = [
    (TimingKind.BEFORE_ELAPSED, gettext_lazy("Hours or minutes before the appointment")),
    (TimingKind.DAYS_BEFORE_SAME_TIME, gettext_lazy("Days before, at the appointment's own time of day")),
    (TimingKind.DAYS_BEFORE_AT, gettext_lazy("Days before, at a fixed time of day")),
]
LATE: list[tuple[str, str | Promise]] = [
    (LatePolicy.NEXT_ALLOWED, gettext_lazy("Send it at the next allowed moment")),
    (LatePolicy.SEND_NOW, gettext_lazy("Send it at once, if that moment is allowed")),
    (LatePolicy.SKIP, gettext_lazy("Leave it out")),
]
#: Statuses in which an appointment is still to come.
STATUSES = [(status.value, status.label) for status in ELIGIBLE]
_EVENT: dict[Kind, str | Promise] = {
    Kind.BOOKING: gettext_lazy("When an appointment is booked"),
    Kind.CHANGE: gettext_lazy("When an appointment is changed"),
    Kind.CANCELLATION: gettext_lazy("When an appointment is cancelled"),
}


@dataclass(frozen=True)
class Around:
    """What the words of all rules rest on, read once."""

    clinic: Clinic
    now: datetime
    hours: Hours
    equipment: Equipment
    #: The field of a filter → id → name.
    names: dict[str, dict[int, str]]


@dataclass(frozen=True)
class RuleCard:
    """A rule as the list shows it."""

    rule: Rule
    kind: str | Promise
    timing: str
    notice: bool
    channel: str | Promise
    channel_icon: str
    fallback: str
    statuses: str
    #: For which practitioners, places and types alone; empty for all.
    only: str
    #: Empty for a notice.
    late: str | Promise
    examples: list[Example]
    #: Since when it is off, and by whom; None while it is on, or where nobody switched it.
    off: SettingEvent | None
    changed: SettingEvent | None
    #: What it lacks to be sent, while it is on.
    lacks: list[Lack]


def around(clinic: Clinic, now: datetime) -> Around:
    """Everything around the rules; inside `in_clinic`."""
    return Around(clinic, now, hours_around(clinic, now), equipment(clinic), filter_names())


def filter_names() -> dict[str, dict[int, str]]:
    """What a rule may be limited to: the field → id → name. Inside `in_clinic`."""
    models = {"practitioners": Practitioner, "locations": Location, "types": AppointmentType}
    return {field: dict(model.objects.order_by("name").values_list("pk", "name")) for field, model in models.items()}


def card(rule: Rule, about: Around) -> RuleCard:
    """Everything about a rule in words. Inside `in_clinic`."""
    clinic, kind = about.clinic, Kind(rule.kind)
    notice = kind in NOTICES
    channel = Channel(rule.channel or clinic.default_channel)
    events = [event for event in newest(SettingArea.RULE, rule.pk) if not event.tried]
    switched = next((event for event in events if event.details.get("active", [None, None])[1] is False), None)
    ways = about.equipment.ways(rule.channel, rule.fallback_channel)
    return RuleCard(
        rule=rule,
        kind=KIND[kind],
        timing=rule_in_words(rule),
        notice=notice,
        channel=CHANNEL[channel] if rule.channel else _("The patient's preferred channel"),
        channel_icon=CHANNEL_ICON[channel] if rule.channel else "person-check",
        fallback=fallback_in_words(rule),
        statuses=", ".join(str(label) for value, label in STATUSES if value in rule.statuses),
        only=_only(rule, about.names),
        late="" if notice else dict(LATE)[LatePolicy(rule.late_policy)],
        examples=[] if notice else examples(timing_of(rule), about.hours, channel, about.now),
        off=None if rule.active else switched,
        changed=events[0] if events else None,
        lacks=about.equipment.lacks(kind, ways) if rule.active else [],
    )


def rule_in_words(rule: Rule) -> str:
    """As "24 hours before", "When an appointment is changed"."""
    return str(_EVENT.get(Kind(rule.kind)) or timing_in_words(timing_of(rule)))


def event_in_words(kind: Kind) -> str:
    """When a notice goes; empty for what counts back from the start."""
    return str(_EVENT.get(kind, ""))


def timing_in_words(timing: Timing) -> str:
    """As "24 hours before", "2 working days before, at 10:00"."""
    if timing.kind is TimingKind.BEFORE_ELAPSED:
        return _elapsed(timing.amount)
    if timing.working_days:
        words = ngettext("%(number)s working day before", "%(number)s working days before", timing.amount)
    elif timing.amount == 1:
        words = _("The day before")
    else:
        words = ngettext("%(number)s day before", "%(number)s days before", timing.amount)
    days = words % {"number": timing.amount}
    if timing.kind is TimingKind.DAYS_BEFORE_AT and timing.at is not None:
        return _("%(days)s, at %(time)s") % {"days": days, "time": f"{timing.at:%H:%M}"}
    return _("%(days)s, at the same time") % {"days": days}


def _elapsed(minutes: int) -> str:
    if minutes % 60:
        return ngettext("%(number)s minute before", "%(number)s minutes before", minutes) % {"number": minutes}
    hours = minutes // 60
    return ngettext("%(number)s hour before", "%(number)s hours before", hours) % {"number": hours}


def fallback_in_words(rule: Rule) -> str:
    """When which other channel opens; empty where none does."""
    if not rule.fallback_channel:
        return ""
    names = {"channel": CHANNEL[Channel(rule.fallback_channel)]}
    words = [_("by %(channel)s where that fails") % names]
    if rule.fallback_minutes and rule.channel not in silent_channels():
        minutes = rule.fallback_minutes
        waits = ngettext(
            "or is not delivered in %(number)s minute", "or is not delivered in %(number)s minutes", minutes
        )
        words.append(waits % {"number": minutes})
    if rule.fallback_on_uncertain:
        words.append(_("or nobody can tell whether it went"))
    return ", ".join(words)


def _only(rule: Rule, names: dict[str, dict[int, str]]) -> str:
    """The names of its filters; a row that is not there any more is counted, not named."""
    parts = []
    for field, known in names.items():
        if ids := getattr(rule, field):
            parts.append(", ".join(known.get(pk, "?") for pk in ids))
    return " · ".join(parts)


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The earliest step first, as patients meet them; notices after them, as things happen."""
    kinds = list(Kind)
    return sorted(rules, key=lambda rule: (-_minutes(rule), kinds.index(Kind(rule.kind))))


def _minutes(rule: Rule) -> int:
    return int(rule.amount * (1 if rule.timing == TimingKind.BEFORE_ELAPSED else 1440))
