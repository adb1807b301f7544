"""Between Save and saved: what the change does, with a way on and a way back."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from clinics.models import Clinic, ClosedDay, SettingEvent
from clinics.scope import in_clinic
from reminders.models import Reminder, Rule
from tests.page_forms import fields_of, send, text, words
from tests.visitors import DAY, NOW, book
from tests.world import World

pytestmark = pytest.mark.django_db
SETTINGS = "/c/clinica-prueba/settings/"
PAGE = f"{SETTINGS}clinic/"


def clinic() -> Clinic:
    return Clinic.objects.get(slug="clinica-prueba")


def is_on(world: World) -> bool:
    with in_clinic(world.clinic.pk):
        return bool(Rule.objects.get().active)


def changes(world: World) -> int:
    with in_clinic(world.clinic.pk):
        return SettingEvent.objects.count()


@pytest.mark.feature("N4")
def test_a_change_that_moves_reminders_is_shown_before_it_is_made(world: World, admin: Client) -> None:
    book(world, NOW + 3 * DAY)
    question = text(send(admin, PAGE, quiet_until="11:30"))
    seen = words(question)
    assert "Nothing is saved yet." in seen and "This adds 0 messages, moves 1 and stops 0." in seen
    assert "Lucía Prueba appointment Sat, Jan 19 10:00 Reminder · E-mail" in seen
    assert "so far: Fri, Jan 18 10:00 afterwards: Thu, Jan 17 20:30" in seen
    assert (clinic().quiet_until.hour, changes(world)) == (8, 0)


@pytest.mark.feature("N4")
def test_applying_makes_the_change_once_and_the_plan_follows(world: World, admin: Client) -> None:
    appointment = book(world, NOW + 3 * DAY)
    kept = fields_of(text(send(admin, PAGE, quiet_until="11:30")))
    for _ in range(2):
        answer = admin.post(PAGE, {**kept, "apply": "1"})
    assert "Somebody else changed this" in text(answer)  # the second press: it is as wanted already
    assert (clinic().quiet_until.minute, changes(world)) == (30, 1)
    with in_clinic(world.clinic.pk):
        assert Reminder.objects.get(appointment=appointment).state == "planned"


@pytest.mark.feature("N4")
def test_the_way_back_shows_everything_as_it_was_typed(world: World, admin: Client) -> None:
    book(world, NOW + 3 * DAY)
    kept = fields_of(text(send(admin, PAGE, quiet_until="11:30", name="Clínica <Nueva>", closed_weekdays=["7"])))
    page = text(admin.post(PAGE, {**kept, "back": "1"}))
    fields = fields_of(page)
    assert (fields["quiet_until"], fields["name"], fields["closed_weekdays"]) == (["11:30"], ["Clínica <Nueva>"], ["7"])
    assert "Nothing was saved" not in page and changes(world) == 0


@pytest.mark.feature("N4")
def test_what_touches_no_reminder_is_saved_straight_away(world: World, admin: Client) -> None:
    book(world, NOW + 3 * DAY)
    assert send(admin, PAGE, phone="+34 911 111 111").status_code == 302
    assert clinic().phone == "+34 911 111 111"


@pytest.mark.feature(20, "N4")
def test_switching_a_channel_off_says_how_many_messages_of_the_next_days_it_stops(world: World, admin: Client) -> None:
    for days in (2, 3, 30):
        book(world, NOW + days * DAY)
    seen = words(text(send(admin, PAGE, channels_on=[], default_channel="email")))
    assert "This stops 2 messages in the next 7 days." in seen
    assert "Stopped 3" in seen and clinic().channels_on == ["email"]


@pytest.mark.feature("N4")
def test_going_live_says_what_then_goes_and_what_goes_at_once(world: World, admin: Client) -> None:
    Clinic.objects.update(test_mode=True)
    book(world, NOW + DAY)
    book(world, NOW + 3 * DAY)
    question = text(admin.post(PAGE, {"live": "1"}))
    seen = words(question)
    assert "This adds 2 messages, moves 0 and stops 0." in seen and "1 of them goes at once" in seen
    assert clinic().test_mode
    admin.post(PAGE, {**fields_of(question), "apply": "1"})
    assert not clinic().test_mode


# The other pages that ask


@pytest.mark.feature(10, 20, "N4")
def test_a_rule_is_switched_only_after_its_effect_was_seen(world: World, admin: Client) -> None:
    page = f"{SETTINGS}rules/"
    book(world, NOW + 3 * DAY)
    switch = {"rule": world.rule.pk, "on": "0"}
    question = text(admin.post(page, switch))
    assert "This stops 1 message in the next 7 days." in words(question) and is_on(world)
    assert admin.post(page, {**fields_of(question), "back": "1"}).headers["Location"] == page and is_on(world)
    admin.post(page, {**fields_of(question), "apply": "1"})
    assert not is_on(world)
    seen = words(text(admin.post(page, {**switch, "on": "1"})))
    assert "This adds 1 messages, moves 0 and stops 0." in seen and not is_on(world)


@pytest.mark.feature("N4")
def test_an_edited_rule_and_a_new_one_ask_and_what_is_refused_is_said_at_its_field(world: World, admin: Client) -> None:
    page = f"{SETTINGS}rules/{world.rule.pk}/"
    book(world, NOW + 3 * DAY)
    question = text(send(admin, page, amount="48"))
    assert "This adds 0 messages, moves 1 and stops 0." in words(question)
    back = fields_of(text(admin.post(page, {**fields_of(question), "back": "1"})))
    assert back["amount"] == ["48"]
    assert "Try 24 hours" in text(send(admin, page, amount="0"))
    assert admin.post(page, {**fields_of(question), "apply": "1"}).status_code == 302
    new = f"{SETTINGS}rules/new/?start=2-hours"
    question = text(send(admin, new))
    assert "This adds 1 messages" in words(question)
    for _ in range(2):  # one form makes one rule
        assert admin.post(new, {**fields_of(question), "apply": "1"}).status_code == 302
    with in_clinic(world.clinic.pk):
        assert sorted(Rule.objects.values_list("amount", flat=True)) == [120, 48 * 60]


@pytest.mark.feature("N4")
def test_of_two_administrators_with_a_question_open_the_second_is_told(world: World, admin: Client) -> None:
    page = f"{SETTINGS}rules/{world.rule.pk}/"
    book(world, NOW + 3 * DAY)
    mine, other = (fields_of(text(send(admin, page, amount=hours))) for hours in ("48", "30"))
    admin.post(page, {**other, "apply": "1"})
    assert "Somebody else changed this" in text(admin.post(page, {**mine, "apply": "1"}))
    with in_clinic(world.clinic.pk):
        assert Rule.objects.get().amount == 30 * 60


@pytest.mark.feature(19, 20, "N4")
def test_a_practitioners_package_asks(world: World, admin: Client) -> None:
    page, name = f"{SETTINGS}practitioners/", f"on_{world.practitioner.pk}_reminder"
    book(world, NOW + 3 * DAY)
    question = text(send(admin, page, **{name: None}))
    assert "This stops 1 message in the next 7 days." in words(question)
    assert name not in fields_of(text(admin.post(page, {**fields_of(question), "back": "1"})))
    admin.post(page, {**fields_of(question), "apply": "1"})
    assert name not in fields_of(text(admin.get(page)))


@pytest.mark.feature("N4")
def test_holidays_and_days_that_are_opened_or_taken_back_ask(world: World, admin: Client) -> None:
    page = f"{SETTINGS}closed-days/"
    book(world, datetime(2041, 4, 20, 9, tzinfo=UTC))  # goes the day before, on Good Friday
    question = text(admin.post(f"{page}holidays/", {"public_holidays": "on"}))
    assert "moves 1 and" in words(question) and not clinic().public_holidays
    admin.post(f"{page}holidays/", {**fields_of(question), "apply": "1"})
    assert clinic().public_holidays
    question = text(admin.post(f"{page}work/", {"day": "2041-04-19", "place": "0"}))
    assert "moves 1 and" in words(question)
    answer = admin.post(f"{page}work/", {**fields_of(question), "back": "1"})
    assert answer.headers["Location"] == page
    admin.post(f"{page}work/", {**fields_of(question), "apply": "1"})
    with in_clinic(world.clinic.pk):
        opened = ClosedDay.objects.get()
    question = text(admin.post(f"{page}remove/", {"row": opened.pk, "token": str(uuid4())}))
    assert "moves 1 and" in words(question)
    for _ in range(2):
        assert admin.post(f"{page}remove/", {**fields_of(question), "apply": "1"}).status_code == 302
    with in_clinic(world.clinic.pk):
        assert not ClosedDay.objects.exists()


def test_the_question_never_shows_a_password(world: World, admin: Client) -> None:
    book(world, NOW + 3 * DAY)
    fields = {**fields_of(text(admin.get(PAGE))), "quiet_until": "11:30", "password": "geheim-1", "secret": "geheim-2"}
    assert "geheim" not in text(admin.post(PAGE, fields))
