"""For whom is a wording shown while it is written? A made-up patient of the clinic, over the very code that sends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment, AppointmentType
from clinics.models import Clinic, Location, Practitioner
from messaging.channels import Channel
from messaging.segments import Count, Dear, count, dear_characters
from patients.models import Patient
from reminders.compose import Text, compose, values
from reminders.material import Wording, gather
from reminders.merge_fields import UnknownField, find_unknown, used
from reminders.timing import at_wall

TYPICAL, LONG = "typical", "long"
SAMPLES: list[tuple[str, str | Promise]] = [(TYPICAL, _("Usual names")), (LONG, _("Long names"))]

#: Language → first names, usual and long.
_FIRST_NAMES = {
    "es": ("Laura", "María de los Ángeles"), "it": ("Giulia", "Massimiliano"), "pt-br": ("Bruna", "Maria Aparecida"),
    "en": ("Emma", "Christopher"),
}  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """A wording filled for the sample patient. `count` and `dear` (what of the wording itself forces UCS-2) are of an
    SMS alone."""

    text: Text
    count: Count | None
    dear: Sequence[Dear]
    #: Characters that come in with names, not with the wording.
    from_values: Sequence[Dear]
    names_the_visit: bool
    #: What looks like a field and is none, with the nearest field.
    unknown: Sequence[UnknownField]


def preview(clinic: Clinic, channel: Channel, wording: Wording, sample: str, now: datetime) -> Preview:
    """The wording as the sample patient would get it. Inside `in_clinic`."""
    whole = f"{wording.subject}\n{wording.body}"
    text = compose(wording, sample_values(clinic, wording.language, sample, now), channel)
    shown = Preview(text, None, (), (), "APPOINTMENTTYPE" in used(whole), find_unknown(whole))
    if channel is not Channel.SMS:
        return shown
    counted, own = count(text.text), dear_characters(wording.body)
    known = {one.character for one in own}
    return replace(shown, count=counted, dear=own, from_values=[d for d in counted.dear if d.character not in known])


def sample_values(clinic: Clinic, language: str, sample: str, now: datetime) -> dict[str, str]:
    """The fields' values for a made-up patient and the clinic's own rows. Where it has none, a word of the kind."""
    appointment = Appointment(
        clinic=clinic, start=_next_wednesday(clinic, now), patient_id=-1, practitioner_id=-1, location_id=-1, type_id=-1
    )
    names = _FIRST_NAMES.get(language, _FIRST_NAMES["en"])
    material = gather(clinic, [])
    material.patients[-1] = Patient(first_name=names[sample == LONG], language=language)
    material.practitioners[-1] = _one(Practitioner, sample) or Practitioner(name="Dra. Ana Soto")
    material.locations[-1] = _one(Location, sample) or Location(name=clinic.name)
    material.types[-1] = _one(AppointmentType, sample) or AppointmentType(name="…")
    filled = values(material, appointment, language)
    stand_in = {"CLINICIANPHONE": clinic.phone, "LOCATIONADDRESS": "…", "CLINICPHONE": "…"}
    return {name: value or stand_in.get(name, "…") for name, value in filled.items()}


def _one(model: type[Any], sample: str) -> Any:
    """The clinic's first row, or the one with the longest name; None where it has none."""
    rows = list(model.objects.order_by("pk")[:200])
    if not rows:
        return None
    return max(rows, key=lambda row: len(row.name)) if sample == LONG else rows[0]


def _next_wednesday(clinic: Clinic, now: datetime) -> datetime:
    """A Wednesday has one of the longest names in most languages; at least a week ahead."""
    day = now.astimezone(ZoneInfo(clinic.time_zone)).date() + timedelta(days=7)
    return at_wall(day + timedelta(days=(3 - day.isoweekday()) % 7), time(10, 30), clinic.time_zone)
