"""What will the patient receive for this appointment, when, and what stands in the way? In sentences, with the place
where each hindrance is mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.models import Appointment
from clinics.models import Clinic
from clinics.pages.tags import moment
from messaging.models import Attempt
from reminders.conditions import PATIENT_GATES, Gate
from reminders.gates import CATALOGUE
from reminders.models import Reminder
from reminders.outlook import outlook
from reminders.pages.chips import NOT_YET, Chip, chip
from reminders.pages.words import Words

#: Gate → the field of the patient's record that mends it.
_FIELD = {
    "default_notifications_off": "default_notifications",
    "consent_data_protection_off": "consent_data_protection",
    "preferred_channel_differs": "preferred_channel",
}
_APPOINTMENT_GATES = {
    "no_patient": "sought", "appointment_reminder_off": "id_wanted", "merge_field_empty": "id_location",
}  # fmt: skip


@dataclass(frozen=True)
class Hindrance:
    """A closed gate, and the address of the field that opens it; empty where this page's reader has none."""

    words: Words
    mend_at: str


@dataclass(frozen=True)
class Outcome:
    """One reminder and what becomes of it."""

    chip: Chip
    sentence: str
    hindrances: tuple[Hindrance, ...]
    present: bool


def outcomes(clinic: Clinic, row: Appointment, now: datetime) -> list[Outcome]:
    """Every reminder of the appointment, those of its present time first, by due moment. Inside `in_clinic`."""
    reminders = list(Reminder.objects.filter(appointment=row).order_by("due_at", "id"))
    messages = [one.message_id for one in reminders if one.message_id]
    newest = dict(Attempt.objects.filter(message__in=messages).order_by("number").values_list("message_id", "state"))
    gates = outlook(clinic, reminders, now)
    made = [_outcome(clinic, row, one, gates[one.pk], newest.get(one.message_id or 0, "")) for one in reminders]
    return sorted(made, key=lambda one: not one.present)


def _outcome(clinic: Clinic, row: Appointment, reminder: Reminder, gates: Sequence[Gate], attempt: str) -> Outcome:
    made = chip(reminder, gates, attempt)
    present = reminder.occurrence == row.occurrence
    closed = [gate for gate in gates if gate.passed is False and gate.code not in NOT_YET]
    mendable = made.will_not_go and present
    hindrances = tuple(
        Hindrance(CATALOGUE[gate.code].failed, _mend_at(clinic, row, gate) if mendable else "")
        for gate in closed
        if gate.code in CATALOGUE and not made.by_design
    )
    return Outcome(made, _sentence(made), hindrances, present)


def _sentence(made: Chip) -> str:
    what = {"what": f"{made.channel} · {made.kind}"}
    if made.will_not_go:
        return _("%(what)s will not go as things stand.") % what
    if made.next_at:
        return _("%(what)s will go on %(moment)s.") % {**what, "moment": moment(made.next_at)}
    if made.sent_at:
        return _("%(what)s went on %(moment)s.") % {**what, "moment": moment(made.sent_at)}
    state = f"{made.word.word}: {made.when}" if made.when else str(made.word.word)
    return f"{what['what']} · {state}"


def _mend_at(clinic: Clinic, row: Appointment, gate: Gate) -> str:
    """The address of the form and field, for what the desk can mend."""
    if gate.code in _APPOINTMENT_GATES:
        return f"{reverse('edit_appointment', args=[clinic.slug, row.pk])}#{_APPOINTMENT_GATES[gate.code]}"
    if gate.code == "reminded_elsewhere":
        return f"{reverse('appointment', args=[clinic.slug, row.pk])}#marks"
    if gate.code == "patient_archived":
        return reverse("patient", args=[clinic.slug, row.patient_id])
    if gate.code not in PATIENT_GATES or row.patient_id is None:
        return ""
    record = reverse("edit_patient", args=[clinic.slug, row.patient_id])
    if gate.code == "consent_channel_off":
        return f"{record}#id_consent_{gate.value}"
    if gate.code in ("no_address", "address_invalid"):
        return f"{record}#{'id_email' if gate.value == 'email' else 'phones'}"
    return f"{record}#id_{_FIELD[gate.code]}"
