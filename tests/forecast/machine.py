"""A machine that does what people do, in any order, and lets the clock run: nothing may surprise anybody.

Every step is done to the product and to the model; `Pair` compares after each. A step that would mean nothing where it
comes (no appointment to come, no mark to take back) means a minute's wait, or nothing.
"""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.forecast import choices as some
from tests.forecast.sequence import Sequence


class Comparison(Sequence):
    """The steps."""

    # The agenda

    @rule(who=some.INDEX, ahead=some.AHEAD, place=some.INDEX)
    def book(self, who: int, ahead: timedelta, place: int) -> None:
        """A visit, in time or late."""
        self.booked(who, ahead, place)

    @rule(which=some.INDEX, after=some.BESIDE, place=some.INDEX)
    def book_beside(self, which: int, after: timedelta, place: int) -> None:
        """A further visit of the same patient, soon after one that he has."""
        if (one := self.visit(which)) and one.patient is not None and len(self.it.model.world.appointments) < 9:
            self.book_at(one.patient, one.start + after, place)

    @rule(which=some.INDEX, ahead=some.AHEAD)
    def move(self, which: int, ahead: timedelta) -> None:
        """To another time."""
        if one := self.visit(which):
            self.moved(one, self.start_at(ahead))

    @rule(which=some.INDEX, wait=st.sampled_from([0, 1, 4]))
    def move_away_and_back(self, which: int, wait: int) -> None:
        """At once, within the grace, or after it."""
        if one := self.visit(which):
            start = one.start
            self.moved(one, start + timedelta(hours=1))
            if wait:
                self.it.go(timedelta(minutes=wait))
            if start > self.it.now + timedelta(minutes=1):
                self.moved(one, start)

    @rule(which=some.INDEX, fields=some.APPOINTMENT)
    def change(self, which: int, fields: Mapping[str, Any]) -> None:
        """Its status, its place, its people."""
        one = self.visit(which)
        if one is None:
            return
        given = {name: self.row_key(name, value) for name, value in fields.items()}
        if all(getattr(one, name) == value for name, value in given.items()):
            return self.wait()
        self.it.change(one.key, **given)
        self.last_event[one.key] = "cancellation" if one.status == "cancelled" else "change"

    @rule(which=some.INDEX, notify=some.YES, wait=st.sampled_from([0, 0, 1]))
    def answer(self, which: int, notify: bool, wait: int) -> None:
        """Whether the patient is told of what was done last."""
        one = self.visit(which)
        if one is None or one.key not in self.last_event:
            return
        if wait:
            self.wait()
        self.it.answer(one.key, self.last_event[one.key], notify)

    @rule(place=some.INDEX, ahead=some.AHEAD)
    def block(self, place: int, ahead: timedelta) -> None:
        """A practitioner is away."""
        self.it.block(self.it.product.practitioners[place % 2], self.start_at(ahead))

    @rule(which=some.INDEX, what=st.sampled_from(["flag", "mark", "unmark"]), channel=some.CHANNEL, wanted=some.YES)
    def say(self, which: int, what: str, channel: str, wanted: bool) -> None:
        """What staff say of an appointment's reminding."""
        one = self.visit(which)
        if one is None:
            return
        if what == "flag":
            self.it.flag(one.key, channel, wanted)
        elif what == "mark":
            self.it.mark(one.key, channel if wanted else "")
        elif one.marks:
            self.it.unmark(one.key, sorted(one.marks)[0])

    @rule(which=some.INDEX, channel=some.CHANNEL)
    def send_now(self, which: int, channel: str) -> None:
        """A person sends at once."""
        if one := self.visit(which):
            self.it.send_now(one.key, channel)

    # Patients

    @rule(who=some.INDEX, fields=some.PATIENT)
    def patient(self, who: int, fields: Mapping[str, Any]) -> None:
        """What stands in a patient's record."""
        key = self.patient_key(who)
        [(name, value)] = fields.items()
        if name == "phone":
            number = {"mobile": f"+3460012345{who % 2 + 1}", "landline": "+34912345678"}.get(value, "")
            self.it.phone(key, number, value == "landline")
        elif name.startswith("consent_"):
            self.it.consent(key, name.removeprefix("consent_"), value)
        elif name == "email" and key in self.it.model.refused:
            self.wait()
        else:
            self.it.change_patient(key, **{name: f"{key}{value}" if value and name == "email" else value})

    @rule(who=some.INDEX)
    def mailbox(self, who: int) -> None:
        """A mailbox goes away, or comes back."""
        key = self.patient_key(who)
        if key in self.it.model.refused:
            self.it.accept(key)
        elif "@" in self.it.model.world.patients[key].email:
            self.it.refuse(key)

    @rule(which=some.INDEX, delivered=some.YES)
    def report(self, which: int, delivered: bool) -> None:
        """The provider says what became of a text message."""
        waiting = [row for row in self.it.model.world.rows if row.fallback_at]
        if waiting:
            self.it.report(waiting[which % len(waiting)], delivered)

    # The clinic

    @rule(which=some.INDEX, fields=some.EDITS)
    def edit_rule(self, which: int, fields: Mapping[str, Any]) -> None:
        """Another mind about a rule."""
        key = sorted(self.it.model.world.rules)[which % len(self.it.model.world.rules)]
        if self.it.model.world.rules[key].timing != "on_event":
            self.it.rule(key, **fields)

    @rule(which=some.INDEX)
    def switch_rule(self, which: int) -> None:
        """A rule off, or on again."""
        key = sorted(self.it.model.world.rules)[which % len(self.it.model.world.rules)]
        self.it.rule(key, active=not self.it.model.world.rules[key].active)

    @rule(which=some.INDEX, fields=st.one_of(some.timed_rules(), some.notice_rules()), narrow=some.INDEX)
    def new_rule(self, which: int, fields: Mapping[str, Any], narrow: int) -> None:
        """A further rule, for some practitioners, places or types only."""
        product = self.it.product
        filters: list[dict[str, frozenset[int]]] = [
            {},
            {"practitioners": frozenset(product.practitioners[:1])},
            {"locations": frozenset(product.locations[1:])},
            {"types": frozenset(product.types[1:])},
        ]
        if len(self.it.model.world.rules) < 4:
            self.it.rule(None, **fields, **filters[narrow % len(filters)])

    @rule(kind=some.KINDS, channel=some.CHANNEL, with_phone=some.YES)
    def edit_wording(self, kind: str, channel: str, with_phone: bool) -> None:
        """Other words; one of the practitioners has no phone."""
        self.it.wording(kind, channel, with_phone)

    @rule(
        what=st.sampled_from(["quiet", "weekdays", "day", "channels", "default", "package"]),
        quiet=some.QUIET,
        weekdays=some.WEEKDAYS,
        channels=some.CHANNELS,
        index=some.INDEX,
    )
    def clinic(self, what: str, quiet: tuple[time, time], weekdays: set[int], channels: set[str], index: int) -> None:
        """The clinic's hours and switches."""
        it = self.it
        if what == "quiet":
            it.clinic_hours(*quiet)
        elif what == "weekdays":
            it.closed_weekdays(weekdays)
        elif what == "day":
            self.close_or_open(index)
        elif what == "channels":
            it.channels_on(channels)
        elif what == "default":
            it.default_channel("sms" if it.clinic.default_channel == "email" else "email")
        else:
            one = (it.product.practitioners[index % 2], "reminder" if index < 4 else "confirmation")
            it.package(*one, on=one in it.clinic.package_off)

    @rule(by=st.sampled_from([some.MINUTE, 2 * some.HOUR, some.DAY, 4 * some.DAY]))
    def pause(self, by: timedelta) -> None:
        """Until so much later; or its end, where there is one."""
        if self.it.clinic.paused_until is not None and self.it.clinic.paused_until > self.it.now:
            self.it.lift()
        else:
            self.it.pause(self.it.now + by)

    # The clock

    @rule(by=some.SHORT)
    def some_minutes(self, by: timedelta) -> None:
        """A little later."""
        self.it.go(by)

    @rule()
    def next_due(self) -> None:
        """Until something happens by itself."""
        following = self.it.model.next_moment(self.it.now)
        self.it.go_to(following or self.it.now + some.HOUR)

    @rule(by=some.HOURS)
    def some_hours(self, by: timedelta) -> None:
        """Later on the day."""
        self.it.go(by)

    @rule(by=some.DAYS)
    def some_days(self, by: timedelta) -> None:
        """On another day."""
        self.it.go(by)
