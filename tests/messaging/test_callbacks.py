"""A provider's callback: signed, or 403 and nothing written. The signature here is made by the vendor's document alone
(https://www.twilio.com/docs/usage/webhooks/webhooks-security), not by the product's code."""

import base64
import hashlib
import hmac
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.delivery import Draft, begin
from messaging.models import Attempt, Receipt, Sender
from messaging.outcomes import Purpose
from tests.world import NOW, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

SID = "AC" + "0" * 31 + "1"
MESSAGE = "SM" + "0" * 31 + "1"


def an_attempt(world: World, sid: str = SID, token: str = "twilio-token") -> Attempt:
    """An attempt by SMS over the clinic's own account."""
    with in_clinic(world.clinic.pk):
        sender = Sender.objects.create(
            clinic=world.clinic, channel=Channel.SMS, provider="twilio", address="Clinica", username=sid
        )
        sender.set_secret(token)
        sender.save()
        draft = Draft(None, Channel.SMS, Purpose.TEST, "+34600000000", NOW, "", "Hola", "")
        [begun] = begin(world.clinic.pk, sender, [draft], NOW)
        made: Attempt = Attempt.objects.get(pk=begun.attempt_id)
        return made


def form(**changed: str) -> dict[str, str]:
    return {"MessageSid": MESSAGE, "MessageStatus": "delivered", "AccountSid": SID, "To": "+34600000000", **changed}


def signed(url: str, said: dict[str, str], token: str = "twilio-token") -> str:
    text = url + "".join(f"{name}{said[name]}" for name in sorted(said))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def call_back(attempt: Attempt, said: dict[str, Any], signature: str | None = None, name: str = "twilio") -> int:
    path = f"/w/{name}/{attempt.token}"
    if signature is None:
        signature = signed(f"http://127.0.0.1:8000{path}", said)
    headers = {"X-Twilio-Signature": signature} if signature else {}
    return int(Client().post(path, said, headers=headers).status_code)


def stored(attempt: Attempt) -> int:
    with in_clinic(attempt.clinic_id):
        return int(Receipt.objects.count())


def test_a_signed_callback_is_stored_and_answered(world: World) -> None:
    attempt = an_attempt(world)
    assert call_back(attempt, form()) == 204
    with in_clinic(attempt.clinic_id):
        receipt = Receipt.objects.get()
    assert (receipt.state, receipt.provider_ref, receipt.applied_at) == ("delivered", MESSAGE, None)


def test_the_same_callback_again_is_answered_and_not_stored_again(world: World) -> None:
    attempt = an_attempt(world)
    assert [call_back(attempt, form()) for _ in range(5)] == [204] * 5
    assert stored(attempt) == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"signature": ""},
        {"signature": "bm9wZQ=="},
        {"said": {**form(), "MessageStatus": "read"}, "signature": signed("http://127.0.0.1:8000/w/twilio/x", form())},
        {"said": form(AccountSid="AC" + "9" * 32)},
        {"name": "smtp"},
        {"name": "nobody"},
        {"said": {}},
    ],
)  # fmt: skip
def test_what_is_not_the_providers_is_refused_and_writes_nothing(world: World, forged: dict[str, Any]) -> None:
    attempt = an_attempt(world)
    assert call_back(attempt, **{"said": form(), **forged}) == 403
    assert stored(attempt) == 0


def test_a_parameter_that_stands_twice_is_refused(world: World) -> None:
    attempt = an_attempt(world)
    assert call_back(attempt, {**form(), "MessageStatus": ["delivered", "read"]}, signature="bm9wZQ==") == 403
    assert stored(attempt) == 0


@pytest.mark.parametrize(
    "cut_anew",
    [
        # All of them have the letters of the same genuine callback in the same order, so the same signature.
        {"ApiVersion": "2010-04-01ErrorCode30003"},
        {"ApiVersion": "2010-04-01", "E": "rrorCode30003"},
        {"ApiVersion": "2010-04-01", "ErrorCode": "3", "ErrorCode3": "0003"},
        {"ApiVersion": "2010-04-01", "ErrorCode": "", "ErrorCode3": "0003"},
        {"ApiVersion": "", "ApiVersion2010-04-01": "ErrorCode30003"},
    ],
)
def test_the_same_letters_in_other_parameters_are_refused(world: World, cut_anew: dict[str, str]) -> None:
    attempt = an_attempt(world)
    genuine = form(ApiVersion="2010-04-01", ErrorCode="30003", MessageStatus="undelivered")
    others = {name: said for name, said in genuine.items() if name not in ("ApiVersion", "ErrorCode")}
    signature = signed(f"http://127.0.0.1:8000/w/twilio/{attempt.token}", genuine)
    assert call_back(attempt, {**others, **cut_anew}, signature) == 403
    assert stored(attempt) == 0
    assert call_back(attempt, genuine, signature) == 204


@pytest.mark.parametrize("new", [{"NumSegments": "1"}, {"ChannelToAddress": "+34600"}, {"From": "Clinica & Co"}])
def test_a_parameter_that_is_not_known_yet_does_no_harm(world: World, new: dict[str, str]) -> None:
    assert call_back(an_attempt(world), form(**new)) == 204


def test_another_clinics_account_cannot_speak_of_this_clinics_attempt(world: World) -> None:
    own = an_attempt(world)
    other_sid = "AC" + "0" * 31 + "2"
    an_attempt(make_world("otra-clinica"), other_sid, "other-token")
    said = form(AccountSid=other_sid)
    assert call_back(own, said, signed(f"http://127.0.0.1:8000/w/twilio/{own.token}", said, "other-token")) == 403
    assert stored(own) == 0


def test_an_unknown_attempt_is_answered_like_a_forged_one(world: World) -> None:
    said = form()
    path = "/w/twilio/" + "f" * 32
    signature = signed(f"http://127.0.0.1:8000{path}", said)
    assert Client().post(path, said, headers={"X-Twilio-Signature": signature}).status_code == 403


def test_while_the_database_is_away_the_provider_is_asked_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = an_attempt(world)

    def away(cursor: object, tokens: list[str]) -> None:
        raise OperationalError

    monkeypatch.setattr("messaging.callbacks._senders", away)
    assert call_back(attempt, form()) == 503
