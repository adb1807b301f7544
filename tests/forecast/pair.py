"""Both sides together: every act is done to the product and to the model, and what they say is compared.

Time. Acts and drains happen at moments that this file chooses, while the clock stands. A walk to a later moment stops
wherever either side has something to do, a little after it: by a slack that grows with each stop, so that what was
counted from one stop (a deadline, a fallback's wait) never falls on the second of another, where the little that a
sending thread takes would decide.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from tests.forecast.entities import Left
from tests.forecast.model import Model
from tests.forecast.product import Name, Product
from tests.forecast.settings_acts import SettingsActs
from tests.forecast.standing_clock import set_clock
from tests.forecast.unforeseen import disturbed
from tests.forecast.wall import DAY, MINUTE, shown_at
from tests.forecast.witness import Arrived, Witness
from tests.forecast.words import describe

SECOND = timedelta(seconds=1)
#: Between two messages to one patient over one channel, the second of which goes by itself.
_APART = timedelta(minutes=10) - SECOND
#: As long as a call may take on a slow machine.
_A_CALL = 30 * SECOND
#: What keeps its distance from others is late by what each of them was.
_IN_A_ROW = 4 * MINUTE
#: More stops than a walk of two weeks can have.
_MOST_STOPS = 400


class Difference(AssertionError):
    """Product, forecast and model do not say the same."""


class Pair(SettingsActs):
    """One clinic, twice."""

    def __init__(self, product: Product, model: Model, witness: Witness, now: datetime) -> None:
        super().__init__(product, model, witness, now)
        self._slack = 5 * SECOND
        self.arrived: list[Left] = []
        #: To whom, over which channel, when.
        self._came: list[tuple[tuple[int | None, str], datetime]] = []
        self.broken = False

    def begin(self) -> None:
        """An act begins a second after whatever was before."""
        self.now += SECOND
        set_clock(self.now)

    def end(self) -> None:
        """After an act: the drain rings, and both sides are compared."""
        self._drain()
        self.compare_states()

    def go(self, by: timedelta) -> None:
        """The clock goes on, and the forecast that is made now must hold."""
        self.go_to(self.now + by)

    def go_to(self, until: datetime) -> None:
        """The same, to a moment."""
        began = self.now
        set_clock(began)
        forecast = self._forecast()
        known = {row.name for row in self.model.world.rows}
        before = len(self.arrived)
        for _ in range(_MOST_STOPS):
            following = self._next_stop()
            self._slack += SECOND / 2
            if following is None or following > until:
                break
            self._stop(following + self._slack)
        self._stop(max(until, self.now + SECOND))
        self.compare_states()
        unforeseen = {row.name for row in self.model.world.rows if row.unforeseen and row.name not in known}
        self._compare_forecast(*self._foreseeable(forecast, self.arrived[before:], unforeseen))

    def _foreseeable(
        self, forecast: list[tuple[Name, str, datetime]], arrived: list[Left], unforeseen: Collection[Name]
    ) -> tuple[list[tuple[Name, str, datetime]], list[Left]]:
        """Both, without the rows between which and their forecast something came that nobody could know."""
        patients = {key: one.patient for key, one in self.model.world.appointments.items()}
        went = [(name, (whom, channel), at) for name, (whom, channel, at) in self.model.world.began.items()]
        foretold = [(name, (patients[name[0]], channel), at) for name, channel, at in forecast]
        left_out = disturbed(unforeseen, went, foretold)
        return [one for one in forecast if one[0] not in left_out], [one for one in arrived if one.name not in left_out]

    def compare_states(self) -> None:
        """Each reminder is in the one state that the model names, and no side has a row that the other has not."""
        product = self.product.each("state")
        model = {row.name: row.state for row in self.model.world.rows}
        if len(model) != len(self.model.world.rows):
            raise AssertionError("the model has a row twice")
        if product != model:
            names = sorted(set(product) | set(model), key=str)
            differ = [(one, product.get(one), model.get(one)) for one in names if product.get(one) != model.get(one)]
            words = "\n".join(f"  {one}: product {is_}, model {should}" for one, is_, should in differ)
            raise self.difference(f"states:\n{words}", [one[0] for one, _, _ in differ])

    def difference(self, words: str, visits: Iterable[int]) -> Difference:
        """With everything of these visits that helps to see why."""
        self.broken = True
        told = describe(self.model.world, self.product.rows(), set(visits))
        return Difference(f"{self.now:%a %Y-%m-%d %H:%M:%S}: {words}\n{told}")

    def _stop(self, moment: datetime) -> None:
        self.now = moment
        set_clock(moment)
        self._drain()

    def _next_stop(self) -> datetime | None:
        moments = [self.product.next_moment(), self.model.next_moment(self.now)]
        return min((one for one in moments if one is not None and one > self.now), default=None)

    def _drain(self) -> None:
        """Rings, and compares what arrived with what the model says must have."""
        began = self.product.drain()
        numbers = self.product.each("pk")
        for row in self.model.world.rows:
            row.number = numbers.get(row.name)
        expected = [*self.expected, *self.model.settle(self.now)]
        self.expected.clear()
        arrivals = self._arrivals(self.witness.new()) if began or expected else []
        is_, should = _count(arrivals), _count(expected)
        if is_ != should:
            raise self.difference(
                f"arrived, though the model says no: {dict(is_ - should)}; "
                f"not arrived, though it says yes: {dict(should - is_)}",
                [name[0] for name, _ in {**is_, **should}],
            )
        for one in sorted(arrivals, key=lambda one: not self._by_itself(one)):
            self._check_alone(one)
        self.arrived += arrivals
        self._agree_on_waits(arrivals)

    def _agree_on_waits(self, arrivals: list[Left]) -> None:
        """Until when a delivery is waited for counts from the end of a call, by the clock of the thread that made it,
        which does not stand: the model takes the product's moment where both mean the same."""
        names = {one.name for one in arrivals}
        for row in self.model.world.rows:
            if row.name in names and row.fallback_at is not None:
                waits = self.product.waits_until(row.name)
                if waits is None or abs(waits - row.fallback_at) > _A_CALL:
                    raise self.difference(f"{row.name} waits until {waits}, not {row.fallback_at}", [row.appointment])
                row.fallback_at = waits

    def _arrivals(self, messages: list[Arrived]) -> list[Left]:
        """What arrived, by the rows it was sent for; each at the address and with the words that the model expects."""
        sent_as = self.product.sent_as([one.ref for one in messages])
        arrivals = []
        for message in messages:
            if message.ref not in sent_as:
                raise self.difference(f"a message arrived that no reminder knows of: {message.words!r}", [])
            name, kind, channel = sent_as[message.ref]
            self._check_words(message, name, kind, channel)
            arrivals.append(Left(name, kind, channel, self.now))
        return arrivals

    def _check_words(self, message: Arrived, name: Name, kind: str, channel: str) -> None:
        world = self.model.world
        one = world.appointments[name[0]]
        patient = world.patients[one.patient or 0]
        if (message.channel, message.address) != (channel, patient.email if channel == "email" else patient.phone):
            raise self.difference(
                f"{name} went over {message.channel} to another address than the patient's", [name[0]]
            )
        wall = shown_at(one.start, world.clinic.hours(one.location).zone)
        if not message.words.startswith(f"{kind}: ") or f" {wall.day} de " not in message.words:
            raise self.difference(f"{name} should tell of {wall}, but says {message.words!r}", [name[0]])
        if f"{wall:%H:%M}" not in message.words:
            raise self.difference(f"{name} should tell of {wall}, but says {message.words!r}", [name[0]])

    def _check_alone(self, one: Left) -> None:
        """What must hold of any message, whatever product and model think: never twice, never once the appointment has
        begun, and of its own accord never in quiet hours."""
        row = next(row for row in self.model.world.rows if row.name == one.name)
        appointment = self.model.world.appointments[row.appointment]
        if any(earlier.name == one.name for earlier in self.arrived):
            raise self.difference(f"{one.name} arrived twice", [one.name[0]])
        if one.at >= appointment.start:
            raise self.difference(f"{one.name} arrived after the start", [one.name[0]])
        if self._by_itself(one) and not self.model.world.clinic.hours(appointment.location).allows(one.at):
            raise self.difference(f"{one.name} arrived in quiet hours, at {one.at}", [one.name[0]])
        whom = (appointment.patient, one.channel)
        ages = [one.at - at for to, at in self._came if to == whom]
        if self._by_itself(one) and (min(ages, default=DAY) < _APART or sum(age < DAY - SECOND for age in ages) > 2):
            raise self.difference(f"{one.name} arrived too soon after others, at {one.at}", [one.name[0]])
        self._came.append((whom, one.at))

    def _by_itself(self, one: Left) -> bool:
        """Whether no person started it."""
        row = next(row for row in self.model.world.rows if row.name == one.name)
        return row.kind in ("reminder", "confirmation") and not row.by_hand

    def _forecast(self) -> list[tuple[Name, str, datetime]]:
        """What the product says will go: the row, the channel, the moment."""
        found = []
        for one in self.product.forecast(self.now):
            row, at = one.reminder, one.foresight.goes_at
            if at is not None:
                name = (row.appointment_id, row.rule_id, row.trigger, str(row.route), row.round)
                found.append((name, str(row.channel), at))
        return found

    def _compare_forecast(self, forecast: list[tuple[Name, str, datetime]], arrived: list[Left]) -> None:
        """What arrived up to now is what was forecast for these moments. A mailbox that refuses could not be known."""
        refused = {row.name for row in self.model.world.rows if row.why == ("address_refused",)}
        behind = {row.name for row in self.model.world.rows if row.open and row.waits}
        foreseen = Counter(
            (name, channel)
            for name, channel, at in forecast
            if at <= self.now and name not in refused and not (name in behind and at > self.now - _IN_A_ROW)
        )
        came = _count(arrived)
        if foreseen != came:
            raise self.difference(
                f"forecast and not arrived {dict(foreseen - came)}; arrived and not forecast {dict(came - foreseen)}",
                [name[0] for name, _ in {**foreseen, **came}],
            )
        moments = {name: at for name, _, at in forecast}
        waited = {row.name for row in self.model.world.rows if row.waited}
        for one in arrived:
            if not timedelta(0) <= one.at - moments[one.name] <= (_IN_A_ROW if one.name in waited else MINUTE):
                raise self.difference(
                    f"{one.name} was forecast for {moments[one.name]} and arrived at {one.at}", [one.name[0]]
                )


def _count(messages: Iterable[Left]) -> Counter[tuple[Name, str]]:
    return Counter((one.name, one.channel) for one in messages)
