"""How does a breaker go, told in another way than the database does it? A state machine in plain Python.

It keeps the ends of the running minute in a list and counts anew each time; it shares no code with the product.
"""

from dataclasses import dataclass, field

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"
BAD = ("fault", "at_once", "slower", "counted")


@dataclass
class Breaker:
    """Times are seconds. `first` and `most` are the rests that come with the failure."""

    rest_ends: float | None = None
    since: float | None = None
    probe: int | None = None
    rests: int = 0
    in_a_row: int = 0
    #: (moment, whether it was bad) since the failure that began the minute.
    minute: list[tuple[float, bool]] = field(default_factory=list)
    mended: bool = False
    alert: bool = False

    def state(self, now: float) -> str:
        """Closed, open or half-open."""
        if self.rest_ends is None:
            return CLOSED
        return OPEN if now < self.rest_ends else HALF_OPEN

    def take_probe(self, attempt: int, now: float, lease: float) -> None:
        """One tries, the others wait."""
        assert self.state(now) == HALF_OPEN
        self.probe, self.rest_ends = attempt, now + lease

    def may_start(self, attempt: int) -> bool:
        """Nobody but the probe while it is not closed."""
        return self.rest_ends is None or self.probe == attempt

    def end(self, attempt: int, says: str, now: float, first: float, most: float) -> None:
        """A call has ended."""
        if self.rest_ends is None:
            self._end_closed(says, now, first, most)
        elif attempt == self.probe:
            self.probe = None
            if says == "":
                self.rest_ends = now
            elif says in ("well", "slower"):
                self.rest_ends = self.since = None
                self.rests, self.mended, self.alert = 0, True, False
            else:
                self._rest(now, first, most)

    def _end_closed(self, says: str, now: float, first: float, most: float) -> None:
        if self.minute and now - self.minute[0][0] >= 60:
            self.minute = []
        if says == "well":
            self.in_a_row = 0
        if says in BAD or (says == "well" and self.minute):
            self.minute.append((now, says in BAD))
        if says in ("fault", "at_once"):
            self.in_a_row += 1
        bad = sum(one for _, one in self.minute)
        many = len(self.minute) >= 20 and 2 * bad >= len(self.minute)
        if says in BAD and (says == "at_once" or self.in_a_row >= 5 or many):
            self.since, self.alert, self.mended = now, True, False
            self._rest(now, first, most)

    def _rest(self, now: float, first: float, most: float) -> None:
        self.rest_ends = now + min(most, first * 2**self.rests)
        self.rests += 1
        self.in_a_row, self.minute = 0, []
