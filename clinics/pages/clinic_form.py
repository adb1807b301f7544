"""What may an administrator change of the clinic itself, and what contradicts itself?"""

from collections.abc import Mapping
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import Clinic
from clinics.pages.forms import ClinicForm, ClockField, LineField, fingerprint
from messaging.channels import Channel
from reminders.models import Rule
from reminders.pages.rule_lacks import OFFERED
from reminders.pages.rule_words import timing_in_words
from reminders.pages.words import CHANNEL
from reminders.rule_check import any_open, leaves_a_moment
from reminders.rule_writing import timing_of
from reminders.timing import Hours

#: ISO weekday → name; Django counts from 0.
DAYS = [(number + 1, name) for number, name in WEEKDAYS.items()]
_CHANNELS = [(one.value, CHANNEL[one]) for one in OFFERED]
#: Zones by continent and city alone; the rest are old names of the same.
ZONES = sorted(
    name
    for name in available_timezones()
    if name.partition("/")[0] in {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


class SwitchesForm(ClinicForm):
    """The clinic's name, hours and channels."""

    name = LineField(label=gettext_lazy("Clinic's name"), max_length=120)
    phone = LineField(
        label=gettext_lazy("Clinic's phone"),
        help_text=gettext_lazy("Patients call it when they cannot come; wordings take it from here."),
        max_length=40,
        required=False,
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    quiet_from = ClockField(label=gettext_lazy("Quiet from"))
    quiet_until = ClockField(label=gettext_lazy("until"))
    closed_weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Closed on"),
        choices=DAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("On these days nothing leaves by itself; reminders go on the open day before."),
    )
    channels_on = forms.MultipleChoiceField(
        label=gettext_lazy("Channels that are switched on"),
        choices=_CHANNELS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    default_channel = forms.ChoiceField(
        label=gettext_lazy("Channel of patients who prefer none"), choices=_CHANNELS, widget=forms.RadioSelect
    )

    def __init__(self, clinic: Clinic, *args: Any, **options: Any) -> None:
        """As a form, after the clinic."""
        given = {name: getattr(clinic, name) for name in self.base_fields if name not in ("token", "seen")}
        seen = fingerprint(given)
        super().__init__(clinic, *args, **{"initial": {**given, "seen": seen}, **options})
        zones: Any = self.fields["time_zone"]
        zones.choices = [(name, name.replace("_", " ")) for name in sorted({*ZONES, clinic.time_zone})]

    def clean(self) -> dict[str, Any]:
        """Hours must leave a moment to send, and the default channel must be on."""
        super().clean()
        given = self.cleaned_data
        if not {"quiet_from", "quiet_until", "closed_weekdays", "time_zone"} & set(self.errors):
            self._hours(given)
        on, default = given.get("channels_on", []), given.get("default_channel")
        if on and default and default not in on:
            words = _("%(channel)s is switched off: switch it on above, or choose another.")
            self.add_error("default_channel", words % {"channel": CHANNEL[Channel(default)]})
        return given

    def fields_to_write(self) -> dict[str, Any]:
        """Column → value, as `clinics.writing` takes them."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("token", "seen")}
        return {**given, "closed_weekdays": sorted(given["closed_weekdays"])}

    def _hours(self, given: Mapping[str, Any]) -> None:
        closed = frozenset(given["closed_weekdays"])
        if len(closed) == 7:
            self.add_error("closed_weekdays", _("With every day closed nothing could ever be sent. Leave one open."))
            return
        hours = Hours(given["time_zone"], given["quiet_from"], given["quiet_until"], closed)
        if not any_open(hours):
            words = _("These hours leave no moment of the day to send anything. Try %(from)s until %(until)s.")
            self.add_error("quiet_from", words % {"from": f"{time(21):%H:%M}", "until": f"{time(8):%H:%M}"})
            return
        for rule in Rule.objects.filter(active=True).order_by("pk"):
            channel = Channel(rule.channel or given.get("default_channel") or Channel.EMAIL)
            if not leaves_a_moment(timing_of(rule), hours, channel):
                words = _("With these hours the rule “%(rule)s” could never send. Change or switch it off first, or "
                          "leave more of the day open.")  # fmt: skip
                self.add_error("quiet_from", words % {"rule": timing_in_words(timing_of(rule))})
