"""Told once, of what holds in the end: booked, changed, undone and cancelled on the page, sent by real drains, and
judged by what the mail server received."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from appointments.models import Appointment
from clinics import clock
from clinics.models import Role
from clinics.scope import in_clinic
from reminders.drain import drain
from reminders.lanes import Lanes
from reminders.models import Rule
from reminders.replanning import plan_again
from reminders.timing import GRACE
from sandbox.server import Sandbox
from tests.notices import NOTICE_KINDS, answers, tell_of
from tests.page_forms import send
from tests.reminders.sending import received
from tests.visitors import client_of, member, quick_pages
from tests.world import DAY, World

__all__ = ["quick_pages"]
pytestmark = pytest.mark.django_db(transaction=True)
MADRID = ZoneInfo("Europe/Madrid")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Desk:
    """A receptionist at her pages, with the drain and the mail server behind them."""

    def __init__(self, world: World, server: Sandbox, lanes: Lanes) -> None:
        self.world, self.server, self.lanes = world, server, lanes
        self.client: Client = client_of(member(world, Role.RECEPTION))
        self.clinic = f"/c/{world.clinic.slug}/appointments/"
        self.day = (clock.now().astimezone(MADRID) + 9 * DAY).date()
        self.before = len(received(server, world))

    def book(self, **said: str) -> None:
        form = {"day": self.day.isoformat(), "time": "10:00", "end_time": "10:30", **said}
        answer = send(self.client, f"{self.clinic}new/?patient={self.world.patient.pk}", **form)
        self.one = answer.headers["Location"]
        assert self.one != f"{self.clinic}new/"

    def known_for_long(self) -> None:
        """An appointment of which the patient has known since it was booked."""
        start = datetime.combine(self.day, datetime.min.time(), MADRID).replace(hour=10)
        long_ago = clock.now() - 9 * DAY
        with in_clinic(self.world.clinic.pk):
            row = self.world.appointment(start, booked_at=long_ago, start_set_at=long_ago)
        self.one = f"{self.clinic}{row.pk}/"
        self.drains()

    def do(self, step: str, **said: str) -> None:
        answer = send(self.client, f"{self.one}{step}/", **said)
        assert answer.status_code == 302

    def undo(self) -> None:
        self.client.post(f"{self.one}undo/")

    def waits(self, span: timedelta) -> None:
        clock.move_to(clock.shift() + span)
        self.drains()

    def drains(self) -> None:
        drain(self.lanes, 10)

    def told(self) -> list[str]:
        """The subjects of what has arrived: kind and time."""
        return [str(one["subject"]) for one in received(self.server, self.world)[self.before :]]

    def visit(self) -> datetime:
        """When it is now."""
        with in_clinic(self.world.clinic.pk):
            row: Appointment = Appointment.objects.get()
        return row.start.astimezone(MADRID)


@pytest.fixture
def desk(live: World, mail_server: Sandbox, lanes: Lanes) -> Desk:
    tell_of(live)
    return Desk(live, mail_server, lanes)


@pytest.mark.feature("16", "B3")
def test_a_booking_is_told_once_after_the_grace(desk: Desk) -> None:
    desk.book()
    desk.waits(GRACE - 20 * SECOND)
    assert desk.told() == []
    desk.waits(20 * SECOND)
    assert len(desk.told()) == 1 and desk.told()[0].startswith("booking: ") and "10:00" in desk.told()[0]
    desk.waits(DAY)
    assert len(desk.told()) == 1


@pytest.mark.feature("16", "17", "B3")
def test_edits_within_the_grace_are_told_with_the_booking_and_of_the_last_time(desk: Desk) -> None:
    desk.book()
    for time, end in (("11:00", "11:30"), ("12:00", "12:30")):
        desk.waits(MINUTE)
        desk.do("edit", time=time, end_time=end, notify="yes")
    desk.waits(MINUTE)
    desk.do("move", time="17:15")
    desk.waits(GRACE - 20 * SECOND)
    assert desk.told() == [], "the grace begins with each change anew"
    desk.waits(DAY)
    assert len(desk.told()) == 1 and desk.told()[0].startswith("booking: ") and "17:15" in desk.told()[0]


@pytest.mark.feature("17", "B3")
def test_three_changes_of_a_known_visit_make_one_message_of_the_last_time(desk: Desk) -> None:
    desk.known_for_long()
    for time in ("11:00", "12:00", "17:15"):
        desk.do("move", time=time)
        desk.waits(MINUTE)
    desk.waits(DAY)
    assert len(desk.told()) == 1 and desk.told()[0].startswith("change: ") and "17:15" in desk.told()[0]
    desk.do("move", time="18:00")
    desk.waits(DAY)
    assert len(desk.told()) == 2 and "18:00" in desk.told()[1], "a further change is told anew"


@pytest.mark.feature("17", "X16")
def test_moved_and_undone_nothing_is_told(desk: Desk) -> None:
    desk.known_for_long()
    desk.do("move", time="17:15")
    desk.waits(MINUTE)
    desk.undo()
    assert desk.visit().hour == 10 and answers(desk.world) == [("change", True)]
    desk.waits(DAY)
    assert desk.told() == []


@pytest.mark.feature("17", "X16", "X17")
def test_moved_away_and_back_by_hand_nothing_is_told(desk: Desk) -> None:
    desk.known_for_long()
    desk.do("move", time="17:15")
    desk.do("move", time="10:00")
    desk.waits(DAY)
    assert desk.told() == []


@pytest.mark.feature("16", "X16")
def test_a_booking_undone_is_not_told(desk: Desk) -> None:
    desk.book()
    desk.undo()
    desk.waits(DAY)
    assert desk.told() == []


@pytest.mark.feature("17", "B3")
def test_the_last_no_counts(desk: Desk) -> None:
    desk.known_for_long()
    desk.do("move", time="11:00", notify="yes")
    desk.do("move", time="12:00", notify="no")
    desk.waits(DAY)
    assert desk.told() == [] and answers(desk.world) == [("change", True), ("change", False)]
    desk.do("move", time="13:00", notify="yes")
    desk.waits(DAY)
    assert len(desk.told()) == 1 and "13:00" in desk.told()[0]


@pytest.mark.feature("17", "B3", "X16")
def test_a_no_to_a_change_that_is_undone_does_not_count_as_told(desk: Desk) -> None:
    desk.known_for_long()
    desk.do("move", time="17:15", notify="no")
    desk.undo()
    desk.waits(DAY)
    desk.do("move", time="17:15", notify="yes")
    desk.waits(DAY)
    assert len(desk.told()) == 1 and "17:15" in desk.told()[0]


@pytest.mark.feature("17", "B3")
def test_a_cancellation_is_told_and_so_is_that_it_is_taken_back(desk: Desk) -> None:
    desk.known_for_long()
    desk.do("cancel")
    desk.waits(DAY)
    assert len(desk.told()) == 1 and desk.told()[0].startswith("cancellation: ")
    desk.do("restore")
    desk.waits(DAY)
    assert len(desk.told()) == 2 and desk.told()[1].startswith("change: ")


@pytest.mark.feature("17", "X16")
def test_a_cancellation_taken_back_at_once_is_not_told(desk: Desk) -> None:
    desk.known_for_long()
    desk.do("cancel")
    desk.undo()
    desk.waits(DAY)
    assert desk.told() == []


@pytest.mark.feature("17")
def test_a_booking_cancelled_within_the_grace_is_not_told_of_a_visit_that_never_was(desk: Desk) -> None:
    desk.book()
    desk.do("cancel", notify="no")
    desk.waits(DAY)
    assert desk.told() == []


@pytest.mark.feature("17", "X16")
@pytest.mark.parametrize("step, said", [("move", {"time": "12:00", "notify": "no"}), ("cancel", {"notify": "yes"})])
def test_undo_brings_back_what_was_still_to_be_told(desk: Desk, step: str, said: dict[str, str]) -> None:
    desk.book()
    desk.do("move", time="11:00")
    desk.do(step, **said)
    desk.undo()
    desk.waits(DAY)
    assert len(desk.told()) == 1 and desk.told()[0].startswith(("booking: ", "change: ")) and "11:00" in desk.told()[0]


@pytest.mark.feature("16")
def test_a_rule_that_comes_to_apply_later_tells_nobody_of_what_is_long_past(desk: Desk) -> None:
    with in_clinic(desk.world.clinic.pk):
        rules = Rule.objects.filter(kind__in=NOTICE_KINDS)
        rules.update(types=[10**9])  # of other appointments
    desk.book(notify="yes")
    desk.waits(MINUTE * 60)
    assert [notify for _, notify in answers(desk.world)] == [True]
    with in_clinic(desk.world.clinic.pk):
        rules.update(types=[])
        plan_again(desk.world.clinic, clock.now())
    desk.drains()
    desk.waits(MINUTE * 60)
    assert desk.told() == []


@pytest.mark.feature("16", "17")
def test_without_a_rule_nobody_is_asked_and_nothing_is_told(desk: Desk) -> None:
    with in_clinic(desk.world.clinic.pk):
        Rule.objects.filter(kind__in=NOTICE_KINDS).update(active=False)
    desk.book()
    desk.do("move", time="17:15")
    desk.do("cancel")
    desk.waits(DAY)
    assert desk.told() == [] and answers(desk.world) == []


@pytest.mark.feature("X16", "X17", "42")
def test_after_undo_the_former_time_is_reminded_of_and_only_it(desk: Desk) -> None:
    desk.known_for_long()
    desk.do("move", time="17:15", notify="no")
    desk.undo()
    desk.waits(desk.visit() - DAY + MINUTE - clock.now())
    assert len(desk.told()) == 1 and "10:00" in desk.told()[0]
    desk.waits(DAY)
    assert len(desk.told()) == 1
