"""What does an administrator type to make a rule, and how does it become one?"""

from datetime import time
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import Clinic
from clinics.pages.forms import ClockField
from messaging.channels import Channel
from reminders.kinds import Kind, LatePolicy, TimingKind
from reminders.models import Rule
from reminders.pages.rule_words import LATE, STATUSES, TIMING
from reminders.pages.words import CHANNEL, KIND
from reminders.rule_writing import NewRule
from reminders.timing import Timing

HOURS, MINUTES = "hours", "minutes"
UNITS: list[tuple[str, str | Promise]] = [(HOURS, gettext_lazy("hours")), (MINUTES, gettext_lazy("minutes"))]
#: Channels over which something can be sent so far.
OFFERED = (Channel.EMAIL, Channel.SMS)


class RuleForm(forms.Form):
    """One step of the clinic's reminding."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=list(KIND.items()))
    timing = forms.ChoiceField(label=gettext_lazy("When it goes"), choices=TIMING, widget=forms.RadioSelect)
    amount = forms.IntegerField(label=gettext_lazy("How many"), max_value=1_000_000)
    unit = forms.ChoiceField(label=gettext_lazy("Hours or minutes"), choices=UNITS, required=False)
    at_time = ClockField(label=gettext_lazy("At what time of day"), required=False)
    working_days = forms.BooleanField(label=gettext_lazy("Count only days on which the clinic is open"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    statuses = forms.MultipleChoiceField(
        label=gettext_lazy("For appointments that are"),
        choices=STATUSES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    late_policy = forms.ChoiceField(
        label=gettext_lazy("If the appointment is booked after that moment"), choices=LATE, widget=forms.RadioSelect
    )
    active = forms.BooleanField(label=gettext_lazy("The rule is on"), required=False)

    def __init__(self, clinic: Clinic, rule: Rule | None, *args: Any, **options: Any) -> None:
        """As a form, after the clinic and the rule that it changes (None for a new one)."""
        super().__init__(*args, **{"label_suffix": "", "initial": initial(rule), **options})
        preferred = _("The patient's preferred one, else %(channel)s") % {
            "channel": CHANNEL[Channel(clinic.default_channel)]
        }
        channel: Any = self.fields["channel"]
        channel.choices = [("", preferred), *((one.value, CHANNEL[one]) for one in OFFERED)]

    def clean(self) -> dict[str, Any]:
        """A working day is no matter of hours."""
        super().clean()
        given = self.cleaned_data
        if given.get("timing") == TimingKind.BEFORE_ELAPSED and not given.get("unit"):
            given["unit"] = HOURS
        return given

    def timing_typed(self) -> Timing:
        """The timing that was typed. Call after `is_valid`, or where timing and amount have no errors."""
        given = self.cleaned_data
        kind = TimingKind(given["timing"])
        elapsed = kind is TimingKind.BEFORE_ELAPSED
        amount = given["amount"] * (60 if elapsed and given.get("unit") != MINUTES else 1)
        at: time | None = given.get("at_time") if kind is TimingKind.DAYS_BEFORE_AT else None
        return Timing(kind, amount, at, bool(given.get("working_days")) and not elapsed)

    def wanted(self) -> NewRule:
        """The rule that was typed."""
        given = self.cleaned_data
        return NewRule(
            kind=Kind(given["kind"]),
            timing=self.timing_typed(),
            channel=given["channel"],
            statuses=tuple(value for value, _label in STATUSES if value in given["statuses"]),
            late_policy=LatePolicy(given["late_policy"]),
            active=given["active"],
        )


def initial(rule: Rule | None) -> dict[str, Any]:
    """What the form shows at first: for a new rule the usual one, a day before."""
    if rule is None:
        return {
            "kind": Kind.REMINDER, "timing": TimingKind.BEFORE_ELAPSED, "amount": 24, "unit": HOURS, "active": True,
            "statuses": ["scheduled", "confirmed"], "late_policy": LatePolicy.NEXT_ALLOWED,
        }  # fmt: skip
    elapsed, whole = rule.timing == TimingKind.BEFORE_ELAPSED, rule.amount % 60 == 0
    return {
        "kind": rule.kind, "timing": rule.timing, "amount": rule.amount // 60 if elapsed and whole else rule.amount,
        "unit": HOURS if not elapsed or whole else MINUTES, "at_time": rule.at_time,
        "working_days": rule.working_days, "channel": rule.channel, "statuses": rule.statuses,
        "late_policy": rule.late_policy, "active": rule.active,
    }  # fmt: skip
