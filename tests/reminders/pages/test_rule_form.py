"""The form of a rule: what it begins with, its filters, its fallback, the notices, and two administrators at once."""

from typing import Any

import pytest
from django.test import Client

from clinics.models import Role
from clinics.scope import in_clinic
from reminders.models import Rule, Template
from reminders.rule_defaults import PRESETS
from tests.page_forms import fields_of, send, text, words
from tests.visitors import client_of, member
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
PAGE = "/c/clinica-prueba/settings/rules/"
NEW = f"{PAGE}new/?start="


def newest(world: World) -> Rule:
    with in_clinic(world.clinic.pk):
        found: Rule = Rule.objects.latest("pk")
    return found


def count(world: World) -> int:
    with in_clinic(world.clinic.pk):
        return int(Rule.objects.count())


@pytest.mark.feature(11, 14, 28)
def test_a_new_rule_begins_with_a_usual_one_and_each_shows_its_example(world: World, admin: Client) -> None:
    page = words(text(admin.get(f"{PAGE}new/")))
    for line in (
        "24 hours before Fri, Jan 25 10:00 Thu, Jan 24 10:00",
        "The day before, at the same time Fri, Jan 25 10:00 Thu, Jan 24 10:00",
        "The day before, at 18:00 Fri, Jan 25 10:00 Thu, Jan 24 18:00",
        "2 working days before, at 10:00 Fri, Jan 25 10:00 Wed, Jan 23 10:00",
        "2 hours before Fri, Jan 25 10:00 Fri, Jan 25 08:00",
        "When an appointment is changed",
    ):
        assert line in page


@pytest.mark.feature(11, 28)
def test_the_page_says_how_hours_and_days_differ_when_the_clocks_change(world: World, admin: Client) -> None:
    page = words(text(admin.get(f"{PAGE}new/")))
    assert "For Sun, Mar 31 10:00 the one is Sat, Mar 30 09:00, the other Sat, Mar 30 10:00." in page


@pytest.mark.feature(28)
@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.code)
def test_every_usual_one_can_be_saved_as_it_comes(world: World, admin: Client, preset: Any) -> None:
    with in_clinic(world.clinic.pk):
        Rule.objects.update(active=False)
    assert send(admin, NEW + preset.code).status_code == 302
    made = newest(world)
    assert (made.kind, made.timing, made.amount) == (preset.kind, preset.timing.kind, preset.timing.amount)
    assert made.active and count(world) == 2


@pytest.mark.feature(9, 13, "B4", "B5")
def test_filters_the_stop_and_the_fallback_are_kept_and_shown(world: World, admin: Client) -> None:
    filters = {"practitioners": world.practitioner.pk, "locations": world.location.pk, "types": world.type.pk}
    send(
        admin, NEW + "2-hours", **filters, channel="sms", stop_when_confirmed="on", fallback_channel="email",
        fallback_minutes="30", fallback_on_uncertain="on",
    )  # fmt: skip
    made = newest(world)
    assert (made.practitioners, made.locations, made.types) == tuple([pk] for pk in filters.values())
    assert made.stop_when_confirmed and (made.fallback_channel, made.fallback_minutes) == ("email", 30)
    page = words(text(admin.get(PAGE)))
    assert "SMS, by E-mail where that fails, or is not delivered in 30 minutes, or nobody can tell" in page
    assert "stops once confirmed" in page and "Only: Dra. Ana Ruiz · Centro · Revisión" in page
    assert fields_of(text(admin.get(f"{PAGE}{made.pk}/")))["practitioners"] == [str(world.practitioner.pk)]


@pytest.mark.feature(9)
@pytest.mark.parametrize("field", ["practitioners", "locations", "types"])
def test_another_clinics_rows_are_no_choice(world: World, admin: Client, field: str) -> None:
    elsewhere = make_world("clinica-ajena")
    row = {"practitioners": elsewhere.practitioner, "locations": elsewhere.location, "types": elsewhere.type}[field]
    for wrong in (row.pk, "x", "9" * 30, "-1"):
        page = text(send(admin, NEW + "2-hours", **{field: wrong}))
        assert "Select a valid choice" in page and f'id="id_{field}_error"' in page
    assert count(world) == 1
    assert "Clínica ajena" not in page


@pytest.mark.feature(16, 17, 18)
def test_a_notice_asks_for_no_moment_and_takes_none(world: World, admin: Client) -> None:
    send(admin, NEW + "change", amount="soon", timing="never", at_time="25:00", late_policy="x", channel="email")
    made = newest(world)
    assert (made.kind, made.timing, made.amount, made.statuses) == (
        "change", "on_event", 0, ["scheduled", "confirmed"],
    )  # fmt: skip
    page = words(text(admin.get(PAGE)))
    assert "When an appointment is changed" in page and "booked too late:" in page, "of the reminder alone"
    assert page.count("booked too late:") == 1
    again = text(send(admin, NEW + "change", channel="email"))
    assert "told twice" in again and 'id="id_channel_error"' in again


@pytest.mark.feature(35)
def test_a_notice_of_a_cancellation_has_no_statuses_to_choose(world: World, admin: Client) -> None:
    send(admin, NEW + "cancellation", statuses="rubbish")
    assert newest(world).statuses == ["cancelled"]
    kept = text(admin.get(f"{PAGE}{newest(world).pk}/"))
    assert "kind" in fields_of(kept)


@pytest.mark.feature(35)
def test_a_rule_is_never_for_what_has_been(world: World, admin: Client) -> None:
    page = text(send(admin, NEW + "2-hours", statuses=["scheduled", "completed"]))
    assert "Select a valid choice" in page and "Never for arrived, completed" in page and count(world) == 1


@pytest.mark.feature("B5", 11)
@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"channel": "sms", "fallback_channel": "sms"}, "fallback_channel", "own channel"),
        ({"fallback_channel": "email", "fallback_minutes": "0"}, "fallback_minutes", "Try 30"),
        ({"fallback_channel": "email", "fallback_minutes": "120"}, "fallback_minutes", "Try 30"),
        ({"fallback_channel": "email", "fallback_minutes": "half"}, "fallback_minutes", "whole number"),
        ({"fallback_channel": "pigeon"}, "fallback_channel", "Select a valid choice"),
        ({"statuses": ["confirmed"], "stop_when_confirmed": "on"}, "stop_when_confirmed", "Tick Scheduled"),
        ({"kind": "surprise"}, "kind", "Select a valid choice"),
        ({"timing": ""}, "timing", "This field is required"),
        ({"amount": ""}, "amount", "This field is required"),
        ({"late_policy": ""}, "late_policy", "This field is required"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    world: World, admin: Client, typed: dict[str, Any], field: str, said: str
) -> None:
    page = text(send(admin, NEW + "2-hours", **typed))
    assert said in page and f'id="id_{field}_error"' in page and count(world) == 1


@pytest.mark.feature("B5")
def test_minutes_that_mean_nothing_are_not_asked_about(world: World, admin: Client) -> None:
    send(admin, NEW + "2-hours", channel="email", fallback_channel="sms", fallback_minutes="half an hour")
    assert (newest(world).fallback_channel, newest(world).fallback_minutes) == ("sms", None)


@pytest.mark.feature(16, 17, 24)
def test_a_rule_without_words_is_said_and_the_supplied_ones_are_at_hand(world: World, admin: Client) -> None:
    form = text(admin.get(NEW + "change"))
    assert "“Notice of a change” has no words for E-mail" in form and 'name="give_words" checked' in form
    send(admin, NEW + "change", give_words=None)
    page = text(admin.get(PAGE))
    assert "has no words for E-mail" in page and "Take the supplied words" in page
    assert admin.post(f"{PAGE}words/", {"rule": newest(world).pk}).status_code == 302
    assert "has no words" not in text(admin.get(PAGE))
    with in_clinic(world.clinic.pk):
        given = set(Template.objects.values_list("kind", "channel", "language"))
    assert given == {("change", "email", code) for code in ("es", "it", "pt-br", "en")} | {("reminder", "email", "es")}


@pytest.mark.feature(16, 24)
def test_the_supplied_words_are_taken_with_the_rule(world: World, admin: Client) -> None:
    send(admin, NEW + "booking")
    assert "has no words" not in text(admin.get(PAGE))


@pytest.mark.feature("B5")
def test_a_channel_that_is_off_or_has_no_sender_is_said_at_the_rule(world: World, admin: Client) -> None:
    send(admin, NEW + "2-hours", channel="email", fallback_channel="sms")
    page = words(text(admin.get(PAGE)))
    assert "SMS is switched off for the clinic" in page and "SMS has no sender yet" in page
    assert "E-mail has no sender" not in page and "Mend it" in page


@pytest.mark.feature(27, "B2")
def test_the_late_choices_are_explained_with_an_example_that_follows(world: World, admin: Client) -> None:
    page = words(text(admin.get(NEW + "24-hours")))
    assert "The appointment of Fri, Jan 25 10:00, whose moment is Thu, Jan 24 10:00: booked Thu, Jan 24 11:00" in page
    assert "booked Thu, Jan 24 22:00 Send it at the next allowed moment Thu, Jan 24 11:03 Fri, Jan 25 08:00" in page
    assert (
        "Send it at once, if that moment is allowed Thu, Jan 24 11:03 not sent Leave it out not sent not sent" in page
    )
    typed = {**fields_of(text(admin.get(NEW + "24-hours"))), "amount": "2"}
    asked = words(text(admin.post(f"{PAGE}example/", typed)))
    assert "whose moment is Fri, Jan 25 08:00: booked Fri, Jan 25 08:30 Send" in asked


@pytest.mark.parametrize("typed", [{}, {"kind": "change"}, {"kind": "x", "channel": "y"}, {"amount": "9" * 30}])
def test_an_example_of_anything_is_an_answer(world: World, admin: Client, typed: dict[str, str]) -> None:
    assert admin.post(f"{PAGE}example/", typed).status_code == 200


@pytest.mark.parametrize("start", ["24-hours", "other", "nonsense", "%00", ""])
def test_any_beginning_shows_a_form(world: World, admin: Client, start: str) -> None:
    assert "novalidate" in text(admin.get(NEW + start))


def test_one_form_makes_one_rule_and_a_refused_one_may_be_sent_again(world: World, admin: Client) -> None:
    fields = fields_of(text(admin.get(NEW + "2-hours")))
    assert admin.post(NEW, {**fields, "amount": "0"}).status_code == 200
    admin.post(NEW, fields)
    admin.post(NEW, {**fields, "amount": "3"})
    assert count(world) == 2 and newest(world).amount == 120


def test_what_another_administrator_changed_meanwhile_is_not_written_over_unseen(world: World, admin: Client) -> None:
    page = f"{PAGE}{world.rule.pk}/"
    mine = fields_of(text(admin.get(page)))
    send(client_of(member(world, Role.ADMIN, name="Otro Admin")), page, amount="48")
    told = text(admin.post(page, {**mine, "late_policy": "skip"}))
    assert "Somebody else changed this" in told and "48" in words(told)
    assert newest(world).late_policy == "next_allowed"
    admin.post(page, {**fields_of(told), "amount": "24", "late_policy": "skip"})
    assert (newest(world).amount, newest(world).late_policy) == (1440, "skip")


def test_others_take_no_words_and_make_no_rule(world: World, wednesday: object) -> None:
    desk = client_of(member(world, Role.RECEPTION))
    assert desk.post(f"{PAGE}words/", {"rule": world.rule.pk}).status_code == 403
    assert desk.post(NEW, {"kind": "change"}).status_code == 403
    assert desk.get(f"{PAGE}words/").status_code == 405
    assert desk.get(NEW + "change").status_code == 302


@pytest.mark.feature(12)
def test_a_new_appointment_is_reminded_over_all_channels_that_are_on_and_the_page_says_so(
    world: World, admin: Client
) -> None:
    page = words(text(admin.get(PAGE)))
    assert "New appointments have their reminders on, over every channel of the clinic (E-mail)" in page
    world.clinic.channels_on = []
    world.clinic.save()
    assert "All channels are switched off: nothing is sent" in words(text(admin.get(PAGE)))


@pytest.mark.feature(24)
def test_the_checklist_names_a_rule_without_words(world: World, admin: Client) -> None:
    home = "/c/clinica-prueba/settings/"
    assert "Everything that is sent has words" in words(text(admin.get(home)))
    send(admin, NEW + "change", channel="email", give_words=None)
    assert "language: Notice of a change (E-mail)" in words(text(admin.get(home)))


JUNK = ("", "x", "\x00", "-1", "9" * 30, "1e9", "[]", "\u202e", "email,sms")


@pytest.mark.parametrize("field", ["kind", "timing", "amount", "unit", "at_time", "channel", "fallback_channel"])
def test_junk_in_a_choice_makes_nothing(world: World, admin: Client, field: str) -> None:
    fields = fields_of(text(admin.get(NEW + "day-before-at")))
    for junk in JUNK:
        answer = admin.post(NEW, {**fields, field: junk, "fallback_minutes": junk, "statuses": ["scheduled", junk]})
        assert answer.status_code == 200 and count(world) == 1
        assert admin.post(f"{PAGE}example/", {**fields, field: junk, "practitioners": junk}).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "\x00"])
def test_a_form_without_its_token_makes_nothing(world: World, admin: Client, token: str) -> None:
    fields = fields_of(text(admin.get(NEW + "2-hours")))
    assert admin.post(NEW, {**fields, "token": token}).status_code == 200 and count(world) == 1
