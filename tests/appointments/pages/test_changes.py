"""Moving, status, cancelling, deleting, marking and blocking on the page, and what each does to the reminders."""

from datetime import timedelta

import pytest
from django.test import Client

from appointments.models import Appointment, Block, RemindedElsewhere, Status
from clinics import clock
from clinics.scope import in_clinic
from reminders.kinds import State
from reminders.models import Reminder
from tests.page_forms import fields_of, send, text, words
from tests.visitors import DAY, HOUR, NOW, book, reminders_of
from tests.world import World

pytestmark = pytest.mark.django_db
#: Saturday 12:00 in Madrid; its reminder goes on Friday 12:00.
START = NOW + 3 * DAY + 2 * HOUR


def page_of(world: World, row: Appointment, step: str = "") -> str:
    return f"/c/{world.clinic.slug}/appointments/{row.pk}/{step}"


def now_is(world: World, row: Appointment) -> Appointment:
    with in_clinic(world.clinic.pk):
        found: Appointment = Appointment.objects.get(pk=row.pk)
    return found


def states(world: World, row: Appointment) -> list[tuple[int, str]]:
    return [(one.occurrence, one.state) for one in reminders_of(world, row)]


@pytest.mark.feature(42, "X16")
def test_moving_reminds_for_the_new_time_only_and_undo_for_the_former_one(world: World, desk: Client) -> None:
    row = book(world, START)
    send(desk, page_of(world, row, "move/"), day="2041-01-22", time="16:00")
    page = words(text(desk.get(page_of(world, row))))
    assert "Moved from Sat, Jan 19 12:00. Until 10:0" in page
    assert "E-mail · Reminder will go on Mon, Jan 21 16:00." in page
    assert states(world, row) == [(1, State.SUPERSEDED), (2, State.PLANNED)]
    assert now_is(world, row).end - now_is(world, row).start == timedelta(minutes=30)
    desk.post(page_of(world, row, "undo/"))
    assert now_is(world, row).start == START
    assert "E-mail · Reminder will go on Fri, Jan 18 12:00." in words(text(desk.get(page_of(world, row))))
    with in_clinic(world.clinic.pk):
        (open_one,) = Reminder.objects.filter(appointment=row, state=State.PLANNED)
        assert open_one.due_at == START - DAY


def test_after_the_grace_a_move_is_not_undone(world: World, desk: Client) -> None:
    row = book(world, START)
    send(desk, page_of(world, row, "move/"), day="2041-01-22", time="16:00")
    clock.move_to(clock.shift() + timedelta(minutes=4))
    assert "Undo" not in words(text(desk.get(page_of(world, row))))
    answer = desk.post(page_of(world, row, "undo/"), follow=True)
    assert "It is too late to undo" in words(text(answer))
    assert now_is(world, row).occurrence == 2


def test_a_time_that_the_clocks_skip_is_refused_and_nothing_moves(world: World, desk: Client) -> None:
    row = book(world, START)
    page = text(send(desk, page_of(world, row, "move/"), day="2041-03-31", time="02:30"))
    assert "does not exist" in page and fields_of(page)["time"] == ["02:30"]
    assert now_is(world, row).revision == row.revision


def test_cancelling_asks_first_names_what_stops_and_stops_it(world: World, desk: Client) -> None:
    row = book(world, START)
    question = words(text(desk.get(page_of(world, row, "cancel/"))))
    assert "1 reminder that is still to come does not go: E-mail · Reminder, Fri, Jan 18 12:00" in question
    assert now_is(world, row).status == Status.SCHEDULED
    send(desk, page_of(world, row, "cancel/"))
    assert now_is(world, row).status == Status.CANCELLED
    assert states(world, row) == [(1, State.CANCELLED)]
    desk.post(page_of(world, row, "restore/"))
    assert states(world, row) == [(1, State.PLANNED)]


def test_a_question_about_an_appointment_that_changed_is_asked_again(world: World, desk: Client) -> None:
    row = book(world, START)
    form = fields_of(text(desk.get(page_of(world, row, "cancel/"))))
    with in_clinic(world.clinic.pk):
        Appointment.objects.filter(pk=row.pk).update(status=Status.CONFIRMED)
    assert "Nothing was saved; this is how it stands." in words(text(desk.post(page_of(world, row, "cancel/"), form)))
    assert now_is(world, row).status == Status.CONFIRMED


def test_a_deleted_appointment_leaves_the_agenda_is_not_reminded_and_comes_back(world: World, desk: Client) -> None:
    row = book(world, START)
    agenda = f"/c/{world.clinic.slug}/?day=2041-01-19"
    assert "Lucía Prueba" in text(desk.get(agenda))
    send(desk, page_of(world, row, "delete/"))
    assert "Lucía Prueba" not in text(desk.get(agenda))
    assert states(world, row) == [(1, State.CANCELLED)]
    desk.post(page_of(world, row, "restore/"))
    assert "Lucía Prueba" in text(desk.get(agenda)) and states(world, row) == [(1, State.PLANNED)]


def test_a_status_follows_its_next_steps_and_an_old_page_changes_nothing(world: World, desk: Client) -> None:
    row = book(world, START)
    for step in (Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED):
        desk.post(page_of(world, row, "status/"), {"status": step.value})
        assert now_is(world, row).status == step
    answer = desk.post(page_of(world, row, "status/"), {"status": "confirmed"}, follow=True)
    assert "changed meanwhile" in words(text(answer)) and now_is(world, row).status == Status.COMPLETED
    desk.post(page_of(world, row, "status/"), {"status": "cancelled"})
    assert now_is(world, row).status == Status.COMPLETED, "cancelling has its question"


@pytest.mark.feature(38, 39, 40, 41, "X14")
def test_a_mark_says_what_it_stops_stops_it_sends_nothing_and_can_be_taken_back(world: World, desk: Client) -> None:
    row = book(world, START)
    dialog = words(text(desk.get(page_of(world, row, "mark/"))))
    assert "Saving this sends nothing" in dialog
    assert "All channels 1 later reminder will not go: E-mail · Reminder, Fri, Jan 18 12:00" in dialog
    send(desk, page_of(world, row, "mark/"), how="phone", note="spoke to her mother")
    send(desk, page_of(world, row, "mark/"), how="phone")  # twice is once
    page = words(text(desk.get(page_of(world, row))))
    assert "by phone · in place of all channels · spoke to her mother Marta Soler, Wed, Jan 16 10:" in page
    assert "Staff marked the patient as reminded outside Avisa." in page
    with in_clinic(world.clinic.pk):
        (mark,) = RemindedElsewhere.objects.all()
    desk.post(page_of(world, row, f"mark/{mark.pk}/take-back/"))
    assert "E-mail · Reminder will go on Fri, Jan 18 12:00." in words(text(desk.get(page_of(world, row))))


@pytest.mark.feature(42)
def test_a_moved_appointment_is_open_again_whatever_was_marked_before(world: World, desk: Client) -> None:
    row = book(world, START)
    send(desk, page_of(world, row, "mark/"), how="in_person")
    send(desk, page_of(world, row, "move/"), day="2041-01-22", time="16:00")
    page = words(text(desk.get(page_of(world, row))))
    assert "E-mail · Reminder will go on Mon, Jan 21 16:00." in page and "in place of all channels" not in page


@pytest.mark.feature("31")
def test_a_block_stands_in_day_and_week_never_reminds_and_is_freed(world: World, desk: Client) -> None:
    path = f"/c/{world.clinic.slug}/blocks/new/?day=2041-01-18"
    form = {**fields_of(text(desk.get(path))), "time": "09:00", "end_time": "11:00", "note": "Congreso"}
    desk.post(path, form), desk.post(path, form)
    with in_clinic(world.clinic.pk):
        (block,) = Block.objects.all()
        assert block.end - block.start == 2 * HOUR and not Reminder.objects.exists()
    for view in ("?day=2041-01-18", "?view=week&day=2041-01-16"):
        assert "Congreso" in text(desk.get(f"/c/{world.clinic.slug}/{view}"))
    one = f"/c/{world.clinic.slug}/blocks/{block.pk}/"
    assert "The end must be after the start." in text(send(desk, one, end_time="08:00"))
    send(desk, one, end_day="2041-01-19", end_time="08:00")
    assert "Congreso" in text(desk.get(f"/c/{world.clinic.slug}/?day=2041-01-19"))
    desk.post(f"{one}free/")
    with in_clinic(world.clinic.pk):
        assert not Block.objects.exists()
    assert desk.get(one).status_code == 404


def test_a_booking_over_a_block_is_taken_and_the_overlap_is_told(world: World, desk: Client) -> None:
    row = book(world, START)
    with in_clinic(world.clinic.pk):
        Block.objects.create(
            clinic=world.clinic, practitioner=world.practitioner, start=START + DAY, end=START + DAY + HOUR
        )
    answer = send(desk, page_of(world, row, "move/"), day="2041-01-20", time="12:15")
    assert "not available at that time: blocked 12:00–13:00" in words(text(desk.get(answer.headers["Location"])))
