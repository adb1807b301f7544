"""When may the next message go to somebody who has just had some? The runaway guard, pure.

Whatever runs wild (a rule made twice, an import repeated), nobody is flooded: what goes by itself keeps a distance from
whatever went to the same patient over the same channel, and stops after a few a day. What a person starts is not held.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

#: Nothing goes by itself so soon after another message.
APART = timedelta(minutes=10)
#: Nor beyond so many within SPAN.
MOST = 3
SPAN = timedelta(hours=24)


def free_from(recent: Sequence[datetime], moment: datetime) -> datetime:
    """The first moment from `moment` on at which another may go, after those that went at the moments `recent` (aware,
    in any order). Of two workers at one moment the later one may read its clock earlier: what went a moment after
    `moment` has gone as well."""
    gone = sorted(recent)
    if gone:
        moment = max(moment, gone[-1] + APART)
    if len(gone) >= MOST:
        moment = max(moment, gone[-MOST] + SPAN)
    return moment
