"""Of which rows can a forecast not hold, as something came between that nobody could know? A provider refuses or stays
silent, and a fallback opens: what it sends counts for the patient's other messages over that channel, which then go
later or not at all, and open fallbacks in turn. That product and model agree on them is checked all the same.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

#: By which both sides know a row: appointment, rule, trigger, route, round.
Name = tuple[int, int | None, str, str, int]
#: A row, the patient and channel that it is for, and when it began or was to go.
Sent = tuple[Name, tuple[int | None, str], datetime]
_STEP = 3
#: What is late by so little may have been held up by what went at that moment.
_LATE = timedelta(minutes=1)


def disturbed(unforeseen: Collection[Name], begun: Iterable[Sent], forecast: Iterable[Sent]) -> set[Name]:
    """The unforeseen rows, and those that they may have held up."""
    went, foretold, found = list(begun), list(forecast), set(unforeseen)
    while True:
        since: dict[tuple[int | None, str], datetime] = {}
        for name, whom, at in went:
            if name in found:
                since[whom] = min(at, since.get(whom, at))
        later = {name for name, whom, at in foretold if whom in since and at >= since[whom] - _LATE}
        steps = {name[:_STEP] for name in later}
        more = later | {name for name, _whom, _at in went if name[:_STEP] in steps}
        if more <= found:
            return found
        found |= more
