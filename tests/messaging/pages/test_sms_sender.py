"""The page of the SMS sender."""

import pytest
from django.test import Client

from clinics.models import Role
from clinics.scope import in_clinic
from messaging.models import Sender
from tests.visitors import client_of, member
from tests.world import World

pytestmark = pytest.mark.django_db
PAGE = "/c/clinica-prueba/settings/sms/"
TYPED = {"kind": "name", "address": "SolDental", "username": "AC" + "0a" * 16, "token": "ficha-secreta"}


def sender(world: World) -> Sender | None:
    with in_clinic(world.clinic.pk):
        found: Sender | None = Sender.objects.filter(channel="sms").first()
        return found


@pytest.mark.feature(71, 75)
def test_a_name_with_its_account_is_saved_and_its_token_never_shown(world: World, admin: Client) -> None:
    assert "no SMS can go" in admin.get(PAGE).content.decode()
    page = admin.post(PAGE, TYPED, follow=True).content.decode()
    saved = sender(world)
    assert saved is not None
    assert (saved.provider, saved.address, saved.secret()) == ("twilio", "SolDental", "ficha-secreta")
    assert "ficha-secreta" not in page
    assert "Patients cannot answer a name" in page and "register of CNMC" in page


@pytest.mark.feature(72)
def test_a_name_of_twelve_characters_is_refused_at_its_field(world: World, admin: Client) -> None:
    page = admin.post(PAGE, {**TYPED, "address": "ClinicaSol12"}).content.decode()
    assert "at most 11 characters; this one has 12" in page and 'value="ClinicaSol12"' in page
    assert 'id="id_address_error"' in page
    assert sender(world) is None


@pytest.mark.feature(74)
def test_a_generic_name_is_saved_with_a_warning(world: World, admin: Client) -> None:
    page = admin.post(PAGE, {**TYPED, "address": "Dr Garcia"}, follow=True).content.decode()
    assert sender(world) is not None and "could be anybody" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "number", "address": "600 000 000"}, "Write the number with +"),
        ({"kind": "service", "address": "MG123"}, "messaging service is"),
        ({"username": "AC123"}, "An account SID is"),
        ({"token": ""}, "Type the token."),
        ({"kind": "fax"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(world: World, admin: Client, change: dict[str, str], words: str) -> None:
    page = admin.post(PAGE, {**TYPED, **change}).content.decode()
    assert words in page and sender(world) is None


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [("number", "+34 600-000 000", "+34600000000"), ("service", "MG" + "0b" * 16, "MG" + "0b" * 16)],
)
def test_a_number_or_a_service_may_stand_in_place_of_a_name(
    world: World, admin: Client, kind: str, typed: str, kept: str
) -> None:
    page = admin.post(PAGE, {**TYPED, "kind": kind, "address": typed}, follow=True).content.decode()
    saved = sender(world)
    assert saved is not None and saved.address == kept and "cannot answer a name" not in page


def test_another_account_needs_its_own_token(world: World, admin: Client) -> None:
    admin.post(PAGE, TYPED)
    page = admin.post(PAGE, {**TYPED, "username": "AC" + "1b" * 16, "token": ""}).content.decode()
    assert "The account changed" in page
    admin.post(PAGE, {**TYPED, "address": "Sol", "token": ""})
    saved = sender(world)
    assert saved is not None and (saved.address, saved.secret()) == ("Sol", "ficha-secreta")


def test_others_than_administrators_change_nothing(world: World, wednesday: object) -> None:
    client = client_of(member(world, Role.RECEPTION))
    assert "Account SID" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, TYPED).status_code == 403 and sender(world) is None
