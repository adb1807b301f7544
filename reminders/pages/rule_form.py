"""What does an administrator type to make a rule, and how does it become one?"""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import Clinic
from clinics.pages.forms import ClinicForm, ClockField, fingerprint
from messaging.channels import Channel
from messaging.delivery_reports import silent_channels
from reminders.kinds import NOTICES, Kind, LatePolicy, TimingKind
from reminders.models import Rule
from reminders.pages.rule_lacks import OFFERED
from reminders.pages.rule_words import LATE, STATUSES, TIMING, filter_names
from reminders.pages.words import CHANNEL, KIND
from reminders.rule_check import Fallback
from reminders.rule_defaults import DEFAULT_STATUSES, ON_EVENT, PRESETS
from reminders.rule_writing import NewRule, Only, columns, described
from reminders.timing import Timing

HOURS, MINUTES = "hours", "minutes"
UNITS: list[tuple[str, str | Promise]] = [(HOURS, gettext_lazy("hours")), (MINUTES, gettext_lazy("minutes"))]
FILTERS = ("practitioners", "locations", "types")
#: What only a rule that counts back from the start has.
_TIMED = ("timing", "amount", "unit", "at_time", "working_days", "late_policy", "stop_when_confirmed")
_NEW = NewRule(
    Kind.REMINDER, PRESETS[0].timing, "", DEFAULT_STATUSES[Kind.REMINDER], LatePolicy.NEXT_ALLOWED, active=True
)


def _ticks(label: Any, **options: Any) -> forms.TypedMultipleChoiceField:
    """Rows of the clinic, any number of them; the choices are set by the form."""
    return forms.TypedMultipleChoiceField(
        label=label, coerce=int, widget=forms.CheckboxSelectMultiple, required=False, **options
    )


class RuleForm(ClinicForm):
    """One step of the clinic's reminding, or a notice. What does not fit the kind counts for nothing."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=list(KIND.items()))
    timing = forms.ChoiceField(
        label=gettext_lazy("When it goes"), choices=TIMING, widget=forms.RadioSelect, required=False
    )
    amount = forms.IntegerField(label=gettext_lazy("How many"), max_value=1_000_000, required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Hours or minutes"), choices=UNITS, required=False)
    at_time = ClockField(label=gettext_lazy("At what time of day"), required=False)
    working_days = forms.BooleanField(label=gettext_lazy("Count only days on which the clinic is open"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    fallback_channel = forms.ChoiceField(
        label=gettext_lazy("If it fails, try"),
        help_text=gettext_lazy("For a patient without a usable address for the first channel, or when it cannot be "
                               "sent there. Never because somebody does not want to be reminded."),
        required=False,
    )  # fmt: skip
    fallback_minutes = forms.IntegerField(
        label=gettext_lazy("Also after so many minutes without a delivery"),
        help_text=gettext_lazy("Empty: only when it fails. E-mail is never reported as delivered: there it means "
                               "nothing."),
        max_value=1_000_000,
        required=False,
    )  # fmt: skip
    fallback_on_uncertain = forms.BooleanField(
        label=gettext_lazy("Also when nobody can tell whether it went (the patient may then get both)"), required=False
    )
    statuses = forms.MultipleChoiceField(
        label=gettext_lazy("For appointments that are"),
        choices=STATUSES,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Never for arrived, completed, cancelled ones or a no-show. Usually reminders are for "
                               "scheduled and confirmed ones, requests to confirm for scheduled ones alone."),
        required=False,
    )  # fmt: skip
    stop_when_confirmed = forms.BooleanField(
        label=gettext_lazy("Stop once the patient has confirmed"),
        help_text=gettext_lazy("A step that still waits then does not go."),
        required=False,
    )
    practitioners = _ticks(gettext_lazy("Practitioners"), help_text=gettext_lazy("None ticked: all of them."))
    locations = _ticks(gettext_lazy("Places"), help_text=gettext_lazy("None ticked: all of them."))
    types = _ticks(gettext_lazy("Types of appointment"), help_text=gettext_lazy("None ticked: all of them."))
    late_policy = forms.ChoiceField(
        label=gettext_lazy("If the appointment is booked after that moment"),
        choices=LATE,
        widget=forms.RadioSelect,
        required=False,
    )
    active = forms.BooleanField(label=gettext_lazy("The rule is on"), required=False)
    #: Ticked in the panel that says which words are missing: the supplied ones are taken.
    give_words = forms.BooleanField(required=False)

    def __init__(
        self, clinic: Clinic, rule: Rule | None, *args: Any, preset: NewRule | None = None, **options: Any
    ) -> None:
        """As a form, after the clinic and the rule that it changes (None for a new one, which begins as `preset`)."""
        self.begins = described(rule) if rule is not None else preset or _NEW
        super().__init__(clinic, *args, **{"initial": _initial(self.begins, rule), **options})
        preferred = _("The patient's preferred one, else %(channel)s") % {
            "channel": CHANNEL[Channel(clinic.default_channel)]
        }
        offered = [(one.value, CHANNEL[one]) for one in OFFERED]
        self._choose_from("channel", [("", preferred), *offered])
        self._choose_from("fallback_channel", [("", _("– nothing else –")), *offered])
        for name, rows in filter_names().items():
            self._choose_from(name, list(rows.items()))

    def _choose_from(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def silent(self) -> str:
        """The channels over which no delivery is reported, with a space between them, for the page."""
        return " ".join(sorted(silent_channels()))

    def has_filters(self) -> bool:
        """Whether it is for some appointments alone, or a filter was mistyped: then the filters stand open."""
        return any(self[name].value() or self[name].errors for name in FILTERS)

    def clean(self) -> dict[str, Any]:
        """What does not fit the kind is neither wrong nor taken; what it needs must be there."""
        super().clean()
        given = self.cleaned_data
        for name in _unfit(given):
            self.errors.pop(name, None)
            given[name] = self.fields[name].clean(None)
        for name in () if given.get("kind") in NOTICES else ("timing", "amount", "late_policy"):
            if given.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, str(self.fields[name].error_messages["required"]))
        return given

    def timing_typed(self) -> Timing:
        """The timing that was typed. Call after `is_valid`, or where kind, timing and amount have no errors."""
        given = self.cleaned_data
        if given["kind"] in NOTICES:
            return ON_EVENT
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
            late_policy=LatePolicy(given["late_policy"] or LatePolicy.NEXT_ALLOWED),
            active=given["active"],
            only=Only(*(tuple(given[name]) for name in FILTERS)),
            stop_when_confirmed=given["stop_when_confirmed"],
            fallback=_fallback(given),
        )


def _unfit(given: Mapping[str, Any]) -> list[str]:
    """The fields that mean nothing beside what else was chosen; the page does not show them."""
    found = list(_TIMED) if given.get("kind") in NOTICES else []
    if given.get("timing") != TimingKind.DAYS_BEFORE_AT:
        found.append("at_time")
    if given.get("kind") == Kind.CANCELLATION:
        found.append("statuses")
    if not given.get("fallback_channel") or given.get("channel") in silent_channels():
        found.append("fallback_minutes")
    return found


def _fallback(given: Mapping[str, Any]) -> Fallback | None:
    if not given["fallback_channel"]:
        return None
    return Fallback(given["fallback_channel"], given["fallback_minutes"], given["fallback_on_uncertain"])


def _initial(begins: NewRule, rule: Rule | None) -> dict[str, Any]:
    """What the form shows at first."""
    values, timing = columns(begins), begins.timing
    elapsed, whole = timing.kind is TimingKind.BEFORE_ELAPSED, timing.amount % 60 == 0
    if begins.kind in NOTICES:  # should another kind be chosen, it begins as usual
        values |= columns(_NEW) | {name: values[name] for name in values if name not in _TIMED}
        elapsed, whole, timing = True, True, _NEW.timing
    return values | {
        "amount": timing.amount // 60 if elapsed and whole else timing.amount,
        "unit": HOURS if not elapsed or whole else MINUTES,
        "seen": fingerprint(*values.values()) if rule is not None else "",
    }
