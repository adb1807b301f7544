"""How is a clinic's sending paused ("closed until Monday"), and how does it go on?

A pause holds everything; at its end what still makes sense goes at the next allowed moment, the rest expires (DESIGN.md
10.6). `Clinic.paused_until` stays when the pause is over: what it held back counts from there.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from clinics.models import Clinic, SettingArea
from clinics.setting_log import Act
from clinics.writing import write_clinic
from reminders.replanning import plan_again
from reminders.timing import at_wall

#: A longer pause is a slip of the finger; whoever closes for longer pauses again.
MOST_DAYS = 90


class Why(StrEnum):
    """Why a pause is refused."""

    PAST = "past"  #: its end has passed
    TOO_LONG = "too_long"  #: more than MOST_DAYS ahead
    NO_SUCH_TIME = "no_such_time"  #: the clocks skip that wall time on that day


class PauseRefused(ValueError):
    """Nothing is paused; `why` says for which reason."""

    def __init__(self, why: Why) -> None:
        """Words are the pages' matter."""
        super().__init__(why.value)
        self.why = why


def end_of(clinic: Clinic, day: date, wall: time | None) -> datetime:
    """The moment that a day, and perhaps a wall time, name in the clinic's zone; without a time the day's first moment.
    Raises PauseRefused for a time that the clocks skip."""
    moment = at_wall(day, wall or time(0), clinic.time_zone)
    if wall is not None and moment.astimezone(ZoneInfo(clinic.time_zone)).time() != wall:
        raise PauseRefused(Why.NO_SUCH_TIME)
    return moment


def pause(clinic: Clinic, until: datetime, act: Act) -> int:
    """Holds everything until that moment, also where a pause with another end runs; inside `in_clinic`. Gives how many
    appointments are planned again. Raises PauseRefused."""
    if until <= act.at:
        raise PauseRefused(Why.PAST)
    if until > act.at + timedelta(days=MOST_DAYS):
        raise PauseRefused(Why.TOO_LONG)
    return _write(clinic, until, act)


def resume(clinic: Clinic, act: Act) -> int:
    """Ends a pause that runs, now; inside `in_clinic`. Gives how many appointments are planned again."""
    return _write(clinic, act.at, act) if is_paused(clinic, act.at) else 0


def is_paused(clinic: Clinic, now: datetime) -> bool:
    """Whether a pause runs."""
    return clinic.paused_until is not None and now < clinic.paused_until


def _write(clinic: Clinic, until: datetime, act: Act) -> int:
    changed = write_clinic(clinic, {"paused_until": until}, act, SettingArea.PAUSE)
    return plan_again(clinic, act.at) if changed else 0
