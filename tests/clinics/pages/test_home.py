"""Where a person goes after the log-in."""

import pytest

from clinics.models import Membership, Role
from tests.visitors import client_of, member
from tests.world import World, make_world

pytestmark = pytest.mark.django_db


def test_with_one_clinic_straight_to_its_agenda(world: World) -> None:
    answer = client_of(member(world, Role.PRACTITIONER)).get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/c/{world.clinic.slug}/"


def test_with_several_clinics_a_list_of_them_and_no_other(world: World) -> None:
    second, foreign = make_world("second"), make_world("foreign")
    user = member(world, Role.PRACTITIONER)
    Membership.objects.create(user=user, clinic=second.clinic, role=Role.ADMIN)
    page = client_of(user).get("/").content.decode()
    assert f"/c/{world.clinic.slug}/" in page and "/c/second/" in page
    assert foreign.clinic.slug not in page


def test_with_no_clinic_a_sentence_that_says_whom_to_ask() -> None:
    user = member(None, Role.RECEPTION)
    page = client_of(user).get("/").content.decode()
    assert "You do not belong to a clinic yet." in page
    assert user.email in page


def test_a_stranger_is_led_to_the_log_in() -> None:
    assert client_of(None).get("/").headers["Location"].startswith("/accounts/login/")
