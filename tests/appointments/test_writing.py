"""One writer of appointments: only what differs is written, and the database counts revisions and occurrences."""

from datetime import timedelta

import pytest

from appointments.models import Appointment, Status
from appointments.writing import AppointmentChange, BlockChange, write_appointments, write_blocks
from clinics.scope import in_clinic
from tests.world import DAY, NOW, World


def test_one_appointment_is_booked_as_many_are(world: World) -> None:
    fields = {"patient_id": world.patient.pk, "start": NOW + DAY, "end": NOW + DAY + timedelta(minutes=30)}
    with in_clinic(world.clinic.pk):
        written = write_appointments(world.clinic, [AppointmentChange(None, fields)], NOW)
        booked = Appointment.objects.get()
    assert written.rows[0].pk == booked.pk
    assert (booked.booked_at, booked.start_set_at, booked.revision, booked.status) == (NOW, NOW, 1, "scheduled")


def test_a_move_raises_revision_and_occurrence_and_says_when(world: World) -> None:
    with in_clinic(world.clinic.pk):
        appointment = world.appointment()
        moved = {"start": appointment.start + DAY, "end": appointment.end + DAY}
        written = write_appointments(world.clinic, [AppointmentChange(appointment, moved)], NOW)
    row = written.rows[0]
    assert (row.revision, row.occurrence, row.start_set_at) == (2, 2, NOW)
    assert set(written.updated[0].before) == {"start", "end", "start_set_at"}


def test_what_would_not_change_is_neither_locked_nor_written(world: World, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with in_clinic(world.clinic.pk):
        appointment = world.appointment()
        with django_assert_num_queries(0):
            written = write_appointments(
                world.clinic, [AppointmentChange(appointment, {"status": Status.SCHEDULED})], NOW
            )
        appointment.refresh_from_db()
    assert (written.unchanged, appointment.revision) == (1, 1)


def test_a_change_made_meanwhile_by_another_is_not_undone(world: World) -> None:
    with in_clinic(world.clinic.pk):
        stale = world.appointment()
        Appointment.objects.filter(pk=stale.pk).update(meeting_link="https://video.example/1")
        write_appointments(world.clinic, [AppointmentChange(stale, {"status": Status.CONFIRMED})], NOW)
        row = Appointment.objects.get(pk=stale.pk)
    assert (row.status, row.meeting_link) == ("confirmed", "https://video.example/1")


def test_an_appointment_that_is_gone_is_an_error(world: World) -> None:
    with in_clinic(world.clinic.pk):
        gone = world.appointment()
        Appointment.objects.filter(pk=gone.pk).delete()
        with pytest.raises(LookupError):
            write_appointments(world.clinic, [AppointmentChange(gone, {"status": Status.CONFIRMED})], NOW)


def test_a_block_is_made_and_moved(world: World) -> None:
    fields = {"practitioner_id": world.practitioner.pk, "start": NOW, "end": NOW + DAY}
    with in_clinic(world.clinic.pk):
        block = write_blocks(world.clinic, [BlockChange(None, fields)]).rows[0]
        written = write_blocks(world.clinic, [BlockChange(block, {"end": NOW + 2 * DAY})])
    assert [update.before for update in written.updated] == [{"end": NOW + DAY}]
