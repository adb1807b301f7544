"""A patient's record on the page: what it holds, who may change it, and that a change counts at once."""

import pytest
from django.test import Client

from clinics.models import Role
from clinics.scope import in_clinic
from patients.models import ConsentEvent, Patient, Phone
from reminders.models import Rule
from tests.page_forms import fields_of, send, text, words
from tests.visitors import DAY, NOW, book, client_of, member, reminders_of
from tests.world import World, make_world

pytestmark = pytest.mark.django_db


def page_of(world: World, step: str = "", patient: Patient | None = None) -> str:
    return f"/c/{world.clinic.slug}/patients/{(patient or world.patient).pk}/{step}"


def now_is(world: World) -> Patient:
    with in_clinic(world.clinic.pk):
        found: Patient = Patient.objects.get(pk=world.patient.pk)
    return found


@pytest.mark.feature(5, 44, 49)
def test_a_consent_taken_back_and_given_again_counts_at_once_for_an_appointment_booked_already(
    world: World, desk: Client
) -> None:
    row = book(world, NOW + 3 * DAY)
    appointment = f"/c/{world.clinic.slug}/appointments/{row.pk}/"
    send(desk, page_of(world, "edit/"), consent_email=None, default_notifications=None)
    page = text(desk.get(appointment))
    assert "E-mail · Reminder will not go as things stand." in words(page)
    for reason, field in (("has not agreed to this channel", "consent_email"), ("are off", "default_notifications")):
        assert reason in page and f'href="{page_of(world, "edit/")}#id_{field}"' in page
    send(desk, page_of(world, "edit/"), consent_email="on", default_notifications="on")
    assert "E-mail · Reminder will go on Fri, Jan 18 10:00." in words(text(desk.get(appointment)))


@pytest.mark.feature(45, 46, 48, 51)
def test_every_consent_is_its_own_tick_and_its_history_says_who_when_how_and_with_which_words(
    world: World, desk: Client
) -> None:
    ticks = fields_of(text(desk.get(page_of(world, "edit/"))))
    assert "consent_email" in ticks and "consent_sms" not in ticks and "consent_whatsapp" not in ticks
    send(desk, page_of(world, "edit/"), consent_sms="on", consent_how="phone", consent_note="call of this morning")
    patient = now_is(world)
    assert patient.consent_sms and not patient.consent_whatsapp and not patient.consent_marketing
    with in_clinic(world.clinic.pk):
        (event,) = ConsentEvent.objects.all()
    assert (event.subject, event.given, event.how, event.wording) == ("sms", True, "phone", "call of this morning")
    page = words(text(desk.get(page_of(world))))
    assert "Agrees to SMS Wed, Jan 16 10:" in page and "by phone · Marta Soler · call of this morning" in page


@pytest.mark.feature(57, 58, 59)
def test_a_changed_preferred_channel_moves_the_reminder_to_it_before_the_page_answers(
    world: World, desk: Client
) -> None:
    with in_clinic(world.clinic.pk):
        Rule.objects.update(channel="")
    row = book(world, NOW + 3 * DAY)
    assert "As the clinic (E-mail)" in text(desk.get(page_of(world)))
    send(desk, page_of(world, "edit/"), preferred_channel="sms")
    assert [one.channel for one in reminders_of(world, row)] == ["sms"]
    send(desk, page_of(world, "edit/"), preferred_channel="")
    assert [one.channel for one in reminders_of(world, row)] == ["email"]


@pytest.mark.feature(54, 55, 56)
def test_phones_are_many_one_is_for_reminders_and_a_landline_there_is_warned_of(world: World, desk: Client) -> None:
    numbers = ["910 000 000", "600 11 22 33", "+39 347 123 4567", "", ""]
    answer = send(desk, page_of(world, "edit/"), phone=numbers, for_reminders="0")
    page = words(text(desk.get(answer.headers["Location"])))
    assert "The number used for reminders is a landline: SMS and WhatsApp do not reach it." in page
    with in_clinic(world.clinic.pk):
        kept = Phone.objects.order_by("position").values_list("e164", "use_for_reminders")
        assert list(kept) == [("+34910000000", True), ("+34600112233", False), ("+393471234567", False)]
    send(desk, page_of(world, "edit/"), for_reminders="1")
    assert "landline: SMS and WhatsApp" not in words(text(desk.get(page_of(world))))


@pytest.mark.feature(53, 54)
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first_name": ""}, "This field is required."),
        ({"last_name": "Gil\u202eRuiz"}, "(U+202E)"),
        ({"first_name": "Eva\nBcc: x"}, "(U+000A)"),
        ({"email": "lucia@"}, "Enter a valid email address."),
        ({"phone": ["600 11", "910 000 000"]}, "Is the area code missing"),
        ({"phone": ["600\x0011"]}, "(U+0000)"),
        ({"preferred_channel": "fax"}, "Select a valid choice."),
    ],
)
def test_wrong_input_is_told_at_its_field_keeps_what_was_typed_and_writes_nothing(
    world: World, desk: Client, wrong: dict[str, object], said: str
) -> None:
    page = text(send(desk, page_of(world, "edit/"), consent_note="kept", **wrong))
    assert said in words(page) and fields_of(page)["consent_note"] == ["kept"]
    patient = now_is(world)
    assert (patient.first_name, patient.email) == ("Lucía", "lucia@correo.example")
    with in_clinic(world.clinic.pk):
        assert not Phone.objects.exists()


def test_a_number_that_an_import_brought_unreadable_does_not_stand_in_the_way_of_other_changes(
    world: World, desk: Client
) -> None:
    with in_clinic(world.clinic.pk):
        Phone.objects.create(
            clinic=world.clinic, patient=world.patient, position=1, as_typed="12", use_for_reminders=True
        )
    assert "cannot be read as a phone number" in text(desk.get(page_of(world, "edit/")))
    send(desk, page_of(world, "edit/"), last_name="Cambiada")
    assert now_is(world).last_name == "Cambiada"


def test_a_reference_is_unique_in_the_clinic_and_free_for_another_clinic(world: World, desk: Client) -> None:
    other = make_world("otra-clinica")
    for one in (world, other):
        with in_clinic(one.clinic.pk):
            one.another_patient(ref="P-1" if one is world else "P-2")
    assert "Another patient of the clinic has this reference." in text(send(desk, page_of(world, "edit/"), ref="P-1"))
    send(desk, page_of(world, "edit/"), ref="P-2")
    assert now_is(world).ref == "P-2"


def test_what_somebody_changed_meanwhile_is_told_and_not_overwritten(world: World, desk: Client) -> None:
    path = page_of(world, "edit/")
    form = {**fields_of(text(desk.get(path))), "last_name": "Mía"}
    with in_clinic(world.clinic.pk):
        Patient.objects.filter(pk=world.patient.pk).update(consent_email=False)
    page = text(desk.post(path, form))
    assert "Somebody else changed this while you had it open." in page and 'value="Mía"' in page
    assert "Agrees to e-mail no" in words(page)
    assert now_is(world).last_name == "Prueba" and not now_is(world).consent_email


def test_a_new_record_is_made_once(world: World, desk: Client) -> None:
    path = f"/c/{world.clinic.slug}/patients/new/"
    form = {**fields_of(text(desk.get(path))), "first_name": "Eva", "consent_email": "on", "consent_how": "writing"}
    first, second = desk.post(path, form), desk.post(path, form)
    assert first.headers["Location"] == second.headers["Location"]
    with in_clinic(world.clinic.pk):
        assert Patient.objects.filter(first_name="Eva").count() == 1


def test_an_archived_patient_is_not_found_not_booked_and_not_reminded(world: World, desk: Client) -> None:
    row = book(world, NOW + 3 * DAY)
    desk.post(page_of(world, "archive/"), {"archived": "1"})
    assert "Lucía" not in text(desk.get(f"/c/{world.clinic.slug}/patients/"))
    assert "Lucía" in text(desk.get(f"/c/{world.clinic.slug}/patients/?archived=1"))
    assert "record is archived" in text(desk.get(f"/c/{world.clinic.slug}/appointments/{row.pk}/"))
    new = f"/c/{world.clinic.slug}/appointments/new/"
    assert "archived. Choose another." in text(send(desk, new, patient=str(world.patient.pk), time="10:00"))
    desk.post(page_of(world, "archive/"), {"archived": "0"})
    assert not now_is(world).archived


def test_who_may_only_read_sees_masked_addresses_and_changes_nothing(world: World, wednesday: object) -> None:
    reader = client_of(member(world, Role.READ_ONLY))
    page = text(reader.get(page_of(world)))
    assert "Lucía Prueba" in page and "lucia@correo.example" not in page and "l•••@c•••.example" in page
    assert "lucia@" not in text(reader.get(f"/c/{world.clinic.slug}/patients/"))
    for step in ("edit/", "archive/"):
        assert reader.post(page_of(world, step), {}).status_code == 403
    assert reader.get(f"/c/{world.clinic.slug}/patients/new/").status_code == 403


def test_another_clinics_patient_is_unknown(world: World, desk: Client) -> None:
    other = make_world("otra-clinica")
    for step in ("", "edit/"):
        assert desk.get(page_of(world, step, other.patient)).status_code == 404
    for step in ("edit/", "archive/"):
        assert desk.post(page_of(world, step, other.patient), {"archived": "1"}).status_code == 404
