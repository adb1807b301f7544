"""Does 03/04/2027 mean the third of April or the fourth of March? Decided once for a whole file, never guessed. Pure.

Spain, Italy, Brazil and nearly all others put the day first, and so does the product: 25/03/2027, 25.03.2027 and
25-03-2027 are the 25th of March. 3/25/2027 is refused there. Where it stands in a file that has no date with a first
number over 12, the file was written month first by some other program: then its dates that could be read both ways are
refused too, as reading them would put patients on wrong days. Only for a clinic in a country that puts the month first
(short dates of Unicode's CLDR: the United States, Puerto Rico, Panama, Guam, the Philippines) is 3/25/2027 taken, and a
date that could be read both ways follows the others of its file; where those say nothing, or say both, it is refused.
2027-03-25 can be read one way only and is always taken.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MONTH_FIRST_COUNTRIES = frozenset({"US", "PR", "PA", "GU", "PH"})
#: A date that does not begin with its year: two numbers, of which one is the day.
_TWO_WAYS = re.compile(r"\s*(\d{1,2})([-/.])(\d{1,2})\2\d{4}(?!\d)", re.ASCII)


@dataclass(frozen=True)
class DateOrder:
    """Which ways of writing a date are taken; `doubtful`: one that could be read both ways is refused."""

    day_first: bool
    month_first: bool
    doubtful: bool

    def day_and_month(self, one: int, other: int) -> tuple[int, int]:
        """(day, month) of a date's two numbers as they stand. Raises ValueError with the reason, as the end of a
        sentence."""
        if self.doubtful and one != other and max(one, other) <= 12:
            raise ValueError("could be read day first or month first, and other dates of the file do not settle it")
        if one <= 12 < other and not self.month_first:
            raise ValueError(f"puts the month first, or has a month {other}; write the day first, or 2027-03-25")
        if other <= 12 < one and not self.day_first:
            raise ValueError("puts the day first, unlike the other dates of the file")
        month_first = self.month_first and (not self.day_first or other > 12)
        return (other, one) if month_first else (one, other)


DAY_FIRST = DateOrder(day_first=True, month_first=False, doubtful=False)
_MONTH_FIRST = DateOrder(day_first=False, month_first=True, doubtful=False)
_EITHER = DateOrder(day_first=True, month_first=True, doubtful=True)
_DAY_FIRST_IN_DOUBT = DateOrder(day_first=True, month_first=False, doubtful=True)


def order_of(cells: Iterable[str], country: str) -> DateOrder:
    """The order of a file's dates: from all its cells with times, and the clinic's country (ISO 3166-1 alpha-2)."""
    day_first = month_first = False
    for match in filter(None, map(_TWO_WAYS.match, cells)):
        one, other = int(match[1]), int(match[3])
        day_first |= other <= 12 < one
        month_first |= one <= 12 < other
    if country not in MONTH_FIRST_COUNTRIES:
        return _DAY_FIRST_IN_DOUBT if month_first and not day_first else DAY_FIRST
    if month_first == day_first:
        return _EITHER
    return _MONTH_FIRST if month_first else DAY_FIRST
