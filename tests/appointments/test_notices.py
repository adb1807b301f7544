"""Staff's answers to "tell the patient?": kept with who and when, one for each change, and never rewritten."""

import pytest

from appointments.models import Appointment, NoticeAnswer
from appointments.notices import Answer, answer_notice
from clinics.models import Role
from clinics.scope import in_clinic
from tests.visitors import member
from tests.world import DAY, NOW, World

CHANGE = NoticeAnswer.Event.CHANGE


def kept(world: World) -> list[tuple[int, str, bool]]:
    with in_clinic(world.clinic.pk):
        rows = NoticeAnswer.objects.order_by("revision")
        return [(one.revision, one.event, one.notify) for one in rows]


@pytest.mark.feature("17", "B3", enters="the writer of answers")
def test_an_answer_is_kept_for_the_present_revision_with_who_and_when(world: World) -> None:
    marta = member(world, Role.RECEPTION)
    with in_clinic(world.clinic.pk):
        appointment = world.appointment()
        assert answer_notice(world.clinic, appointment, Answer(NoticeAnswer.Event.BOOKING, True), marta, NOW)
        Appointment.objects.filter(pk=appointment.pk).update(start=appointment.start - DAY)
        assert answer_notice(world.clinic, appointment, Answer(CHANGE, False), marta, NOW + DAY), "an old row in memory"
        newest = NoticeAnswer.objects.select_related("by").latest("revision")
    assert kept(world) == [(1, "booking", True), (2, "change", False)]
    assert (newest.by, newest.at) == (marta, NOW + DAY)


def test_a_second_answer_for_the_same_change_replaces_nothing(world: World) -> None:
    marta = member(world, Role.RECEPTION)
    with in_clinic(world.clinic.pk):
        appointment = world.appointment()
        assert answer_notice(world.clinic, appointment, Answer(CHANGE, True), marta, NOW)
        assert not answer_notice(world.clinic, appointment, Answer(CHANGE, False), marta, NOW + DAY)
    assert kept(world) == [(1, "change", True)]


def test_an_answer_about_an_appointment_that_is_gone_is_an_error(world: World) -> None:
    marta = member(world, Role.RECEPTION)
    with in_clinic(world.clinic.pk):
        gone = world.appointment()
        Appointment.objects.filter(pk=gone.pk).delete()
        with pytest.raises(LookupError):
            answer_notice(world.clinic, gone, Answer(CHANGE, True), marta, NOW)


def test_an_answer_raises_no_revision(world: World) -> None:
    marta = member(world, Role.RECEPTION)
    with in_clinic(world.clinic.pk):
        appointment = world.appointment()
        answer_notice(world.clinic, appointment, Answer(CHANGE, True), marta, NOW)
        appointment.refresh_from_db()
    assert appointment.revision == 1
