"""How does a sequence of acts begin and end, and whom does an act mean? What stands under the machine's steps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, initialize

from clinics.models import User
from reminders.lanes import Lanes
from sandbox.server import Sandbox
from tests.forecast import choices as some
from tests.forecast.begin import begin_pair, patient
from tests.forecast.entities import Appointment
from tests.forecast.pair import Difference, Pair
from tests.forecast.wall import shown_at

_QUARTER = 15 * 60


@dataclass
class Ground:
    """What all sequences stand on, and how many have begun."""

    user: User
    lanes: Lanes
    server: Sandbox
    begun: int = 0


class Sequence(RuleBasedStateMachine):
    """A clinic on both sides, from its opening to the end of its last visit."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground = ground
        self.pair: Pair | None = None
        #: Appointment → what staff did to it last, of which a patient may be told.
        self.last_event: dict[int, str] = {}

    @initialize(opening=some.openings())
    def open(self, opening: some.Opening) -> None:
        """A clinic with its hours, its rules, two patients and two visits."""
        self.ground.begun += 1
        self.pair = pair = begin_pair(self.ground.user, self.ground.lanes, self.ground.server, opening.now)
        pair.new_patient(patient(2))
        pair.clinic_hours(*opening.quiet)
        pair.closed_weekdays(set(opening.closed))
        for one in opening.rules:
            pair.rule(None, **one)
        for number, ahead in enumerate(opening.visits):
            self.booked(number, ahead, 3 * number)

    def teardown(self) -> None:
        """In the end nothing waits any more, and nothing has arrived that nobody has looked at."""
        if self.pair is None or self.pair.broken:
            return
        last = max(one.start for one in self.it.model.world.appointments.values())
        self.it.go_to(max(last, self.it.now) + some.HOUR)
        if waiting := [row.name for row in self.it.model.world.rows if row.open]:
            raise Difference(f"after every visit there still wait {waiting}")
        if self.it.witness.new():
            raise Difference("something arrived between two looks")

    # Whom, which, when

    @property
    def it(self) -> Pair:
        """Both sides."""
        assert self.pair is not None
        return self.pair

    def start_at(self, ahead: timedelta) -> datetime:
        """A quarter of an hour that lies so far ahead."""
        seconds = (self.it.now + ahead).timestamp()
        return datetime.fromtimestamp(-(-seconds // _QUARTER) * _QUARTER, self.it.now.tzinfo)

    def moved(self, one: Appointment, start: datetime) -> None:
        self.it.move(one.key, start)
        self.last_event[one.key] = "change"

    def visit(self, which: int) -> Appointment | None:
        """One that is still to come; None after a minute's wait, where there is none."""
        soon = self.it.now + timedelta(minutes=3)
        to_come = [one for one in self.it.model.world.appointments.values() if one.start > soon]
        if not to_come:
            self.wait()
            return None
        return to_come[which % len(to_come)]

    def patient_key(self, who: int) -> int:
        return sorted(self.it.model.world.patients)[who % 2]

    def row_key(self, name: str, value: Any) -> Any:
        """The row that an index stands for."""
        product = self.it.product
        lists = {
            "practitioner": product.practitioners,
            "location": product.locations,
            "type": product.types,
            "patient": sorted(self.it.model.world.patients),
        }
        return lists[name][value] if name in lists and value is not None else value

    def close_or_open(self, index: int) -> None:
        """Closes one of the next days, everywhere or at one place; opens it again where it is closed so."""
        place = self.it.product.locations[1] if index > 3 else None
        days = self.it.closed_days(place)
        day = shown_at(self.it.now, self.it.clinic.zone).date() + timedelta(days=index % 3)
        if day in days:
            self.it.reopen(day, place)
        elif day not in self.it.clinic.closed_days:
            self.it.close(day, place)

    def wait(self) -> None:
        self.it.go(timedelta(minutes=1))

    def booked(self, who: int, ahead: timedelta, place: int) -> None:
        self.book_at(self.patient_key(who), self.start_at(ahead), place)

    def book_at(self, patient: int, start: datetime, place: int) -> None:
        product = self.it.product
        key = self.it.book(
            start, patient=patient, practitioner=product.practitioners[place % 2],
            location=product.locations[place // 2 % 2], type=product.types[0],
        )  # fmt: skip
        self.last_event[key] = "booking"
