"""What would the rule that is being typed do, and what does it lack? The part of its form that follows the typing."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from clinics.models import Clinic
from messaging.channels import Channel
from reminders.kinds import NOTICES, Kind
from reminders.pages.rule_form import RuleForm
from reminders.pages.rule_lacks import equipment
from reminders.pages.rule_words import LATE
from reminders.rule_check import wrong_with
from reminders.rule_example import examples, late_examples
from reminders.rule_writing import clinic_hours, hours_around
from reminders.timing import Timing


def panel(clinic: Clinic, form: RuleForm, now: datetime) -> dict[str, Any]:
    """The panel's context; a bound form may be half typed. Inside `in_clinic`."""
    if not form.is_bound:
        begins = form.begins
        return _panel(clinic, begins.kind, begins.timing, begins.channel, now) | _missing(
            clinic, begins.kind, (begins.channel, begins.fallback.channel if begins.fallback else ""), True
        )
    form.is_valid()
    given = form.cleaned_data
    if "kind" not in given or "channel" not in given:
        return {}
    kind, channel = Kind(given["kind"]), given["channel"]
    typed = not {"timing", "amount", "at_time"} & set(form.errors)
    shown = _panel(clinic, kind, form.timing_typed() if typed else None, channel, now)
    give = "give_words" in form.data or "words_offered" not in form.data
    return shown | _missing(clinic, kind, (channel, given.get("fallback_channel", "")), give)


def _panel(clinic: Clinic, kind: Kind, timing: Timing | None, channel: str, now: datetime) -> dict[str, Any]:
    if kind in NOTICES:
        return {"notice": True}
    if timing is None:
        return {"wrong": _("Type a number to see an example.")}
    way, hours = Channel(channel or clinic.default_channel), hours_around(clinic, now)
    if wrong := wrong_with(timing, clinic_hours(clinic), way):
        return {"wrong": wrong[0].words}
    shown = examples(timing, hours, way, now)
    late = late_examples(timing, hours, way, now)
    table = [(label, [one.goes[policy] for one in late]) for policy, label in LATE]  # type: ignore[index]
    return {"examples": shown, "late": {"first": shown[0], "booked": [one.booked for one in late], "table": table}}


def _missing(clinic: Clinic, kind: Kind, channels: tuple[str, str], give: bool) -> dict[str, Any]:
    """What the rule lacks over its channel and its fallback; `give` says whether supplied words are to be taken."""
    there = equipment(clinic)
    ways = there.ways(*channels)
    return {"lacks": there.lacks(kind, ways), "without_words": there.without_words(kind, ways), "give_words": give}
