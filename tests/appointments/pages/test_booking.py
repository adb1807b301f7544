"""Booking and editing on the page: what will be sent shows at once, wrong input writes nothing and loses nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from appointments.models import Appointment, ChannelFlag, Status
from clinics.models import Location, Role
from clinics.scope import in_clinic
from patients.models import ConsentEvent, Patient, Phone
from reminders.kinds import State
from tests.page_forms import fields_of, send, text, words
from tests.visitors import DAY, HOUR, NOW, book, client_of, member, reminders_of
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
FRIDAY = {"day": "2041-01-18", "time": "10:00"}


def new(world: World, **query: object) -> str:
    given = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/c/{world.clinic.slug}/appointments/new/?{given}"


def page_of(world: World, row: Appointment, step: str = "") -> str:
    return f"/c/{world.clinic.slug}/appointments/{row.pk}/{step}"


def booked(world: World) -> list[Appointment]:
    with in_clinic(world.clinic.pk):
        return list(Appointment.objects.select_related("patient").order_by("pk"))


def plain(value: str | None) -> bool:
    return value is not None and value.isascii() and value.isprintable()


@pytest.mark.feature(15)
def test_booking_shows_at_once_when_the_reminder_will_go(world: World, desk: Client) -> None:
    answer = send(desk, new(world, patient=world.patient.pk), **FRIDAY, type=world.type.pk)
    (row,) = booked(world)
    assert answer.headers["Location"] == page_of(world, row)
    assert row.start == datetime(2041, 1, 18, 9, 0, tzinfo=UTC), "10:00 on the wall of Madrid"
    assert row.end - row.start == timedelta(minutes=world.type.minutes), "an empty end follows the type"
    assert "E-mail · Reminder will go on Thu, Jan 17 10:00." in words(text(desk.get(page_of(world, row))))
    assert [one.state for one in reminders_of(world, row)] == [State.PLANNED]


def test_a_new_patient_is_made_with_the_booking_and_his_consents_are_kept(world: World, desk: Client) -> None:
    person = {
        "patient": "new", "new-first_name": "Inés", "new-last_name": "Nueva", "new-phone": "600 11 22 33",
        "new-email": "ines@correo.example", "new-default_notifications": "on", "new-consent_data_protection": "on",
        "new-consent_email": "on",
    }  # fmt: skip
    send(desk, new(world), **FRIDAY, **person)
    (row,) = booked(world)
    assert row.patient is not None and row.patient.email == "ines@correo.example"
    with in_clinic(world.clinic.pk):
        assert Phone.objects.get(patient=row.patient).e164 == "+34600112233"
        said = ConsentEvent.objects.filter(patient=row.patient).order_by("subject")
        assert [(one.subject, one.how, one.by.name) for one in said] == [
            ("data_protection", "page", "Marta Soler"),
            ("email", "page", "Marta Soler"),
        ]
    assert "will go on Thu, Jan 17 10:00" in words(text(desk.get(page_of(world, row))))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"day": "2041-02-30"}, "Enter a valid date."),
        ({"time": "25:00"}, "Enter a valid time."),
        ({"day": "1041-02-01"}, "Choose a day between 1990 and 2099."),
        ({"end_time": "09:00"}, "The end must be after the start."),
        ({"day": "2041-03-31", "time": "02:30"}, "the clocks of Europe/Madrid go forward"),
        ({"meeting_link": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"access_code": "12\u202e34"}, "(U+202E)"),
        ({"patient": "new", "new-first_name": "Eva\r\nBcc: x"}, "(U+000D)"),
        ({"patient": "new", "new-first_name": "Eva", "new-phone": "12"}, "Not a valid phone number."),
        ({"patient": "999999999"}, "This patient does not exist"),
        ({"patient": None}, "Choose a patient, or “No patient”."),
        ({"status": "cancelled"}, "Select a valid choice."),
    ],
)
def test_wrong_input_is_told_at_its_field_keeps_what_was_typed_and_writes_nothing(
    world: World, desk: Client, wrong: dict[str, str | None], said: str
) -> None:
    typed = {**FRIDAY, "access_code": "4711", **wrong}
    page = text(send(desk, new(world, patient=world.patient.pk), **typed))
    assert said in words(page).replace("&#x27;", "'")
    kept = fields_of(page)
    assert all(
        kept[name] == [value] for name, value in typed.items() if name not in ("patient", "status") and plain(value)
    )
    assert booked(world) == []
    with in_clinic(world.clinic.pk):
        assert Patient.objects.count() == 1


def test_a_form_that_is_sent_twice_makes_one_row(world: World, desk: Client) -> None:
    path = new(world, patient=world.patient.pk)
    form = {**fields_of(text(desk.get(path))), "time": "10:00"}
    first, second = desk.post(path, form), desk.post(path, form)
    assert len(booked(world)) == 1
    assert first.headers["Location"] == second.headers["Location"]


def test_of_an_hour_that_comes_twice_the_first_is_meant_and_editing_does_not_move_the_second(
    world: World, desk: Client
) -> None:
    send(desk, new(world, patient=world.patient.pk), day="2041-10-27", time="02:30")
    (row,) = booked(world)
    assert row.start == datetime(2041, 10, 27, 0, 30, tzinfo=UTC)
    second = datetime(2041, 10, 27, 1, 30, tzinfo=UTC)
    with in_clinic(world.clinic.pk):
        Appointment.objects.filter(pk=row.pk).update(start=second, end=second + HOUR)
    send(desk, page_of(world, row, "edit/"), access_code="4711")
    assert [(one.start, one.access_code) for one in booked(world)] == [(second, "4711")]


def test_times_are_those_of_the_location(world: World, desk: Client) -> None:
    with in_clinic(world.clinic.pk):
        island = Location.objects.create(clinic=world.clinic, name="Las Palmas", time_zone="Atlantic/Canary")
    send(desk, new(world, patient=world.patient.pk), **FRIDAY, location=island.pk)
    (row,) = booked(world)
    assert row.start == datetime(2041, 1, 18, 10, 0, tzinfo=UTC)
    assert fields_of(text(desk.get(page_of(world, row, "edit/"))))["time"] == ["10:00"]
    assert "Fri, Jan 18 10:00" in words(text(desk.get(page_of(world, row)))), "and the clinic's own beside it"


@pytest.mark.feature(25, 26)
def test_a_channel_switched_off_for_an_appointment_keeps_its_reminder_back_and_says_who_did_it(
    world: World, desk: Client
) -> None:
    row = book(world, NOW + 3 * DAY)
    send(desk, page_of(world, row, "edit/"), wanted=None)
    page = words(text(desk.get(page_of(world, row))))
    assert "E-mail · Reminder will not go as things stand." in page
    assert "Reminders over this channel are switched off for the appointment." in page
    assert "E-mail · not wanted Marta Soler, Wed, Jan 16 10:" in page
    send(desk, page_of(world, row, "edit/"), wanted=["email"])
    assert "E-mail · Reminder will go on" in words(text(desk.get(page_of(world, row))))
    with in_clinic(world.clinic.pk):
        assert [one.wanted for one in ChannelFlag.objects.all()] == [True]


def test_what_somebody_changed_meanwhile_is_told_and_not_overwritten(world: World, desk: Client) -> None:
    row = book(world, NOW + 3 * DAY)
    path = page_of(world, row, "edit/")
    form = {**fields_of(text(desk.get(path))), "access_code": "mine"}
    with in_clinic(world.clinic.pk):
        Appointment.objects.filter(pk=row.pk).update(status=Status.CONFIRMED)
    page = text(desk.post(path, form))
    assert "Somebody else changed this while you had it open." in page
    assert "Status Confirmed" in words(page) and 'value="mine"' in page
    assert booked(world)[0].access_code == ""
    desk.post(path, {**fields_of(page), "status": "confirmed"})
    assert [(one.access_code, one.status) for one in booked(world)] == [("mine", "confirmed")]


@pytest.mark.parametrize("role", [Role.READ_ONLY])
def test_who_may_only_read_sees_the_appointment_and_changes_nothing(
    world: World, wednesday: object, role: Role
) -> None:
    row = book(world, NOW + 3 * DAY)
    reader = client_of(member(world, role))
    page = text(reader.get(page_of(world, row)))
    assert "Lucía Prueba" in page and "Move…" not in page and "Edit" not in words(page)
    for step in ("edit/", "move/", "cancel/", "delete/", "mark/"):
        assert reader.get(page_of(world, row, step)).status_code == 403
        assert reader.post(page_of(world, row, step), {}).status_code == 403
    assert reader.get(new(world)).status_code == 403
    assert booked(world)[0].status == Status.SCHEDULED


def test_another_clinics_ids_are_unknown_in_addresses_and_in_forms(world: World, desk: Client) -> None:
    other = make_world("otra-clinica")
    theirs = book(other, NOW + 3 * DAY)
    for step in ("", "edit/", "move/", "cancel/", "delete/", "mark/"):
        assert desk.get(page_of(world, theirs, step)).status_code == 404
        assert desk.get(f"/c/{other.clinic.slug}/appointments/{theirs.pk}/{step}").status_code == 404
    for step in ("edit/", "move/", "cancel/", "delete/", "mark/", "status/", "restore/", "undo/", "mark/1/take-back/"):
        assert desk.post(page_of(world, theirs, step), {"status": "confirmed"}).status_code == 404
    for field in ("practitioner", "location", "type", "patient"):
        foreign = getattr(other, field).pk
        assert words(text(send(desk, new(world), **FRIDAY, **{field: foreign}))) != ""
        random = text(send(desk, new(world), **FRIDAY, **{field: foreign + 10_000}))
        found = text(send(desk, new(world), **FRIDAY, **{field: foreign}))
        assert words(found).replace(str(foreign), "") == words(random).replace(str(foreign + 10_000), "")
    assert booked(world) == []


@pytest.mark.feature(60)
def test_an_appointment_without_a_patient_says_so_and_where_to_link_one(world: World, desk: Client) -> None:
    send(desk, new(world), **FRIDAY, patient="")
    (row,) = booked(world)
    page = text(desk.get(page_of(world, row)))
    assert "No patient is linked to the appointment." in page
    assert f'href="{page_of(world, row, "edit/")}#sought"' in page
    send(desk, page_of(world, row, "edit/"), patient=world.patient.pk)
    assert "E-mail · Reminder will go on Thu, Jan 17 10:00." in words(text(desk.get(page_of(world, row))))
