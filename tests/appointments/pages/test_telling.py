"""Shall the patient be told? Asked at the moment of change, with what would then go; answered once, and kept."""

from datetime import timedelta

import pytest
from django.test import Client

from appointments.models import Appointment, NoticeAnswer, Status
from clinics import clock
from clinics.models import Location, Practitioner
from clinics.scope import in_clinic
from messaging.channels import Channel
from patients.models import Patient
from reminders.kinds import Kind, State
from reminders.models import Reminder, Rule, Told
from reminders.timing import GRACE
from tests.notices import NOTICE_KINDS, answers, tell_of
from tests.page_forms import fields_of, send, text, words
from tests.visitors import DAY, HOUR, NOW, book
from tests.world import World

pytestmark = pytest.mark.django_db
FRIDAY = {"day": "2041-01-18", "time": "10:00"}
START = NOW + 3 * DAY + 2 * HOUR
ASKS = "Tell the patient?"


def new(world: World) -> str:
    return f"/c/{world.clinic.slug}/appointments/new/?patient={world.patient.pk}"


def page_of(world: World, row: Appointment, step: str = "") -> str:
    return f"/c/{world.clinic.slug}/appointments/{row.pk}/{step}"


def shown(desk: Client, path: str) -> str:
    return words(text(desk.get(path)))


def ask(desk: Client, path: str, **changes: object) -> str:
    """What the question says while the form is being filled in."""
    fields = {**fields_of(text(desk.get(path))), **changes}
    return words(text(desk.post(path, {**fields, "ask": "1"})))


def after(desk: Client, path: str, **changes: object) -> str:
    """The page that follows when the form is sent."""
    answer = send(desk, path, **changes)
    return shown(desk, answer.headers["Location"]) if answer.status_code == 302 else words(text(answer))


def open_notices(world: World) -> list[tuple[str, str]]:
    with in_clinic(world.clinic.pk):
        rows = Reminder.objects.filter(kind__in=NOTICE_KINDS, state=State.PLANNED).order_by("pk")
        return [(one.kind, one.trigger) for one in rows]


@pytest.mark.feature("16", "B3")
def test_a_booking_asks_says_what_would_go_and_afterwards_that_it_will(world: World, desk: Client) -> None:
    tell_of(world)
    assert f"{ASKS} Yes, tell of the booking E-mail, in 3 minutes" in shown(desk, new(world))
    page = after(desk, new(world), **FRIDAY)
    assert "The appointment is booked. The patient will be told in 3 minutes (E-mail)." in page
    assert "Until 10:0" in page and "nobody is told, and it can be undone. Undo" in page
    assert f"{ASKS} Booking: yes Marta Soler, Wed, Jan 16 10:00" in page
    assert answers(world) == [("booking", True)] and open_notices(world) == [("booking", "c1")]


@pytest.mark.feature("16", "B3")
def test_where_staff_say_no_nothing_is_told(world: World, desk: Client) -> None:
    tell_of(world)
    page = after(desk, new(world), **FRIDAY, notify="no")
    assert "The appointment is booked. The patient is not told of it." in page and f"{ASKS} Booking: no" in page
    assert answers(world) == [("booking", False)] and open_notices(world) == []


@pytest.mark.feature("16", "17")
def test_without_a_rule_or_a_patient_or_after_the_start_nothing_is_asked(world: World, desk: Client) -> None:
    tell_of(world)
    with in_clinic(world.clinic.pk):
        Rule.objects.filter(kind__in=NOTICE_KINDS).update(active=False)
    row = book(world, START)
    for path in (new(world), page_of(world, row, "move/"), page_of(world, row, "cancel/")):
        assert ASKS not in shown(desk, path)
    assert "The appointment is booked." in after(desk, new(world), **FRIDAY)
    with in_clinic(world.clinic.pk):
        Rule.objects.filter(kind__in=NOTICE_KINDS).update(active=True)
        Appointment.objects.filter(pk=row.pk).update(patient=None)
    for step in ("move/", "cancel/"):
        assert ASKS not in shown(desk, page_of(world, row, step))
    assert ASKS not in ask(desk, new(world), **FRIDAY, patient="")
    past = book(world, NOW - HOUR)
    assert ASKS not in shown(desk, page_of(world, past, "cancel/"))
    send(desk, new(world), day="2041-01-15", time="10:00")
    assert answers(world) == []


@pytest.mark.feature("17", "B3")
def test_an_edit_asks_only_where_time_person_or_place_changes(world: World, desk: Client) -> None:
    tell_of(world)
    row = book(world, START)
    with in_clinic(world.clinic.pk):
        place = Location.objects.create(clinic=world.clinic, name="Norte")
        person = Practitioner.objects.create(clinic=world.clinic, name="Dr. Luis Vega")
    path = page_of(world, row, "edit/")
    assert ASKS not in shown(desk, path)
    assert ASKS not in ask(desk, path, status="confirmed", access_code="7")
    assert "What it says (E-mail) change: sábado, 19 de enero de 2041, 12:15" in ask(desk, path, time="12:15")
    for change in ({"time": "12:15"}, {"location": place.pk}, {"practitioner": person.pk}):
        assert "Yes, tell of the change E-mail, in 3 minutes" in ask(desk, path, **change)
    page = after(desk, path, status="confirmed", access_code="7")
    assert "Saved." in page and answers(world) == []
    page = after(desk, path, location=place.pk, notify="yes")
    assert "Saved. The patient will be told in 3 minutes (E-mail)." in page and "can be undone. Undo" in page
    assert answers(world) == [("change", True)]


@pytest.mark.feature("17", "B3")
def test_what_was_not_asked_yet_is_asked_before_anything_is_saved(world: World, desk: Client) -> None:
    """As in a browser without scripts, where the question cannot follow what is typed."""
    tell_of(world)
    row = book(world, START)
    path = page_of(world, row, "edit/")
    page = text(send(desk, path, time="12:15"))
    assert "Nothing was saved yet: first say whether the patient shall be told." in words(page)
    with in_clinic(world.clinic.pk):
        assert Appointment.objects.get(pk=row.pk).start == START
    desk.post(path, fields_of(page))
    assert answers(world) == [("change", True)]
    for step in ("move/", "cancel/"):
        fields = fields_of(text(desk.get(page_of(world, row, step))))
        answer = desk.post(page_of(world, row, step), {**fields, "time": "18:00", "notify": "perhaps"})
        assert ASKS in words(text(answer)) and len(answers(world)) == 1


@pytest.mark.feature("17", "B3")
def test_a_move_and_a_cancellation_ask_too_and_the_newest_answer_counts(world: World, desk: Client) -> None:
    tell_of(world)
    row = book(world, START)
    assert "Yes, tell of the change E-mail, in 3 minutes" in shown(desk, page_of(world, row, "move/"))
    page = after(desk, page_of(world, row, "move/"), time="13:00")
    assert "Moved to Sat, Jan 19 13:00. The patient will be told in 3 minutes (E-mail)." in page
    assert "Moved from Sat, Jan 19 12:00. Until 10:0" in page
    question = shown(desk, page_of(world, row, "cancel/"))
    assert "Yes, tell of the cancellation E-mail, in 3 minutes" in question
    assert "What was still to be told of an earlier change does not go either." in question
    page = after(desk, page_of(world, row, "cancel/"))
    assert "Its reminders do not go. The patient will be told in 3 minutes (E-mail)." in page
    assert answers(world) == [("change", True), ("cancellation", True)]
    assert open_notices(world) == [("cancellation", "c3")]


@pytest.mark.feature("X16", "17")
@pytest.mark.parametrize("step, change", [("move/", {"time": "13:00"}), ("cancel/", {})])
def test_undo_asks_nothing_adds_no_answer_and_leaves_nothing_to_tell(
    world: World, desk: Client, step: str, change: dict[str, str]
) -> None:
    tell_of(world)
    row = book(world, START)
    send(desk, page_of(world, row, step), **change)
    page = words(text(desk.post(page_of(world, row, "undo/"), follow=True)))
    assert "Undone: the appointment is" in page and len(answers(world)) == 1
    with in_clinic(world.clinic.pk):
        found = Appointment.objects.get(pk=row.pk)
    assert (found.start, found.status, found.occurrence) == (START, Status.SCHEDULED, 1)


@pytest.mark.feature("X16")
def test_a_booking_that_will_be_told_can_be_undone_while_nobody_was_told(world: World, desk: Client) -> None:
    tell_of(world)
    send(desk, new(world), **FRIDAY)
    with in_clinic(world.clinic.pk):
        row = Appointment.objects.get()
    page = words(text(desk.post(page_of(world, row, "undo/"), follow=True)))
    assert "Undone: the appointment is deleted." in page and open_notices(world) == []
    assert "It is too late to undo" in words(text(desk.post(page_of(world, row, "undo/"), follow=True)))


@pytest.mark.feature("42")
def test_a_mark_of_the_former_time_holds_again_after_undo(world: World, desk: Client) -> None:
    row = book(world, START)
    send(desk, page_of(world, row, "mark/"), how="phone")
    send(desk, page_of(world, row, "move/"), time="13:00")
    assert "in place of all channels" not in shown(desk, page_of(world, row))
    desk.post(page_of(world, row, "undo/"))
    assert "in place of all channels" in shown(desk, page_of(world, row))
    with in_clinic(world.clinic.pk):
        rows = Reminder.objects.filter(appointment=row).order_by("trigger").values_list("trigger", "state")
        assert list(rows) == [("o1", State.PLANNED), ("o2", State.SUPERSEDED)]


@pytest.mark.feature("16", "N1")
def test_the_question_says_why_nothing_would_go_and_warns_of_quiet_hours(world: World, desk: Client) -> None:
    tell_of(world, Kind.CHANGE)
    row = book(world, START)
    path = page_of(world, row, "move/")
    clock.move_to(NOW + 12 * HOUR + timedelta(minutes=10) - clock.real_now())
    assert "It is 22:10: the message would leave in the quiet hours." in ask(desk, path, time="13:00")
    with in_clinic(world.clinic.pk):
        Patient.objects.update(consent_email=False, email="")
    said = ask(desk, path, time="13:00")
    assert "E-mail would not go: " in said and "has not agreed" in said and "no address" in said
    page = after(desk, path, time="13:00")
    assert "Moved to Sat, Jan 19 13:00." in page and "The patient will not be told of it: " in page


@pytest.mark.feature("16")
def test_a_rule_for_others_and_a_channel_of_its_own_are_said(world: World, desk: Client) -> None:
    (rule,) = tell_of(world, Kind.BOOKING)
    with in_clinic(world.clinic.pk):
        Rule.objects.filter(pk=rule.pk).update(types=[world.type.pk + 1])
    assert "No notice is meant for an appointment like this one." in ask(desk, new(world), **FRIDAY)
    assert "No notice is meant for an appointment like this one." in after(desk, new(world), **FRIDAY)
    with in_clinic(world.clinic.pk):
        Rule.objects.filter(pk=rule.pk).update(channel="", types=[])
    assert "preferred channel, in 3 minutes" in shown(desk, new(world))
    assert "E-mail, in 3 minutes" in ask(desk, new(world), **FRIDAY)
    tell_of(world, Kind.CHANGE, channel=Channel.SMS)
    with in_clinic(world.clinic.pk):
        row = Appointment.objects.get()
    said = shown(desk, page_of(world, row, "move/"))
    assert "SMS would not go: " in said and "switched off" in said


def test_a_new_person_is_looked_at_too_and_nothing_stays_of_it(world: World, desk: Client) -> None:
    tell_of(world)
    book(world, START)
    models = (Appointment, Patient, Reminder, NoticeAnswer, Told)

    def rows() -> list[object]:
        with in_clinic(world.clinic.pk):
            return [list(model.objects.order_by("pk").values()) for model in models]

    before = rows()
    person = {"patient": "new", "new-first_name": "Inés", "new-last_name": "Nueva", "new-email": "i@correo.example"}
    said = ask(desk, new(world), **FRIDAY, **person)
    assert "E-mail would not go: " in said and "has not agreed" in said
    allowed = {f"new-{one}": "on" for one in ("default_notifications", "consent_data_protection", "consent_email")}
    assert "E-mail, in 3 minutes" in ask(desk, new(world), **FRIDAY, **person, **allowed)
    assert "E-mail, in 3 minutes" in ask(desk, new(world), **person, time="")
    assert rows() == before


@pytest.mark.feature("17")
def test_bringing_a_cancelled_visit_back_asks_once_the_patient_was_told(world: World, desk: Client) -> None:
    tell_of(world)
    row = book(world, START)
    send(desk, page_of(world, row, "cancel/"))
    assert "Bring back…" not in shown(desk, page_of(world, row))
    with in_clinic(world.clinic.pk):
        told = Told.objects.get(appointment=row)
        Told.objects.update(facts={**told.facts, "cancelled": True})
    assert "Bring back…" in shown(desk, page_of(world, row))
    answer = desk.post(page_of(world, row, "restore/"))
    assert "The patient was told that it is cancelled." in words(text(answer)) and len(answers(world)) == 1
    page = after(desk, page_of(world, row, "restore/"))
    assert "in the agenda again. The patient will be told in 3 minutes (E-mail)." in page
    assert answers(world) == [("cancellation", True), ("change", True)]


def test_what_no_plan_has_seen_yet_is_what_the_patient_knows(world: World, desk: Client) -> None:
    """Imported a moment ago, and moved before any drain saw it: the change is told all the same."""
    tell_of(world, Kind.CHANGE)
    with in_clinic(world.clinic.pk):
        row = world.appointment(START, booked_at=NOW - DAY, start_set_at=NOW - DAY)
    page = after(desk, page_of(world, row, "move/"), time="13:00")
    assert "The patient will be told in 3 minutes (E-mail)." in page
    with in_clinic(world.clinic.pk):
        (notice,) = Reminder.objects.filter(kind=Kind.CHANGE)
    assert notice.due_at - GRACE <= clock.now() < notice.due_at


@pytest.mark.feature("16")
@pytest.mark.parametrize("linked_before", [False, True])
def test_a_patient_who_is_linked_later_was_told_nothing_and_is_asked_about(
    world: World, desk: Client, linked_before: bool
) -> None:
    tell_of(world, Kind.BOOKING)
    with in_clinic(world.clinic.pk):
        row = world.appointment(START, patient=world.patient if linked_before else None)
        other = world.another_patient(first_name="Noa", email="noa@correo.example")
    edit = page_of(world, row, "edit/")
    assert ASKS not in ask(desk, edit, access_code="7") and ASKS not in ask(desk, edit, patient="")
    assert "Yes, tell of the booking E-mail, in 3 minutes" in ask(desk, edit, patient=other.pk)
    page = after(desk, edit, patient=other.pk, notify="yes")
    assert "The patient will be told in 3 minutes (E-mail)." in page and answers(world) == [("booking", True)]
    assert [kind for kind, _ in open_notices(world)] == [Kind.BOOKING]
