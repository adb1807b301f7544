"""The page of the rules."""

from typing import Any

import pytest
from django.test import Client

from clinics.models import Role
from clinics.scope import in_clinic
from reminders.models import Rule
from tests.page_forms import send, text
from tests.visitors import client_of, member
from tests.world import World

pytestmark = pytest.mark.django_db
PAGE = "/c/clinica-prueba/settings/rules/"
NEW = f"{PAGE}new/?start=24-hours"
TYPED: dict[str, Any] = {
    "kind": "reminder", "timing": "before_elapsed", "amount": "2", "unit": "hours", "channel": "",
    "statuses": ["scheduled", "confirmed"], "late_policy": "skip", "active": "on",
}  # fmt: skip


def rules(world: World) -> list[Rule]:
    with in_clinic(world.clinic.pk):
        return list(Rule.objects.order_by("pk"))


@pytest.mark.feature(11)
def test_each_rule_has_a_worked_example_in_the_clinics_time(world: World, admin: Client) -> None:
    page = admin.get(PAGE).content.decode()
    assert "24 hours before" in page and "Fri, Jan 25 10:00" in page and "Thu, Jan 24 10:00" in page


@pytest.mark.feature(9, 14)
def test_a_rule_that_is_typed_becomes_one(world: World, admin: Client) -> None:
    send(admin, NEW, **TYPED)
    page, made = text(admin.get(PAGE)), rules(world)[1]
    assert (made.amount, made.channel, made.late_policy, made.active) == (120, "", "skip", True)
    assert "2 hours before" in page and "Ada Admin" in page


@pytest.mark.feature(10)
def test_the_switch_says_since_when_it_is_off_and_by_whom(world: World, admin: Client) -> None:
    page = admin.post(PAGE, {"rule": world.rule.pk, "on": "0"}, follow=True).content.decode()
    assert not rules(world)[0].active
    assert "Off since Wed, Jan 16 10:00, by Ada Admin" in page
    admin.post(PAGE, {"rule": world.rule.pk, "on": "1"})
    assert rules(world)[0].active


@pytest.mark.feature(11)
@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"amount": "0"}, "amount", "Try 24 hours"),
        ({"amount": "-3"}, "amount", "not after it"),
        ({"timing": "days_before_at", "amount": "1", "at_time": ""}, "at_time", "Try 10:00"),
        ({"statuses": []}, "statuses", "Choose at least one status"),
        ({"amount": "24", "channel": "email"}, "amount", "reminded twice"),
        ({"amount": "soon"}, "amount", "Enter a whole number"),
    ],
)
def test_what_contradicts_itself_is_said_at_its_field_and_nothing_is_made(
    world: World, admin: Client, change: dict[str, object], field: str, words: str
) -> None:
    page = text(send(admin, NEW, **{**TYPED, **change}))
    assert words in page and f'id="id_{field}_error"' in page
    assert len(rules(world)) == 1


@pytest.mark.feature(11)
def test_the_example_follows_what_is_being_typed_and_changes_nothing(world: World, admin: Client) -> None:
    typed = {**TYPED, "timing": "days_before_at", "amount": "2", "at_time": "18:00"}
    assert "Wed, Jan 23 18:00" in admin.post(f"{PAGE}example/", typed).content.decode()
    assert "Try 24 hours" in admin.post(f"{PAGE}example/", {**TYPED, "amount": "0"}).content.decode()
    assert "Type a number" in admin.post(f"{PAGE}example/", {**TYPED, "amount": ""}).content.decode()
    assert len(rules(world)) == 1


def test_a_stored_rule_comes_back_as_it_was_typed(world: World, admin: Client) -> None:
    page = admin.get(f"{PAGE}{world.rule.pk}/").content.decode()
    assert 'name="amount" value="24"' in page
    send(admin, f"{PAGE}{world.rule.pk}/", **{**TYPED, "amount": "90", "unit": "minutes"})
    assert rules(world)[0].amount == 90
    assert 'name="amount" value="90"' in admin.get(f"{PAGE}{world.rule.pk}/").content.decode()


@pytest.mark.parametrize("rule", ["0", "999999", "9" * 30, "x", ""])
def test_a_rule_that_is_not_there_is_not_found(world: World, admin: Client, rule: str) -> None:
    assert admin.post(PAGE, {"rule": rule, "on": "0"}).status_code == 404


def test_others_read_the_rules_and_change_none(world: World, wednesday: object) -> None:
    client = client_of(member(world, Role.RECEPTION))
    page = client.get(PAGE).content.decode()
    assert "24 hours before" in page and "Switch off" not in page
    assert client.post(PAGE, {"rule": world.rule.pk, "on": "0"}).status_code == 403
    assert client.get(f"{PAGE}new/").status_code == 302 and rules(world)[0].active
