"""Sending now, on the pages: what is shown before, what it does, what refuses it, and who is named for it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from appointments.models import Appointment
from clinics.models import Clinic, Role
from clinics.scope import in_clinic
from patients.models import Patient
from reminders.kinds import Origin, State
from reminders.models import Reminder
from tests.page_forms import fields_of, send, text, words
from tests.reminders.planning import another_rule
from tests.visitors import DAY, HOUR, NOW, book, client_of, member, put, reminders_of
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
#: Saturday 12:00 in Madrid; its reminder goes on Friday 12:00.
START = NOW + 3 * DAY + 2 * HOUR


def page_of(world: World, row: Appointment, step: str = "") -> str:
    return f"/c/{world.clinic.slug}/appointments/{row.pk}/{step}"


def sending(world: World, row: Appointment, more: str = "") -> str:
    return page_of(world, row, f"send/?channel=email{more}")


def panel(page: str) -> str:
    """What the appointment's page says of sending now."""
    return words(page[page.index('id="send"') :].split("</section>")[0])


def change(world: World, model: Any, **fields: object) -> None:
    with in_clinic(world.clinic.pk):
        model.objects.update(**fields)


def went(world: World, row: Appointment, ago: timedelta, state: State = State.HANDED_OVER) -> Reminder:
    at = NOW - ago
    return put(world, reminders_of(world, row)[0], state, decided_at=at, handed_over_at=at, ended_at=at)


@pytest.mark.feature(1, 3)
def test_the_page_shows_what_would_go_to_whom_and_what_goes_later_and_then_it_goes(world: World, desk: Client) -> None:
    another_rule(world, amount=120)
    row = book(world, START)
    assert "Send now… Reminder · planned for Fri, Jan 18 12:00: it goes now instead." in panel(
        text(desk.get(page_of(world, row)))
    )
    shown = words(text(desk.get(sending(world, row))))
    assert (
        "To lucia@correo.example" in shown
        and "Hola, Lucía: Le esperamos el sábado, 19 de enero de 2041, 12:00." in shown
    )
    assert "They go by themselves at their moments: E-mail · Reminder, Sat, Jan 19 10:00" in shown
    assert [one.origin for one in reminders_of(world, row)] == [Origin.AUTOMATIC] * 2
    send(desk, sending(world, row))
    first, second = reminders_of(world, row)
    assert (first.origin, first.state, second.origin) == (Origin.MANUAL, State.PLANNED, Origin.AUTOMATIC)
    assert first.by is not None and first.by.get_full_name() == "Marta Soler" and first.look_at < NOW + HOUR
    page = text(desk.get(page_of(world, row)))
    assert "It is on its way: it is being sent right now, by hand by Marta Soler." in panel(page)


@pytest.mark.feature(1)
def test_log_and_reminder_say_who_sent_it(world: World, desk: Client) -> None:
    row = book(world, START)
    send(desk, sending(world, row))
    [sent] = reminders_of(world, row)
    log = f"/c/{world.clinic.slug}/log/"
    assert "Reminder · by hand by Marta Soler" in words(text(desk.get(log)))
    story = words(text(desk.get(f"{log}{sent.pk}/")))
    assert "Came about by hand, from the appointment Marta Soler, Wed, Jan 16 10:" in story
    assert "“Send now” by hand by Marta Soler" in story


@pytest.mark.feature(4, 172)
def test_it_is_never_hidden_but_disabled_with_every_reason_and_the_field_that_mends_it(
    world: World, desk: Client
) -> None:
    row = book(world, START)
    change(world, Patient, default_notifications=False, consent_email=False)
    page = text(desk.get(page_of(world, row)))
    part = unescape(page[page.index('id="send"') :].split("</section>")[0])
    assert re.search(r"<button[^>]* disabled>", part) and "The patient's default notifications are off." in words(part)
    record = f"/c/{world.clinic.slug}/patients/{row.patient_id}/edit/"
    assert f'href="{record}#id_default_notifications"' in part and f'href="{record}#id_consent_email"' in part
    shown = text(desk.get(sending(world, row)))
    assert "It cannot go now:" in shown and re.search(r'<button[^>]*type="submit" disabled>', shown)
    answer = desk.post(sending(world, row), fields_of(shown))
    assert "The patient has not agreed to this channel." in words(text(answer))
    assert [one.origin for one in reminders_of(world, row)] == [Origin.AUTOMATIC]


@pytest.mark.feature(4)
def test_a_pause_refuses_it_too(world: World, desk: Client) -> None:
    row = book(world, START)
    change(world, Clinic, paused_until=NOW + DAY)
    assert "The clinic has paused its sending." in words(text(desk.get(sending(world, row))))


@pytest.mark.feature(36)
def test_what_went_before_asks_first_and_goes_again(world: World, desk: Client) -> None:
    row = book(world, START)
    went(world, row, timedelta(minutes=20))
    shown = words(text(desk.get(sending(world, row))))
    assert "One was sent 20 minutes ago (Wed, Jan 16 09:40), automatically. Send it again?" in shown
    send(desk, sending(world, row))
    assert [(one.round, one.origin) for one in reminders_of(world, row)] == [(2, Origin.MANUAL), (1, Origin.AUTOMATIC)]


@pytest.mark.feature("F39")
def test_what_just_went_is_on_its_way_and_the_form_makes_nothing(world: World, desk: Client) -> None:
    row = book(world, START)
    fields = fields_of(text(desk.get(sending(world, row))))
    went(world, row, timedelta(minutes=5))
    answer = desk.post(sending(world, row), fields, follow=True)
    assert "E-mail: it was on its way already. Nothing further was sent." in words(text(answer))
    assert "It is on its way: it was sent 5 minutes ago, automatically." in panel(text(answer))
    assert len(reminders_of(world, row)) == 1


@pytest.mark.feature(45)
def test_sending_an_uncertain_one_again_warns_that_it_may_arrive_twice(world: World, desk: Client) -> None:
    another_rule(world, amount=120)
    row = book(world, START)
    lost = went(world, row, HOUR, State.UNCERTAIN)
    page = text(desk.get(page_of(world, row)))
    assert f"send/?channel=email&amp;again={lost.pk}" in page
    shown = words(text(desk.get(sending(world, row, f"&again={lost.pk}"))))
    assert "nobody knows whether it arrived. Sent again, it may arrive twice." in shown
    assert "Sat, Jan 19 10:00" in shown  # the later step still goes
    send(desk, sending(world, row, f"&again={lost.pk}"))
    made = next(one for one in reminders_of(world, row) if one.round == 2)
    assert (made.rule_id, made.state) == (lost.rule_id, State.PLANNED)


def test_what_changed_since_the_page_was_opened_is_shown_first(world: World, desk: Client) -> None:
    row = book(world, START)
    fields = fields_of(text(desk.get(sending(world, row))))
    went(world, row, HOUR)
    answer = desk.post(sending(world, row), fields)
    assert "Nothing was sent; this is how it stands." in words(text(answer)) and "Send it again?" in text(answer)
    assert len(reminders_of(world, row)) == 1
    desk.post(sending(world, row), fields_of(text(answer)))
    assert len(reminders_of(world, row)) == 2


@pytest.mark.feature("F39")
def test_a_form_sent_twice_sends_once(world: World, desk: Client) -> None:
    row = book(world, START)
    went(world, row, HOUR)
    fields = fields_of(text(desk.get(sending(world, row))))
    for _ in range(2):
        answer = desk.post(sending(world, row), fields, follow=True)
        assert "E-mail: it goes now." in words(text(answer))
    assert len(reminders_of(world, row)) == 2


@pytest.mark.feature(3, "X14")
def test_the_panel_of_a_chip_and_the_reminders_page_have_the_button(world: World, desk: Client) -> None:
    row = book(world, START)
    [one] = reminders_of(world, row)
    log = f"/c/{world.clinic.slug}/log/{one.pk}/"
    for page in (text(desk.get(log)), text(desk.get(f"{log}gates/", headers={"HX-Request": "true"}))):
        assert f'href="{page_of(world, row)}send/?channel=email&amp;again={one.pk}"' in page


def test_who_may_only_look_sees_the_button_disabled_and_may_not_open_the_page(world: World, wednesday: object) -> None:
    row = book(world, START)
    looker = client_of(member(world, Role.READ_ONLY))
    page = text(looker.get(page_of(world, row)))
    assert "Your role does not include sending." in panel(page) and "send/?channel" not in page
    assert looker.get(sending(world, row)).status_code == 403
    assert looker.post(sending(world, row)).status_code == 403


@pytest.mark.parametrize(
    "query", ["", "?channel=pigeon", "?channel=email&again=x", "?channel=email&again=999999", "?channel=sms&again={}"]
)
def test_what_the_address_names_wrongly_does_not_exist(world: World, desk: Client, query: str) -> None:
    row = book(world, START)
    address = page_of(world, row, "send/") + query.format(reminders_of(world, row)[0].pk)
    assert desk.get(address).status_code == 404
    token = "0a7e7d0c-53c5-4d2e-9b52-3a1f5a3b7d11"
    assert desk.post(address, {"token": token, "seen": ""}).status_code == 404
    assert desk.post(page_of(world, row, "send/?channel=email"), {"token": "x"}).status_code == 404


def test_another_clinics_appointment_answers_like_none(world: World, desk: Client) -> None:
    other = make_world("otra-clinica")
    row = book(other, START)
    address = f"/c/{world.clinic.slug}/appointments/{row.pk}/send/?channel=email"
    assert desk.get(address).status_code == desk.post(address).status_code == 404
