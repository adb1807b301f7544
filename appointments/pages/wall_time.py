"""Which moment do a day and a time of a form mean? The clock on the wall of the place; a time that the clocks skip is
refused, of one that comes twice the first is meant."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from appointments.importing.cells import BadCell
from appointments.importing.times import to_moment
from clinics.models import Clinic, Location


def zone_of(clinic: Clinic, location: Location | None) -> str:
    """The IANA zone of a place: its own, else the clinic's."""
    return (location.time_zone if location else "") or clinic.time_zone


def moment_at(day: date, wall: time, zone: str) -> datetime:
    """The moment, in UTC. Raises ValidationError for a time that does not exist on that day."""
    try:
        return to_moment(datetime.combine(day, wall), zone)
    except BadCell as error:
        words = _("On that day the clocks of %(zone)s go forward, and %(time)s does not exist: choose another time.")
        raise ValidationError(words % {"zone": zone, "time": f"{wall:%H:%M}"}) from error


def wall_of(moment: datetime, zone: str) -> tuple[date, time]:
    """Day and time on the wall, to the minute."""
    local = moment.astimezone(ZoneInfo(zone))
    return local.date(), local.time().replace(second=0, microsecond=0)
