"""A move back within the grace returns to the occurrence that was left; afterwards, or once a message of the other time
has begun, it is a new one. By whichever way the start is changed: the trigger counts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from appointments.importing.importer import import_agenda
from appointments.models import Appointment
from appointments.writing import AppointmentChange, write_appointments
from clinics import clock
from clinics.scope import in_clinic
from reminders.kinds import State
from reminders.models import Reminder
from reminders.timing import GRACE
from tests.agenda_files import agenda, row
from tests.databases import use_role
from tests.visitors import DAY, HOUR, NOW
from tests.world import World

HALF, SECOND = timedelta(minutes=30), timedelta(seconds=1)
#: Saturday, 19 January 2041, at noon in Madrid, and later that day.
A, B, C = (NOW + 3 * DAY + 2 * HOUR + hours * HOUR for hours in (0, 1, 2))
Way = Callable[[World, Appointment, datetime], None]


@pytest.fixture
def booked(world: World) -> Appointment:
    """Known for long, at A; the clock stands at NOW (and runs on)."""
    clock.move_to(NOW - clock.real_now())
    with in_clinic(world.clinic.pk):
        return world.appointment(A, booked_at=NOW - DAY, start_set_at=NOW - DAY, ref="A1")


def by_raw_sql(world: World, row: Appointment, start: datetime) -> None:
    with in_clinic(world.clinic.pk), connection.cursor() as cursor:
        cursor.execute(
            'UPDATE appointments_appointment SET start = %s, "end" = %s WHERE id = %s', [start, start + HALF, row.pk]
        )


def by_a_bulk_update(world: World, row: Appointment, start: datetime) -> None:
    with in_clinic(world.clinic.pk):
        Appointment.objects.filter(ref="A1").update(start=start, end=start + HALF)


def by_save(world: World, row: Appointment, start: datetime) -> None:
    save_whole(world, now_is(world, row), start=start, end=start + HALF)


def save_whole(world: World, row: Appointment, **fields: object) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    with in_clinic(world.clinic.pk):
        row.save()


def by_the_writer(world: World, row: Appointment, start: datetime) -> None:
    change = AppointmentChange(now_is(world, row), {"start": start, "end": start + HALF})
    with in_clinic(world.clinic.pk):
        (written,) = write_appointments(world.clinic, [change], clock.now()).rows
        stored = Appointment.objects.filter(pk=row.pk).values().get()
    assert {name: getattr(written, name) for name in stored} == stored, "the row in memory is the one in the database"


def by_import(world: World, found: Appointment, start: datetime) -> None:
    times = {"start": start.isoformat(" ", "minutes"), "end": (start + HALF).isoformat(" ", "minutes")}
    with in_clinic(world.clinic.pk):
        report = import_agenda(world.clinic, agenda([row(**times)], without=["booked_at"]), clock.now())
    assert report.refused == 0


WAYS = [by_raw_sql, by_a_bulk_update, by_save, by_the_writer, by_import]


def now_is(world: World, row: Appointment) -> Appointment:
    with in_clinic(world.clinic.pk):
        found: Appointment = Appointment.objects.get(pk=row.pk)
    return found


def numbers(world: World, row: Appointment) -> tuple[int, int]:
    """Occurrence and counter."""
    found = now_is(world, row)
    return (found.occurrence, found.occurrence_counter)


def later(span: timedelta) -> None:
    clock.move_to(clock.shift() + span)


def has_begun(world: World, row: Appointment, state: State, occurrence: int) -> None:
    """A reminder of that occurrence, in that state."""
    with in_clinic(world.clinic.pk):
        Reminder.objects.create(
            clinic=world.clinic, appointment=row, rule=world.rule, trigger=f"o{occurrence}", kind="reminder",
            channel="email", occurrence=occurrence, state=state, planned_at=NOW, due_at=NOW, deadline=A, look_at=NOW,
        )  # fmt: skip


@pytest.mark.feature("42", "X16", "X17", enters="the trigger in the database")
@pytest.mark.parametrize("way", WAYS)
def test_moved_back_within_the_grace_it_is_the_former_occurrence_again(
    world: World, booked: Appointment, way: Way
) -> None:
    way(world, booked, B)
    assert numbers(world, booked) == (2, 2)
    way(world, booked, A)
    row = now_is(world, booked)
    assert (row.occurrence, row.occurrence_counter, row.revision) == (1, 2, 3)
    assert (row.former_start, row.former_occurrence) == (B, 2)
    way(world, booked, B)
    assert numbers(world, booked) == (2, 2), "and there again"
    way(world, booked, C)
    assert numbers(world, booked) == (3, 3)
    way(world, booked, A)
    assert numbers(world, booked) == (4, 4), "only the last start is a way back"


@pytest.mark.feature("X17", enters="the trigger in the database")
@pytest.mark.parametrize("way", WAYS)
def test_moved_back_after_the_grace_it_is_a_new_occurrence(world: World, booked: Appointment, way: Way) -> None:
    way(world, booked, B)
    later(GRACE)
    way(world, booked, A)
    assert numbers(world, booked) == (3, 3)


def test_the_triggers_grace_is_that_of_the_timing(world: World, booked: Appointment) -> None:
    for left, occurrence in ((5 * SECOND, 1), (-5 * SECOND, 4)):
        by_raw_sql(world, booked, B)
        clock.move_to(now_is(world, booked).start_set_at + GRACE - left - clock.real_now())
        by_raw_sql(world, booked, A)
        assert now_is(world, booked).occurrence == occurrence
        later(GRACE)


def test_a_way_back_starts_the_grace_again(world: World, booked: Appointment) -> None:
    by_raw_sql(world, booked, B)
    for occurrence, start in ((1, A), (2, B), (1, A)):
        later(GRACE - 10 * SECOND)
        by_raw_sql(world, booked, start)
        row = now_is(world, booked)
        assert row.occurrence == occurrence and clock.now() - row.start_set_at < 10 * SECOND


@pytest.mark.feature("X17", enters="the trigger in the database")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
def test_once_a_message_of_the_other_time_is_on_its_way_a_move_back_is_a_new_occurrence(
    world: World, booked: Appointment, way: Way, state: State
) -> None:
    way(world, booked, B)
    has_begun(world, booked, state, 2)
    way(world, booked, A)
    assert numbers(world, booked) == (3, 3)


@pytest.mark.parametrize("occurrence, state", [(1, State.SENDING), (2, State.PLANNED), (2, State.SKIPPED)])
def test_what_was_begun_for_another_time_or_never_began_closes_no_way_back(
    world: World, booked: Appointment, occurrence: int, state: State
) -> None:
    by_raw_sql(world, booked, B)
    has_begun(world, booked, state, occurrence)
    by_raw_sql(world, booked, A)
    assert numbers(world, booked) == (1, 2)


def test_a_row_read_before_a_change_and_saved_whole_brings_no_old_number(world: World, booked: Appointment) -> None:
    first = now_is(world, booked)
    by_raw_sql(world, booked, B)
    moved = now_is(world, booked)
    by_raw_sql(world, booked, A)
    save_whole(world, first, access_code="7")
    assert numbers(world, booked) == (1, 2)
    save_whole(world, moved, start=A, end=A + HALF)
    back = now_is(world, booked)
    assert (back.occurrence, back.former_start, back.former_occurrence) == (1, B, 2)
    later(GRACE)
    save_whole(world, moved, start=B, end=B + HALF)
    row = now_is(world, booked)
    assert (row.occurrence, row.former_start, row.former_occurrence) == (3, A, 1)
    assert clock.now() - row.start_set_at < 10 * SECOND, "its old moment does not shorten the grace"


@pytest.mark.parametrize("columns", [{"former_start": B, "former_occurrence": 1}, {"occurrence": 1}])
def test_nobody_writes_a_way_back_or_a_number_that_was_given_before(
    world: World, booked: Appointment, columns: dict[str, object]
) -> None:
    by_raw_sql(world, booked, C)
    later(GRACE)
    with in_clinic(world.clinic.pk):
        Appointment.objects.filter(pk=booked.pk).update(**columns)
        Appointment.objects.filter(pk=booked.pk).update(start=B, end=B + HALF, **columns)
    row = now_is(world, booked)
    assert (row.occurrence, row.former_start, row.former_occurrence) == (3, C, 2)


def test_many_rows_in_one_statement_each_go_their_own_way(world: World, booked: Appointment) -> None:
    """Exchanged all at once: the first returns, the second of which something began and the third do not."""
    with in_clinic(world.clinic.pk):
        rows = [booked, *(world.appointment(A, booked_at=NOW, start_set_at=NOW) for _ in range(2))]
        Appointment.objects.update(start=B, end=B + HALF)
    has_begun(world, rows[1], State.SENDING, 2)
    with in_clinic(world.clinic.pk):
        Appointment.objects.filter(pk=rows[2].pk).update(start=C, end=C + HALF)
        Appointment.objects.update(start=A, end=A + HALF)
    assert [numbers(world, row) for row in rows] == [(1, 2), (3, 3), (4, 4)]


def test_a_row_put_in_by_raw_sql_has_no_way_back_until_it_was_moved(world: World, booked: Appointment) -> None:
    columns = 'clinic_id, patient_id, start, "end", status, deleted, meeting_link, access_code, booked_at, start_set_at'
    with in_clinic(world.clinic.pk), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO appointments_appointment ({columns}, occurrence, occurrence_counter, revision, "
            f"planned_revision) SELECT {columns}, 1, 1, 1, 0 FROM appointments_appointment RETURNING id"
        )
        copy = Appointment(pk=cursor.fetchone()[0])
    copy = now_is(world, copy)
    assert (copy.former_start, copy.former_occurrence) == (None, None)
    for start, expected in ((B, (2, 2)), (A, (1, 2))):
        by_raw_sql(world, copy, start)
        assert numbers(world, copy) == expected
    assert numbers(world, booked) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_owner_of_the_database_counts_alike(world: World, booked: Appointment) -> None:
    has_begun(world, booked, State.SENDING, 3)
    try:
        use_role(connection, settings.DATABASE_OWNER_URL)
        with connection.cursor() as cursor:
            for start in (B, A, C, A):
                cursor.execute('UPDATE appointments_appointment SET start = %s, "end" = %s', [start, start + HALF])
    finally:
        use_role(connection, settings.DATABASE_URL)
    assert numbers(world, booked) == (4, 4)


MOVES = st.lists(
    st.tuples(
        st.sampled_from([A, B, C]),
        st.sampled_from([timedelta(0), GRACE / 2, GRACE, HOUR]),
        st.sampled_from([by_raw_sql, by_a_bulk_update, by_save, by_the_writer]),
    ),
    max_size=12,
)


@pytest.mark.feature("X17", enters="the trigger in the database")
@hypothesis(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_whatever_is_moved_and_when_a_number_stands_for_one_start(
    world: World, booked: Appointment, moves: list[tuple[datetime, timedelta, Way]]
) -> None:
    with in_clinic(world.clinic.pk):
        Appointment.objects.filter(ref="A1").update(ref=None)
        row = world.appointment(A, booked_at=NOW, start_set_at=clock.now(), ref="A1")
    given_to, stood_at, before = {1: A}, [(A, 1)], row
    for start, pause, way in moves:
        later(pause)
        way(world, row, start)
        now = now_is(world, row)
        assert given_to.setdefault(now.occurrence, start) == start
        assert now.occurrence <= now.occurrence_counter == max(given_to)
        assert now.occurrence_counter >= before.occurrence_counter
        if start == before.start:
            assert now.occurrence == before.occurrence
        elif now.occurrence_counter == before.occurrence_counter:  # a return, to where it was before, in time
            assert (start, now.occurrence) == stood_at[-2] and pause < GRACE
        if start != before.start:
            stood_at.append((start, now.occurrence))
        before = now
