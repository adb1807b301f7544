"""At which moment does the demo begin? Pure.

At a time of day at which all three clinics work (mid-afternoon in Madrid and Milan, late morning in São Paulo, in
summer and in winter), on a working day of all of them whose next day is one too, a little before the half hour: the
appointments at the half hour of the next day are then the first to fall due, 24 hours ahead.
"""

from datetime import UTC, date, datetime, time, timedelta

from clinics.holidays import public_holidays
from reminders.demo.clinics import DEMO_CLINICS

#: 14:28:45 UTC: 11:28 in São Paulo, 15:28 or 16:28 in Madrid and Milan.
_TIME = time(14, 28, 45, tzinfo=UTC)
#: From the demo's first moment until its first reminders fall due.
UNTIL_FIRST_DUE = timedelta(seconds=75)
#: The reminder rule of the demo clinics; with it, the first appointments start a day after they fall due.
LEAD = timedelta(hours=24)
#: The loading itself, and the start of the product after it.
_AT_LEAST_AHEAD = timedelta(minutes=10)


def first_moment(now: datetime) -> datetime:
    """The first moment after `now` (aware) at which the demo may begin, in UTC."""
    moment = datetime.combine(now.astimezone(UTC).date(), _TIME)
    while moment < now + _AT_LEAST_AHEAD or not (works(moment.date()) and works(moment.date() + timedelta(days=1))):
        moment += timedelta(days=1)
    return moment


def first_start(moment: datetime) -> datetime:
    """When the appointments begin whose reminders are the first to fall due."""
    return moment + UNTIL_FIRST_DUE + LEAD


def working_day(first_day: date, offset: int) -> date:
    """The day so many days on which all demo clinics work after the first day, before it where negative."""
    day, step = first_day, timedelta(days=1 if offset > 0 else -1)
    for _ in range(abs(offset)):
        day += step
        while not works(day):
            day += step
    return day


def works(day: date) -> bool:
    """Whether all demo clinics work on that day."""
    return day.isoweekday() <= 5 and not any(
        day in public_holidays(demo.country, demo.region, day.year) for demo in DEMO_CLINICS
    )
