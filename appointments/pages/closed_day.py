"""Is an appointment on a day on which the clinic is closed? Said while it is being booked, and after; nothing is
refused for it, as a clinic may see somebody on a holiday."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appointments.models import Appointment
from appointments.pages.wall_time import zone_of
from clinics.closed_on import closed_at
from clinics.models import Clinic, Location
from clinics.pages.forms import ClinicForm


def closed_words(clinic: Clinic, place: Location | None, day: date) -> str:
    """A sentence; empty where the place is open on that day. Inside `in_clinic`."""
    shut = closed_at(clinic, place, day, get_language() or "en")
    if shut is None:
        return ""
    where = shut.places[0] if shut.places else _("The clinic")
    if shut.name:
        return _("%(where)s is closed on that day: %(name)s.") % {"where": where, "name": shut.name}
    return _("%(where)s is closed on that day.") % {"where": where}


def closed_hint(form: ClinicForm, place: Location | None = None) -> str:
    """The same for the day, and the place, that a form says at the moment; `place` where it does not ask for one."""
    day = _said(form, "day")
    where = _said(form, "location") if "location" in form.fields else place
    return closed_words(form.clinic, where, day) if day else ""


def closed_warning(clinic: Clinic, row: Appointment, before: tuple[datetime, int | None] | None = None) -> str:
    """The same for an appointment that was just saved; empty where its start and place are as `before`."""
    if row.deleted or before == (row.start, row.location_id):
        return ""
    day = row.start.astimezone(ZoneInfo(zone_of(clinic, row.location))).date()
    return closed_words(clinic, row.location, day)


def _said(form: ClinicForm, name: str) -> Any:
    """A field's value as it stands in the form; None where it cannot be read."""
    try:
        return form.fields[name].clean(form[name].value())
    except ValidationError:
        return None
