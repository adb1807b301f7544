"""The page of the clinic's e-mail account: tried before it changes, and closed to all but administrators."""

from typing import Any

import pytest
from django.test import Client

from clinics.models import Role, SettingEvent
from clinics.scope import in_clinic
from messaging.models import Sender
from messaging.pages import email_account as module
from messaging.providers import Account
from messaging.providers.smtp_check import Checked, Step
from tests.visitors import client_of, member
from tests.world import World

pytestmark = pytest.mark.django_db
PAGE = "/c/clinica-prueba/settings/email/"
TYPED = {
    "preset": "other", "address": "citas@clinica-prueba.example", "display_name": "Clínica", "host": "smtp.b.example",
    "port": "587", "security": "starttls", "password": "muy-secreto",
}  # fmt: skip


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[Account]:
    """What was tried; every try goes well unless `answer` says otherwise."""
    made: list[Account] = []

    def check(account: Account) -> Checked:
        made.append(account)
        return Checked(Step.LOGIN, code="535") if account.secret == "falso" else Checked(None)

    monkeypatch.setattr(module, "check", check)
    return made


def sender(world: World) -> Sender:
    with in_clinic(world.clinic.pk):
        found: Sender = Sender.objects.get()
        return found


@pytest.mark.feature(138, 151)
def test_an_account_that_works_is_tried_and_saved(world: World, admin: Client, tries: list[Account]) -> None:
    answer = admin.post(PAGE, TYPED, follow=True)
    assert "Every step went well" in answer.content.decode()
    saved = sender(world)
    assert (saved.host, saved.port, saved.secret()) == ("smtp.b.example", 587, "muy-secreto")
    assert [one.username for one in tries] == ["citas@clinica-prueba.example"]


@pytest.mark.feature(151, 152)
def test_a_failed_try_changes_nothing_says_which_step_and_keeps_what_was_typed(
    world: World, admin: Client, tries: list[Account]
) -> None:
    page = admin.post(PAGE, {**TYPED, "password": "falso"}).content.decode()
    assert "The server refused user name or password." in page and "535" in page
    assert 'value="smtp.b.example"' in page and "falso" not in page
    assert (sender(world).host, sender(world).secret()) == ("localhost", "secreto")


def test_it_is_saved_all_the_same_where_the_administrator_says_so(
    world: World, admin: Client, tries: list[Account]
) -> None:
    admin.post(PAGE, {**TYPED, "password": "falso", "anyway": "1"})
    assert sender(world).secret() == "falso" and tries == []


def test_with_htmx_only_the_answer_comes_back_so_that_the_password_stays_where_it_was_typed(
    world: World, admin: Client, tries: list[Account]
) -> None:
    answer = admin.post(PAGE, {**TYPED, "password": "falso"}, headers={"HX-Request": "true"})
    assert b"<form" not in answer.content and b"refused user name" in answer.content
    wrong = admin.post(PAGE, {**TYPED, "port": "22"}, headers={"HX-Request": "true"})
    assert wrong.headers["HX-Retarget"] == "#email-form" and b"465, 587, 2525" in wrong.content
    good = admin.post(PAGE, TYPED, headers={"HX-Request": "true"})
    assert good.headers["HX-Redirect"] == PAGE


@pytest.mark.feature(139, 140)
@pytest.mark.parametrize("change", [{"host": "smtp.c.example"}, {"port": "465"}, {"security": "ssl"}])
def test_a_changed_server_asks_for_the_password_again(
    world: World, admin: Client, tries: list[Account], change: dict[str, str]
) -> None:
    admin.post(PAGE, TYPED)
    page = admin.post(PAGE, {**TYPED, "password": "", **change}).content.decode()
    assert "Type the password again" in page and len(tries) == 1


@pytest.mark.feature(140)
def test_the_password_is_on_no_page_and_in_no_record(world: World, admin: Client, tries: list[Account]) -> None:
    admin.post(PAGE, TYPED)
    pages = [admin.get(PAGE), admin.get("/c/clinica-prueba/settings/")]
    assert all(b"muy-secreto" not in page.content for page in pages)
    with in_clinic(world.clinic.pk):
        assert all("muy-secreto" not in str(one.details) for one in SettingEvent.objects.all())
    assert "muy-secreto" not in sender(world).sealed_secret


@pytest.mark.feature(141, 142, 144, 147, 148)
@pytest.mark.parametrize(
    ("preset", "host", "port", "security"),
    [
        ("gmail", "smtp.gmail.com", 465, "ssl"), ("outlook", "smtp.office365.com", 587, "starttls"),
        ("yahoo", "smtp.mail.yahoo.com", 465, "ssl"), ("ionos", "smtp.1and1.es", 587, "starttls"),
    ],
)  # fmt: skip
def test_a_preset_fills_server_port_and_security(
    world: World, admin: Client, tries: list[Account], preset: str, host: str, port: int, security: str
) -> None:
    admin.post(PAGE, {**TYPED, "preset": preset, "host": "", "port": "", "security": ""})
    saved = sender(world)
    assert (saved.host, saved.port, saved.security) == (host, port, security)


@pytest.mark.feature(143, 145)
def test_another_provider_is_typed_by_hand_and_capitals_do_not_matter(
    world: World, admin: Client, tries: list[Account]
) -> None:
    admin.post(PAGE, {**TYPED, "host": " SMTP.B.Example ", "port": "2525", "security": "ssl"})
    saved = sender(world)
    assert (saved.host, saved.port, saved.security) == ("smtp.b.example", 2525, "ssl")


@pytest.mark.feature(146)
def test_an_account_without_encryption_is_possible_and_warned_of(
    world: World, admin: Client, tries: list[Account]
) -> None:
    page = admin.post(PAGE, {**TYPED, "port": "25", "security": "none"}, follow=True).content.decode()
    assert sender(world).security == "none" and "can be read on their way" in page


@pytest.mark.feature(137)
def test_a_mailbox_may_have_a_user_name_of_its_own(world: World, admin: Client, tries: list[Account]) -> None:
    admin.post(PAGE, {**TYPED, "different_user": "on", "username": "buzon17"})
    assert sender(world).username == "buzon17"


@pytest.mark.feature(150)
def test_a_provider_that_refuses_aliases_is_not_given_one(world: World, admin: Client, tries: list[Account]) -> None:
    typed = {**TYPED, "preset": "arsys", "different_user": "on", "username": "otra@clinica-prueba.example"}
    page = admin.post(PAGE, typed).content.decode()
    assert "sends only from the mailbox&#x27;s own address" in page and tries == []


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("host", "https://smtp.b.example/", "Only the server&#x27;s name"),
        ("port", "8000", "465, 587, 2525"),
        ("security", "tls1.0", "Select a valid choice"),
        ("address", "nobody", "valid email"),
        ("display_name", "Sol\u202e", "U+202E"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_tried(
    world: World, admin: Client, tries: list[Account], field: str, typed: str, words: str
) -> None:
    page = admin.post(PAGE, {**TYPED, field: typed}).content.decode()
    assert words in page and tries == [] and sender(world).host == "localhost"


def test_a_clinic_has_five_tries_an_hour(world: World, admin: Client, tries: list[Account]) -> None:
    for _ in range(6):
        page = admin.post(PAGE, {**TYPED, "password": "falso"}).content.decode()
    assert "5 tries within an hour are the most" in page and len(tries) == 5


def test_the_account_in_force_can_be_tried_again(world: World, admin: Client, tries: list[Account]) -> None:
    assert "Not tried since" in admin.get(PAGE).content.decode()
    admin.post(PAGE, {"try": "1"})
    assert [one.secret for one in tries] == ["secreto"]
    assert "Not tried since" not in admin.get(PAGE).content.decode()


@pytest.mark.feature(136)
@pytest.mark.parametrize("role", [Role.RECEPTION, Role.PRACTITIONER, Role.READ_ONLY])
def test_others_see_the_state_and_neither_server_nor_user_and_change_nothing(
    world: World, tries: list[Account], role: Role, wednesday: Any
) -> None:
    client = client_of(member(world, role))
    page = client.get(PAGE).content.decode()
    assert "citas@clinica-prueba.example" in page and "localhost" not in page and 'id="email-form"' not in page
    assert client.post(PAGE, TYPED).status_code == 403
    assert sender(world).host == "localhost" and tries == []


@pytest.mark.feature(134, 135)
def test_without_an_account_the_page_says_that_nothing_can_go(world: World, admin: Client) -> None:
    with in_clinic(world.clinic.pk):
        Sender.objects.all().delete()
    assert "no e-mail reminder can go" in admin.get(PAGE).content.decode()
