"""The middleware that opens a clinic for its members: what a page leaves behind when it fails."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from clinics.models import Membership, Role, User
from clinics.pages.access import clinic_of, membership_of
from clinics.scope import in_clinic
from patients.models import Patient
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


def rename(request: HttpRequest, slug: str) -> HttpResponse:
    Patient.objects.update(first_name="Otra")
    return HttpResponse(f"{clinic_of(request).slug} {membership_of(request).role}")


def fails_with(error: Exception) -> Callable[[HttpRequest, str], HttpResponse]:
    def view(request: HttpRequest, slug: str) -> HttpResponse:
        Patient.objects.update(first_name="Otra")
        raise error

    return view


def breaks_the_transaction(request: HttpRequest, slug: str) -> HttpResponse:
    Patient.objects.update(first_name="Otra")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return HttpResponse("not reached")


urlpatterns = [
    path("c/<slug:slug>/rename", rename),
    path("c/<slug:slug>/fails", fails_with(LookupError("half done"))),
    path("c/<slug:slug>/absent", fails_with(Http404())),
    path("c/<slug:slug>/breaks", breaks_the_transaction),
    path("", include("config.urls")),
]


@pytest.fixture
def member(world: World, settings: Any) -> Client:
    """Somebody at the reception of the test clinic."""
    settings.ROOT_URLCONF = "tests.clinics.test_access"
    user = User.objects.create_user("ana@clinica.example", "una clave larga")
    Membership.objects.create(user=user, clinic=world.clinic, role=Role.RECEPTION)
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def first_name(world: World) -> str:
    with in_clinic(world.clinic.pk):
        return str(Patient.objects.get().first_name)


def test_what_a_page_does_is_committed(world: World, member: Client) -> None:
    answer = member.get("/c/clinica-prueba/rename")
    assert (answer.status_code, answer.content.decode()) == (200, "clinica-prueba reception")
    assert first_name(world) == "Otra"


@pytest.mark.parametrize(("page", "status"), [("fails", 500), ("absent", 404), ("breaks", 500)])
def test_what_a_page_did_before_it_failed_is_not(world: World, member: Client, page: str, status: int) -> None:
    assert member.get(f"/c/clinica-prueba/{page}").status_code == status
    assert first_name(world) == "Lucía"
    assert member.get("/c/clinica-prueba/rename").status_code == 200


@pytest.mark.parametrize("slug", ["otra-clinica", "no-hay-tal"])
def test_another_clinic_answers_like_one_that_does_not_exist_and_nothing_runs(
    world: World, member: Client, slug: str
) -> None:
    other = make_world("otra-clinica")
    answers = [member.get(f"/c/{one}/rename") for one in (slug, "tampoco")]
    assert [one.status_code for one in answers] == [404, 404]
    # But for the address itself and what is drawn for each page (CSRF token, nonce) they are one and the same.
    pages = [
        re.sub(rf"{one}|[\w-]{{22,}}(==)?", "", answer.content.decode())
        for one, answer in zip((slug, "tampoco"), answers, strict=True)
    ]
    assert pages[0] == pages[1]
    assert first_name(other) == "Lucía"


def test_a_stranger_is_led_to_the_log_in_for_any_clinic(world: World, member: Client) -> None:
    for slug in ("clinica-prueba", "no-hay-tal"):
        answer = Client().get(f"/c/{slug}/rename")
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_a_membership_that_was_taken_away_counts_from_the_next_page_on(world: World, member: Client) -> None:
    assert member.get("/c/clinica-prueba/rename").status_code == 200
    Membership.objects.all().delete()
    assert member.get("/c/clinica-prueba/rename").status_code == 404
