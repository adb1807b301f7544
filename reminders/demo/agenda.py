"""What does a demo agenda say on this first day? Fills the relative dates of a template. Pure.

`{-3} 10:15` is that wall time three working days before the demo's first day, `{first+30}` the wall time of the place
30 minutes after the appointments whose reminders fall due first.
"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reminders.demo.moment import first_start, working_day

_DAY = re.compile(r"\{([+-]\d+)\}")
_FIRST = re.compile(r"\{first\+(\d+)\}")


def fill_dates(template: str, moment: datetime, zone: str) -> str:
    """The agenda file as the clinic in that time zone would have exported it at the demo's first moment."""
    there = ZoneInfo(zone)
    first_day = moment.astimezone(there).date()
    start = first_start(moment)

    def wall_time(match: re.Match[str]) -> str:
        return f"{(start + timedelta(minutes=int(match[1]))).astimezone(there):%Y-%m-%d %H:%M}"

    filled = _FIRST.sub(wall_time, template)
    return _DAY.sub(lambda match: working_day(first_day, int(match[1])).isoformat(), filled)
