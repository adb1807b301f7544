"""The pages of the wordings: the editor, its preview, and the way back to an earlier version."""

import pytest
from django.test import Client

from clinics.models import Role
from clinics.scope import in_clinic
from reminders.models import TemplateVersion
from tests.visitors import client_of, member
from tests.world import World

pytestmark = pytest.mark.django_db
PAGE = "/c/clinica-prueba/settings/wordings/"
EMAIL, SMS = f"{PAGE}reminder/email/es/", f"{PAGE}reminder/sms/es/"
TEXT = {"subject": "Cita el [APPOINTMENT]", "body": "Hola, [CLIENTFIRSTNAME]: [CLINIC]"}


def bodies(world: World) -> list[str]:
    with in_clinic(world.clinic.pk):
        return list(TemplateVersion.objects.order_by("pk").values_list("body", flat=True))


@pytest.mark.feature(18, 87)
def test_there_is_a_place_for_each_kind_channel_and_language(world: World, admin: Client) -> None:
    page = admin.get(PAGE).content.decode()
    for kind in ("reminder", "confirmation"):
        for channel in ("email", "sms"):
            for language in ("es", "it", "pt-br", "en"):
                assert f"{PAGE}{kind}/{channel}/{language}/" in page


@pytest.mark.feature(87, 88)
def test_a_new_text_is_in_force_and_the_old_one_can_come_back(world: World, admin: Client) -> None:
    first = bodies(world)[0]
    admin.post(EMAIL, TEXT)
    page = admin.get(EMAIL).content.decode()
    assert "Version 2" in page and "Ada Admin" in page and "Version 1" in page
    admin.post(EMAIL, {"restore": "1"})
    assert [body.strip() for body in bodies(world)] == [first.strip(), TEXT["body"], first.strip()]
    assert admin.post(EMAIL, {"restore": "77"}).status_code == 404


@pytest.mark.feature(99, 103)
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"body": "Hola [CLINICFONE]"}, "Did you mean [CLINICPHONE]?"),
        ({"body": "En [UBICACIÓN]"}, "Did you mean [LOCATION]?"),
        ({"body": "Hola [clinic]"}, "[clinic] is not a field."),
        ({"body": ""}, "The text is empty."),
        ({"subject": ""}, "An e-mail needs a subject."),
        ({"subject": "[CITAS]"}, "[CITAS] is not a field."),
    ],
)
def test_what_cannot_be_sent_is_said_at_its_field_and_kept(
    world: World, admin: Client, typed: dict[str, str], words: str
) -> None:
    page = admin.post(EMAIL, {**TEXT, **typed}).content.decode()
    field = "subject" if "subject" in typed else "body"
    assert words in page and f'id="id_{field}_error"' in page
    assert typed.get("body", "Hola, ") in page and len(bodies(world)) == 1


@pytest.mark.feature(93, 94, 95, 96, 97, 98, 104)
def test_every_field_can_be_put_in_and_is_filled_in_the_preview(world: World, admin: Client) -> None:
    page = admin.get(EMAIL).content.decode()
    for name in ("APPOINTMENT", "CLIENTFIRSTNAME", "CLINICIAN", "CLINICIANPHONE", "APPOINTMENTTYPE", "LOCATION"):
        assert f'data-insert="[{name}]"' in page
    text = "[CLIENTFIRSTNAME] [APPOINTMENT] [CLINICIAN] [CLINICIANPHONE] [LOCATION] [CLINIC] [APPOINTMENTTYPE]"
    shown = admin.post(f"{EMAIL}preview/", {"subject": "x", "body": text, "sample": "typical"}).content.decode()
    assert "Laura miércoles, 23 de enero de 2041, 10:30 Dra. Ana Ruiz +34910000000 Centro Clínica Prueba" in shown
    assert "may tell others of an illness" in shown
    assert len(bodies(world)) == 1


@pytest.mark.feature("X2", 105)
def test_an_sms_is_counted_and_its_dear_characters_are_named(world: World, admin: Client) -> None:
    plain = admin.post(f"{SMS}preview/", {"body": "Hola [CLIENTFIRSTNAME]", "sample": "typical"}).content.decode()
    assert "1 SMS" in plain and "GSM-7" in plain and "10 characters, 150 more fit" in plain
    dear = admin.post(f"{SMS}preview/", {"body": "Cita a las 10, “sin más”. " * 4, "sample": "x"}).content.decode()
    assert "UCS-2" in dear and "It is charged as 2 messages" in dear
    assert 'data-from="á" data-to="a"' in dear and "data-replace" in dear
    named = admin.post(f"{SMS}preview/", {"body": "[CLINIC]", "sample": "long"}).content.decode()
    assert "come in with names or dates" in named and "<kbd>í</kbd>" in named


def test_the_preview_shows_what_is_typed_as_text_and_never_as_markup(world: World, admin: Client) -> None:
    shown = admin.post(f"{SMS}preview/", {"body": "<script>alert(1)</script>"}).content.decode()
    assert "<script>" not in shown and "&lt;script&gt;" in shown


@pytest.mark.parametrize("place", ["reminder/fax/es/", "reminder/whatsapp/es/", "letter/email/es/", "reminder/sms/de/"])
def test_a_wording_that_cannot_be_is_not_found(world: World, admin: Client, place: str) -> None:
    assert admin.get(PAGE + place).status_code == 404


def test_others_read_the_words_and_change_none(world: World, wednesday: object) -> None:
    client = client_of(member(world, Role.READ_ONLY))
    page = client.get(EMAIL).content.decode()
    assert "Le esperamos el" in page and "data-insert" not in page
    assert client.post(EMAIL, TEXT).status_code == 403 and len(bodies(world)) == 1
