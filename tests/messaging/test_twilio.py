"""The way of one SMS through the vendor's SDK, against a sandbox that answers, refuses, hangs and resets on command."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from messaging.outcomes import ACCOUNT_FAULTS, Accepted, Ambiguous, AttemptState, FailureKind, Phase, SendError
from messaging.providers import Absent, Account, CannotTell, Found, Outgoing, Report, Sought, provider
from messaging.providers import twilio as module
from sandbox.server import Sandbox

SID = "AC" + "0123456789abcdef" * 2
HOOK = "http://127.0.0.1:9/w/twilio/token"


@pytest.fixture
def vendor(settings: Any, mail_server: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The sandbox in the vendor's place, with short time-outs."""
    settings.TWILIO_BASE_URL = f"http://127.0.0.1:{mail_server.http_port}"
    settings.TWILIO_TIMEOUT_SECONDS = 1.5
    monkeypatch.setattr(module, "CONNECT_SECONDS", 1.0)
    module._http.cache_clear()
    mail_server.faults.clear()
    yield mail_server
    mail_server.faults.clear()
    module._http.cache_clear()


def account(**changed: Any) -> Account:
    values = {"key": "1/1", "provider": "twilio", "address": "Clinica", "display_name": "", "host": "", "port": 0,
              "security": "none", "username": SID, "secret": "secreto"}  # fmt: skip
    return Account(**{**values, **changed})


def a_number() -> str:
    """One that no other test writes to."""
    return f"+346{uuid4().int % 10**8:08}"


def outgoing(to: str, seconds: float = 3600) -> Outgoing:
    return Outgoing("t" * 32, to, "", "Hola, Ana: le esperamos mañana.", "", useless_at=time.monotonic() + seconds)


def send(to: str, **changed: Any) -> Accepted:
    return provider("twilio").send(account(**changed), outgoing(to), attempt_token="t", callback_url=HOOK)


def taken(vendor: Sandbox, to: str) -> list[dict[str, Any]]:
    return [message for message in vendor.sms() if message["recipient"] == to]


def sought(to: str, refs: frozenset[str] = frozenset()) -> Sought:
    return Sought(to, outgoing(to).text, datetime.now(UTC), refs)


@pytest.mark.feature(65)
def test_a_text_message_is_taken_over_with_its_callback_and_the_time_it_is_of_use(vendor: Sandbox) -> None:
    to = a_number()
    accepted = send(to)
    [message] = taken(vendor, to)
    assert (accepted.provider_ref, message["body"]) == (message["sid"], outgoing(to).text)
    assert (message["callback"], message["sender"]) == (HOOK, "Clinica")
    assert 3590 <= int(message["validity"]) <= 3600


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("sms_429", FailureKind.RATE_LIMITED),
        ("sms_21211", FailureKind.ADDRESS_REFUSED),
        ("sms_21614", FailureKind.ADDRESS_REFUSED),
        ("sms_21610", FailureKind.OPTED_OUT),
        ("sms_21606", FailureKind.SENDER_REFUSED),
    ],
)
def test_a_refusal_is_told_in_our_words_with_the_vendors_code(vendor: Sandbox, fault: str, kind: FailureKind) -> None:
    to = a_number()
    vendor.faults.command({"fault": fault, "recipient": to})
    with pytest.raises(SendError) as caught:
        send(to)
    assert (caught.value.failed.kind, caught.value.failed.phase) == (kind, Phase.REPLY)
    assert caught.value.failed.code in (fault.removeprefix("sms_"), "20429")
    assert taken(vendor, to) == []


@pytest.mark.parametrize(("magic", "code"), [("+15005550003", "21408"), ("+15005550002", "21612")])
def test_a_number_that_cannot_be_reached_is_no_fault_of_the_account(vendor: Sandbox, magic: str, code: str) -> None:
    with pytest.raises(SendError) as caught:
        send(magic)
    assert (caught.value.failed.code, caught.value.failed.kind) == (code, FailureKind.ADDRESS_REFUSED)
    assert caught.value.failed.kind not in ACCOUNT_FAULTS


@pytest.mark.parametrize("way", ["500", "timeout", "reset"])
@pytest.mark.parametrize("sent", [True, False])
def test_what_may_have_been_sent_is_ambiguous_and_the_list_tells_which(vendor: Sandbox, way: str, sent: bool) -> None:
    to = a_number()
    vendor.faults.command({"fault": f"sms_{way}_{'sent' if sent else 'not_sent'}", "recipient": to, "seconds": 3}
                          if way == "timeout" else
                          {"fault": f"sms_{way}_{'sent' if sent else 'not_sent'}", "recipient": to})  # fmt: skip
    with pytest.raises(Ambiguous):
        send(to)
    vendor.faults.clear()
    answer = provider("twilio").find(account(), sought(to))
    assert answer == (Found(taken(vendor, to)[0]["sid"]) if sent else Absent())


def test_no_log_shows_whom_a_search_was_for(vendor: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    to = a_number()
    provider("twilio").find(account(), sought(to))
    assert to.removeprefix("+") not in caplog.text


def test_where_nobody_listens_it_was_provably_not_sent(vendor: Sandbox, settings: Any) -> None:
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(SendError) as caught:
        send(a_number())
    assert (caught.value.failed.kind, caught.value.failed.phase) == (FailureKind.UNREACHABLE, Phase.CONNECT)


def test_a_wrong_token_is_the_clinics_matter(vendor: Sandbox) -> None:
    with pytest.raises(SendError) as caught:
        send(a_number(), secret="wrong")
    assert caught.value.failed.kind is FailureKind.AUTH_REFUSED


def test_what_could_only_arrive_too_late_is_not_handed_over(vendor: Sandbox) -> None:
    to = a_number()
    with pytest.raises(SendError) as caught:
        provider("twilio").send(account(), outgoing(to, 59), attempt_token="t", callback_url=HOOK)
    assert caught.value.failed.kind is FailureKind.TOO_LATE
    assert taken(vendor, to) == []


def test_a_message_of_another_attempt_is_not_taken_for_this_one(vendor: Sandbox) -> None:
    to = a_number()
    other = send(to)
    assert provider("twilio").find(account(), sought(to, frozenset({other.provider_ref}))) == Absent()


def test_two_that_fit_cannot_tell(vendor: Sandbox) -> None:
    to = a_number()
    send(to), send(to)
    assert provider("twilio").find(account(), sought(to)) == CannotTell()


def test_an_old_message_with_the_same_words_is_not_this_one(vendor: Sandbox) -> None:
    to = a_number()
    send(to)
    later = Sought(to, outgoing(to).text, datetime.now(UTC) + timedelta(minutes=10), frozenset())
    assert provider("twilio").find(account(), later) == Absent()


def test_where_the_list_does_not_answer_nobody_can_tell(vendor: Sandbox, settings: Any) -> None:
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    assert provider("twilio").find(account(), sought(a_number())) == CannotTell()


def fetched(reference: str, wanted: AttemptState, **changed: Any) -> Report:
    """What a look at the message says once it says that; fails after ten seconds."""
    until = time.monotonic() + 10
    while True:
        said = provider("twilio").fetch(account(**changed), reference)
        if isinstance(said, Report) and said.state is wanted:
            return said
        assert time.monotonic() < until, said


@pytest.mark.feature("B14")
def test_a_message_that_was_taken_over_can_be_looked_up_and_tells_what_its_callback_tells(vendor: Sandbox) -> None:
    reference = send(a_number()).provider_ref
    said = fetched(reference, AttemptState.DELIVERED)
    assert said == Report(f"{reference}:delivered:", AttemptState.DELIVERED, reference)


def test_a_look_tells_why_it_was_not_delivered(vendor: Sandbox) -> None:
    to = a_number()
    vendor.faults.command({"fault": "sms_undelivered", "recipient": to, "code": 30003})
    reference = send(to).provider_ref
    said = fetched(reference, AttemptState.FAILED)
    assert (said.event, said.failure) == (f"{reference}:undelivered:30003", FailureKind.UNREACHABLE_PHONE)


def test_where_the_look_meets_nobody_nothing_or_a_refusal_it_cannot_tell(vendor: Sandbox, settings: Any) -> None:
    reference = send(a_number()).provider_ref
    assert provider("twilio").fetch(account(), "SM" + "0" * 32) == CannotTell()
    assert provider("twilio").fetch(account(secret="wrong"), reference) == CannotTell()
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    assert provider("twilio").fetch(account(), reference) == CannotTell()
