"""A callback about a message that nobody here knows: kept where the account itself signed it, matched or reported."""

import logging
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from clinics.clock import real_now
from clinics.scope import in_clinic
from messaging import orphans, receipts
from messaging.models import Attempt, Orphan, Receipt
from tests.messaging.test_callbacks import SID, an_attempt, form, signed
from tests.world import World, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("F23", enters="webhook")]

TOKEN = "f" * 32


def call_back(token: str = TOKEN, secret: str = "twilio-token", **changed: str) -> int:
    path, said = f"/w/twilio/{token}", form(**changed)
    signature = signed(f"http://127.0.0.1:8000{path}", said, secret)
    return int(Client().post(path, said, headers={"X-Twilio-Signature": signature}).status_code)


def kept(world: World) -> list[Orphan]:
    with in_clinic(world.clinic.pk):
        return list(Orphan.objects.all())


def settle(world: World) -> None:
    for clinic_id, ids in orphans.due().items():
        assert clinic_id == world.clinic.pk
        with in_clinic(clinic_id):
            orphans.settle(clinic_id, ids)


def test_what_the_account_itself_signed_is_kept_once(world: World) -> None:
    an_attempt(world)
    assert [call_back() for _ in range(3)] == [204] * 3
    [orphan] = kept(world)
    assert (orphan.token, orphan.state, orphan.reported_at) == (TOKEN, "delivered", None)


@pytest.mark.parametrize(
    ("token", "secret", "account"),
    [
        (TOKEN, "another-token", SID),
        (TOKEN, "twilio-token", f"AC{'9' * 32}"),
        (TOKEN, "twilio-token", ""),
        ("short", "twilio-token", SID),
    ],
)
def test_nobody_elses_is_kept(world: World, token: str, secret: str, account: str) -> None:
    an_attempt(world)
    assert call_back(token, secret, AccountSid=account) == 403
    assert kept(world) == []


def test_of_two_clinics_with_one_account_the_one_with_that_secret_keeps_it(world: World) -> None:
    an_attempt(world)
    other = make_world("otra-clinica")
    an_attempt(other, token="other-token")
    assert call_back(secret="other-token") == 204
    assert (len(kept(world)), len(kept(other))) == (0, 1)


def test_it_finds_its_attempt_when_that_comes(world: World) -> None:
    attempt = an_attempt(world)
    call_back()
    settle(world)
    assert len(kept(world)) == 1, "its time is not over"
    with in_clinic(world.clinic.pk):
        Attempt.objects.filter(pk=attempt.pk).update(token=TOKEN)
    settle(world)
    assert kept(world) == []
    with in_clinic(world.clinic.pk):
        assert [(one.attempt_id, one.state) for one in Receipt.objects.all()] == [(attempt.pk, "delivered")]
    assert list(receipts.waiting()) == [world.clinic.pk]


def test_when_its_time_is_over_it_is_reported_once(
    world: World, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    an_attempt(world)
    call_back()
    settings.ORPHAN_SECONDS = 3600
    with in_clinic(world.clinic.pk):
        Orphan.objects.update(received_at=real_now() - timedelta(seconds=3601))
    with caplog.at_level(logging.WARNING):
        settle(world)
        settle(world)
    [orphan] = kept(world)
    assert orphan.reported_at is not None
    assert [record.getMessage() for record in caplog.records if "nobody here knows" in record.getMessage()] == [
        f"clinic {world.clinic.pk}: sender {orphan.sender_id} reports delivered of {orphan.provider_ref}, "
        "a message that nobody here knows"
    ]
