"""Logging in and out, a forgotten password, and the language that stays with a person."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from clinics.models import Role, User
from tests.visitors import PASSWORD, client_of, member
from tests.world import World

pytestmark = pytest.mark.django_db


def log_in(client: Client, user: User, password: str = PASSWORD) -> int:
    return client.post("/accounts/login/", {"login": user.email, "password": password}).status_code


def test_a_member_logs_in_with_address_and_password_and_lands_in_the_agenda(world: World) -> None:
    client, user = Client(), member(world, Role.RECEPTION)
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/c/{world.clinic.slug}/"
    assert answer.status_code == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(world: World) -> None:
    user = member(world, Role.RECEPTION)

    def words(email: str) -> str:
        answer = client_of(None).post("/accounts/login/", {"login": email, "password": "wrong-and-long-1"})
        found = re.search(r'role="alert".*?</div>', answer.content.decode(), re.DOTALL)
        assert answer.status_code == 200 and found
        return found[0]

    assert words(user.email) == words("nobody@people.example")


def test_whoever_types_too_many_wrong_passwords_waits_whichever_process_he_asks(world: World) -> None:
    user = member(world, Role.RECEPTION)
    assert {log_in(Client(), user, "wrong-and-long-1") for _ in range(5)} == {200}
    assert log_in(Client(), user) == 200  # the right one now: it is not looked at
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM clinics_cache")
        kept = str(cursor.fetchall())
    assert kept != "[]" and user.email not in kept


def test_after_the_log_in_the_page_that_was_asked_for_opens_with_its_filters(world: World) -> None:
    client, user = Client(), member(world, Role.RECEPTION)
    asked = f"/c/{world.clinic.slug}/log/?word=error"
    door = client.get(asked, follow=True)
    found = re.search(r'name="next" value="([^"]+)"[^>]*>\s*<button class="button button-main', door.content.decode())
    assert found and found[1] == asked
    form = {"login": user.email, "password": PASSWORD, "next": found[1]}
    answer = client.post("/accounts/login/", form)
    assert answer.headers["Location"] == asked


def test_logging_out_needs_a_post_and_ends_the_session(world: World) -> None:
    client = client_of(member(world, Role.RECEPTION))
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get(f"/c/{world.clinic.slug}/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get(f"/c/{world.clinic.slug}/").status_code == 302


def test_nobody_signs_up_by_himself() -> None:
    page = client_of(None).get("/accounts/signup/")
    assert "Access by invitation" in page.content.decode()
    form = {"email": "new@people.example", "password1": PASSWORD, "password2": PASSWORD}
    client_of(None).post("/accounts/signup/", form)
    assert not User.objects.filter(email="new@people.example").exists()


def test_a_forgotten_password_is_chosen_anew_by_the_link_in_a_mail(world: World) -> None:
    client, user = client_of(None), member(world, Role.RECEPTION)
    client.post("/accounts/password/reset/", {"email": user.email})
    (letter,) = mail.outbox
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(letter.body))
    assert link and letter.to == [user.email]
    form = client.get(link[1], follow=True)
    new = "a-quite-new-one-2041"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert log_in(Client(), user, new) == 302
    assert log_in(Client(), user, PASSWORD) == 200


def test_a_used_up_link_says_so_and_offers_a_new_one() -> None:
    page = client_of(None).get("/accounts/password/reset/key/1-abc/", follow=True).content.decode()
    assert "This link no longer works" in page
    assert "/accounts/password/reset/" in page


def test_a_form_that_is_sent_too_often_rests_and_says_so() -> None:
    client = client_of(None)
    answers = [client.post("/accounts/password/reset/", {"email": "often@people.example"}) for _ in range(6)]
    assert answers[0].status_code == 302
    assert answers[-1].status_code == 429
    assert "Too many tries" in answers[-1].content.decode()


def test_the_choice_of_language_holds_for_this_browser_and_the_next_log_in(world: World) -> None:
    client, user = Client(), member(world, Role.RECEPTION)
    log_in(client, user)
    client.post("/language/", {"language": "it", "next": "/"})
    user.refresh_from_db()
    assert user.language == "it"
    elsewhere = Client(headers={"accept-language": "es"})
    log_in(elsewhere, user)
    assert '<html lang="it"' in elsewhere.get(f"/c/{world.clinic.slug}/").content.decode()


def test_a_language_that_we_do_not_speak_changes_nothing(world: World) -> None:
    user = member(world, Role.RECEPTION, language="es")
    client_of(user).post("/language/", {"language": "xx", "next": "/"})
    user.refresh_from_db()
    assert user.language == "es"
