"""Which conditions of a message are not met at a moment? From the feature list's annex of reason codes.

Only what decides at the moment of sending: what makes a row cancelled, superseded or expired is the plan's. Imports
nothing of the product.
"""

from tests.forecast.entities import EMAIL, NOTICES, Appointment, Clinic, Patient, Row, Rule

#: A message that fails for these alone may go over the rule's other channel: nobody chose that it should not go.
OPENS_FALLBACK = {"no_address", "address_invalid", "landline", "sender_not_configured"}
_NONE = "none"


def closed(clinic: Clinic, rule: Rule, appointment: Appointment, patient: Patient | None, row: Row) -> tuple[str, ...]:
    """The codes of all closed gates, in no particular order."""
    found = {
        "channel_off": row.channel not in clinic.channels_on,
        "kind_off_for_practitioner": (appointment.practitioner, row.kind) in clinic.package_off,
        "no_patient": patient is None,
        "appointment_reminder_off": row.channel in appointment.unwanted,
        "reminded_elsewhere": _reminded_elsewhere(appointment, row),
        "already_confirmed": rule.stop_when_confirmed
        and appointment.status == "confirmed"
        and row.kind not in NOTICES
        and not row.by_hand,
        "nothing_changed": row.kind in {"change", "cancellation"} and appointment.facts() == appointment.told,
        "no_wording": (row.kind, row.channel) not in clinic.wordings,
        "merge_field_empty": clinic.wordings.get((row.kind, row.channel), False)
        and appointment.practitioner not in clinic.phones,
        "sender_not_configured": row.channel not in clinic.senders,
    }
    if patient is not None:
        found |= _of_patient(patient, rule, row)
    return tuple(sorted(code for code, is_closed in found.items() if is_closed))


def _of_patient(patient: Patient, rule: Rule, row: Row) -> dict[str, bool]:
    address = patient.email if row.channel == EMAIL else patient.phone
    return {
        "patient_archived": patient.archived,
        "default_notifications_off": not patient.default_notifications,
        "consent_data_protection_off": not patient.data_protection,
        "consent_channel_off": row.channel not in patient.consents,
        "preferred_channel_differs": not rule.channel
        and patient.preferred == _NONE
        and row.route == "primary"
        and not row.by_hand,
        "no_address": not address,
        "address_invalid": bool(address) and row.channel == EMAIL and "@" not in address,
        "landline": bool(address) and row.channel != EMAIL and patient.landline,
    }


def _reminded_elsewhere(appointment: Appointment, row: Row) -> bool:
    """Notices are no reminders: what staff said by phone of the visit does not say that it was moved."""
    if row.kind in NOTICES:
        return False
    return any((row.occurrence, channel) in appointment.marks for channel in ("", row.channel))
