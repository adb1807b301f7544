"""What did a gate see, in words? Moments in the page's zone, codes as words, anything else as it is."""

import re
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from appointments.models import RemindedElsewhere, Status
from clinics.pages.tags import moment
from messaging.channels import Channel
from reminders.kinds import Kind
from reminders.pages.wording_form import FIELDS
from reminders.pages.words import CHANNEL, KIND, Words

#: How gates write a moment: ISO 8601 with its offset.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$")
#: Gates whose moment is an end.
_UNTIL = frozenset({"paused", "deadline", "sender_failing", "too_many_to_this_address"})
#: A rule's filters.
_FILTER: dict[str, Words] = {
    "practitioner": pgettext_lazy("filter of a rule", "practitioner"),
    "location": pgettext_lazy("filter of a rule", "place"),
    "type": pgettext_lazy("filter of a rule", "type of visit"),
}


def gate_value(code: str, value: str) -> Words:
    """The value for people; empty where it says nothing to them."""
    if not value or code == "moved":  # a count of moves
        return ""
    if _MOMENT.match(value):
        at = moment(datetime.fromisoformat(value))
        return _("until %(moment)s") % {"moment": at} if code in _UNTIL else at
    known = _words_by_code().get(code, {})
    return ", ".join(str(known.get(part, part)) for part in value.split(", "))


def _words_by_code() -> dict[str, dict[str, Words]]:
    statuses: dict[str, Words] = {one.value: str(one.label) for one in Status}
    ways: dict[str, Words] = {one.value: str(one.label) for one in RemindedElsewhere.How}
    channels: dict[str, Words] = {one.value: CHANNEL[one] for one in Channel}
    by_channel = dict.fromkeys(
        ("channel_off", "appointment_reminder_off", "consent_channel_off", "no_address", "address_invalid", "landline",
         "no_wording", "sender_not_configured"), channels,
    )  # fmt: skip
    return {
        **by_channel,
        "preferred_channel_differs": {**channels, "none": _("no channel at all")},
        "status_not_eligible": statuses,
        "reminded_elsewhere": ways,
        "rule_filter_mismatch": _FILTER,
        "kind_off_for_practitioner": {one.value: KIND[one] for one in Kind},
        "merge_field_empty": FIELDS,
    }
