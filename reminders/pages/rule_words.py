"""How does a rule read? Its timing, channel, statuses and late policy in words, and its worked example."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from appointments.models import Status
from clinics.models import Clinic, SettingArea, SettingEvent
from clinics.setting_log import newest
from messaging.channels import Channel
from reminders.kinds import Kind, LatePolicy, TimingKind
from reminders.models import Rule
from reminders.pages.words import CHANNEL, CHANNEL_ICON, KIND
from reminders.rule_example import Example, examples
from reminders.rule_writing import hours_around, timing_of
from reminders.timing import Timing

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
STATUSES = [(status.value, status.label) for status in (Status.SCHEDULED, Status.CONFIRMED, Status.REQUESTED)]


@dataclass(frozen=True)
class RuleCard:
    """A rule as the list shows it."""

    rule: Rule
    kind: str | Promise
    timing: str
    channel: str | Promise
    channel_icon: str
    statuses: str
    late: str | Promise
    examples: list[Example]
    #: Since when it is off, and by whom; None while it is on, or where nobody switched it.
    off: SettingEvent | None
    changed: SettingEvent | None
    #: The rule is on, and its channel is switched off in the clinic.
    channel_off: bool


def card(rule: Rule, clinic: Clinic, now: datetime) -> RuleCard:
    """Everything about a rule in words. Inside `in_clinic`."""
    channel = Channel(rule.channel or clinic.default_channel)
    events = [event for event in newest(SettingArea.RULE, rule.pk) if not event.tried]
    switched = next((event for event in events if event.details.get("active", [None, None])[1] is False), None)
    return RuleCard(
        rule=rule,
        kind=KIND[Kind(rule.kind)],
        timing=timing_in_words(timing_of(rule)),
        channel=CHANNEL[channel] if rule.channel else _("The patient's preferred channel"),
        channel_icon=CHANNEL_ICON[channel] if rule.channel else "person-check",
        statuses=", ".join(str(label) for value, label in STATUSES if value in rule.statuses),
        late=dict(LATE)[LatePolicy(rule.late_policy)],
        examples=examples(timing_of(rule), hours_around(clinic, now), channel, now),
        off=None if rule.active else switched,
        changed=events[0] if events else None,
        channel_off=rule.active and bool(rule.channel) and rule.channel not in clinic.channels_on,
    )


def timing_in_words(timing: Timing) -> str:
    """As "24 hours before", "2 working days before, at 10:00"."""
    if timing.kind is TimingKind.BEFORE_ELAPSED:
        return _elapsed(timing.amount)
    if timing.working_days:
        words = ngettext("%(number)s working day before", "%(number)s working days before", timing.amount)
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


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The earliest step first, as patients meet them."""
    return sorted(rules, key=lambda rule: -(rule.amount * (1 if rule.timing == TimingKind.BEFORE_ELAPSED else 1440)))
