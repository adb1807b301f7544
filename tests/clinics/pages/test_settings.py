"""The settings' first page and the clinic's own switches."""

from datetime import time

import pytest
from django.test import Client

from clinics.models import Clinic, Role
from clinics.scope import in_clinic
from reminders.models import Rule
from tests.clinics.pages.test_doors import without_secrets
from tests.page_forms import fields_of, send, text
from tests.visitors import client_of, member
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
HOME = "/c/clinica-prueba/settings/"
PAGE = f"{HOME}clinic/"
PAGES = [
    "", "clinic/", "closed-days/", "email/", "sms/", "rules/", "rules/new/", "rules/1/", "wordings/",
    "wordings/reminder/sms/es/", "people/", "people/1/", "locations/1/",
]  # fmt: skip
TYPED: dict[str, object] = {
    "name": "Clínica Prueba", "phone": "+34910000000", "time_zone": "Europe/Madrid", "quiet_from": "21:00",
    "quiet_until": "08:00", "closed_weekdays": ["6", "7"], "channels_on": ["email"], "default_channel": "email",
}  # fmt: skip


def clinic() -> Clinic:
    return Clinic.objects.get(slug="clinica-prueba")


@pytest.mark.parametrize("rest", PAGES)
def test_another_clinics_settings_answer_like_some_that_do_not_exist(world: World, rest: str) -> None:
    make_world("foreign")
    client = client_of(member(world, Role.ADMIN))
    foreign, invented = client.get(f"/c/foreign/settings/{rest}"), client.get(f"/c/invented/settings/{rest}")
    assert (foreign.status_code, invented.status_code) == (404, 404)
    assert without_secrets(foreign.content.decode()) == without_secrets(invented.content.decode())


@pytest.mark.parametrize("role", list(Role))
def test_everybody_finds_the_settings_and_what_is_still_to_do(world: World, wednesday: object, role: Role) -> None:
    client = client_of(member(world, role))
    assert f'href="{HOME}"' in client.get("/c/clinica-prueba/").content.decode()
    page = client.get(HOME).content.decode()
    assert "4 of 5 steps are done" in page and "not tried yet" in page and "Not needed: SMS is switched off." in page


def test_a_step_that_is_undone_is_open_again(world: World, admin: Client) -> None:
    with in_clinic(world.clinic.pk):
        Rule.objects.update(active=False)
    assert "No rule is on: nothing is planned." in admin.get(HOME).content.decode()


@pytest.mark.feature(70)
def test_switches_that_are_typed_are_kept_with_who_changed_them(world: World, admin: Client) -> None:
    typed = {**TYPED, "quiet_from": "20:30", "channels_on": ["email", "sms"], "default_channel": "sms"}
    assert send(admin, PAGE, **typed).headers["Location"] == PAGE
    page = text(admin.get(PAGE))
    now = clinic()
    assert (now.quiet_from, now.closed_weekdays, now.channels_on) == (time(20, 30), [6, 7], ["email", "sms"])
    assert now.default_channel == "sms" and "Last changed by Ada Admin" in page
    assert "Clinic: changed" in admin.get(HOME).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"closed_weekdays": list("1234567")}, "Leave one open"),
        ({"quiet_from": "08:00", "quiet_until": "07:59"}, "Try 21:00 until 08:00"),
        ({"quiet_from": ""}, "This field is required"),
        ({"time_zone": "Mars/Base"}, "Select a valid choice"),
        ({"channels_on": ["sms"]}, "E-mail is switched off"),
        ({"name": " "}, "This field is required"),
        ({"closed_weekdays": ["9"]}, "Select a valid choice"),
    ],
)
def test_what_contradicts_itself_is_said_at_its_field_and_nothing_is_written(
    world: World, admin: Client, change: dict[str, object], words: str
) -> None:
    page = text(send(admin, PAGE, **{**TYPED, "phone": "1", **change}))
    assert words in page and 'value="1"' in page
    assert clinic().phone == "+34910000000"


@pytest.mark.feature(11)
def test_hours_in_which_a_rule_could_never_send_are_refused_with_its_name(world: World, admin: Client) -> None:
    with in_clinic(world.clinic.pk):
        Rule.objects.update(amount=30)
    page = text(send(admin, PAGE, **{**TYPED, "quiet_from": "06:10", "quiet_until": "06:00"}))
    assert "the rule “30 minutes before” could never send" in page and clinic().quiet_from == time(21)


def test_a_clinic_goes_live_and_back(world: World, admin: Client) -> None:
    admin.post(PAGE, {"live": "0"})
    assert clinic().test_mode
    page = admin.post(PAGE, {"live": "1"}, follow=True).content.decode()
    assert not clinic().test_mode and "reminders reach patients from now on" in page


@pytest.mark.feature(135)
def test_a_channel_without_a_sender_is_said_on_every_page(world: World, admin: Client) -> None:
    assert "No SMS sender is set up" not in admin.get("/c/clinica-prueba/").content.decode()
    send(admin, PAGE, **{**TYPED, "channels_on": ["email", "sms"]})
    assert "No SMS sender is set up" in admin.get("/c/clinica-prueba/").content.decode()


def test_others_read_the_switches_and_change_none(world: World, wednesday: object) -> None:
    client = client_of(member(world, Role.RECEPTION))
    page = client.get(PAGE).content.decode()
    assert "21:00–08:00" in page and "Administrators change this" in page and 'name="quiet_from"' not in page
    assert client.post(PAGE, TYPED).status_code == 403 and client.post(PAGE, {"live": "0"}).status_code == 403
    assert not clinic().test_mode


@pytest.mark.feature("N4")
def test_of_two_administrators_the_second_is_told_and_writes_nothing_over_unseen(world: World, admin: Client) -> None:
    opened = fields_of(text(admin.get(PAGE)))
    send(admin, PAGE, phone="+34 911 111 111")
    page = text(admin.post(PAGE, {**opened, "phone": ["+34 922 222 222"]}))
    assert "Somebody else changed this" in page and "+34 911 111 111" in page
    assert clinic().phone == "+34 911 111 111"
    again = admin.post(PAGE, fields_of(page))
    assert again.status_code == 302 and clinic().phone == "+34 922 222 222"
