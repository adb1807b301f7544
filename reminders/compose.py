"""With which words does this reminder leave? Merge-field values, then the wording filled in one pass.

Only the first name, never what the visit is for: a reminder may be read by others. Dates are absolute, in the
patient's language and the place's time, so that a late message is never wrong about the day.
"""

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time

from appointments.models import Appointment
from messaging.channels import Channel
from reminders import merge_fields
from reminders.material import Material, Wording

#: Longer subjects are cut: mail programs show far less, and RFC 5322 2.1.1 allows 998 in a line.
SUBJECT_LENGTH = 250


@dataclass(frozen=True)
class Text:
    """What one message says."""

    subject: str
    text: str
    html: str


def values(material: Material, appointment: Appointment, language: str) -> dict[str, str]:
    """The value of every merge field for this appointment; empty where there is none."""
    return {"APPOINTMENT": moment_in_words(material, appointment, language), **_names(material, appointment)}


def _names(material: Material, appointment: Appointment) -> dict[str, str]:
    patient = material.patients.get(appointment.patient_id or 0)
    practitioner = material.practitioners.get(appointment.practitioner_id or 0)
    location = material.locations.get(appointment.location_id or 0)
    kind = material.types.get(appointment.type_id or 0)
    return {
        "CLIENTFIRSTNAME": patient.first_name if patient else "",
        "CLINICIAN": practitioner.name if practitioner else "",
        "CLINICIANPHONE": practitioner.phone if practitioner else "",
        "APPOINTMENTTYPE": kind.name if kind else "",
        "LOCATION": location.name if location else "",
        "LOCATIONADDRESS": location.address if location else "",
        "CLINIC": material.clinic.name,
        "CLINICPHONE": material.clinic.phone,
    }


def moment_in_words(material: Material, appointment: Appointment, language: str) -> str:
    """Weekday, day, month, year and time at the appointment's place, as "Friday, 27 November 2026, 10:30"."""
    local = appointment.start.astimezone(ZoneInfo(material.zone(appointment)))
    locale = _locale(language)
    day = format_date(local.date(), format="full", locale=locale)
    return f"{day}, {format_time(local.time(), format='HH:mm', locale=locale)}"


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


def empty_fields(wording: Wording | None, filled: dict[str, str]) -> tuple[str, ...]:
    """The merge fields that the wording uses and that have no value here."""
    if wording is None:
        return ()
    return tuple(merge_fields.missing(f"{wording.subject}\n{wording.body}", filled))


def lacking(material: Material, appointment: Appointment, wording: Wording) -> tuple[str, ...]:
    """The same for an appointment whose values are not at hand. Its moment always has words; finding them takes longer
    than everything else that a decision needs. Raises, as finding them would, where no date is known in the wording's
    language."""
    _locale(wording.language)
    return empty_fields(wording, {"APPOINTMENT": "…", **_names(material, appointment)})


def compose(wording: Wording, filled: dict[str, str], channel: Channel) -> Text:
    """The wording with its fields filled: for e-mail as plain text and as simple HTML of the same words, else the bare
    text, since a text message pays for every character."""
    text = merge_fields.fill(wording.body, filled).strip()
    if channel is not Channel.EMAIL:
        return Text("", text, "")
    subject = " ".join(merge_fields.fill(wording.subject, filled).split())[:SUBJECT_LENGTH]
    return Text(subject, f"{text}\n", _html(text, wording.language))


def _html(text: str, language: str) -> str:
    paragraphs = "".join(
        f"<p>{escape(paragraph).replace(chr(10), '<br>')}</p>" for paragraph in text.strip().split("\n\n")
    )
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"></head>'
        '<body style="font-family:sans-serif;font-size:16px;line-height:1.5;max-width:36em;margin:1.5em">'
        f"{paragraphs}</body></html>"
    )
