"""Does the sandbox speak the Messages API so that the vendor's own client is content?"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.base.exceptions import TwilioRestException

from .client import PASSWORD, Answer, Running
from .sms_client import ACCOUNT, ANA, BO, CLINIC, OTHER_ACCOUNT, SERVICE, arrived, client, refused, send, taken

PLACE = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def basic(account: str = ACCOUNT, token: str = PASSWORD) -> dict[str, str]:
    """The header of HTTP basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()}


def post(sandbox: Running, **form: str) -> Answer:
    """A new message as it goes over the wire."""
    return sandbox.ask("POST", PLACE, urlencode(form).encode(), basic())


def test_a_new_message_is_queued_and_shown_as_documented(sandbox: Running) -> None:
    message = send(sandbox, body="Olá", validity_period=600)
    assert message.sid is not None
    assert (len(message.sid), message.sid[:2], message.account_sid) == (34, "SM", ACCOUNT)
    assert (message.status, message.direction, message.num_segments) == ("queued", "outbound-api", "1")
    assert (message.to, message.from_, message.body) == (ANA, CLINIC, "Olá")
    assert (message.price, message.price_unit, message.error_code, message.date_sent) == (None, "USD", None, None)
    assert message.date_created is not None
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=10)
    [recorded] = taken(sandbox)
    assert (recorded["sid"], recorded["answered"], recorded["validity"]) == (message.sid, 201, 600)


def test_dates_are_rfc_2822_in_gmt(sandbox: Running) -> None:
    answer = post(sandbox, To=ANA, From=CLINIC, Body="Hello")
    assert answer.status == 201
    created = answer.json["date_created"]
    assert created.endswith(" +0000")
    assert datetime.strptime(created, "%a, %d %b %Y %H:%M:%S %z").tzinfo is not None


def test_a_message_comes_to_be_delivered(sandbox: Running) -> None:
    message = send(sandbox)
    arrived(sandbox)
    later = message.fetch()
    assert (later.status, later.error_code) == ("delivered", None)
    assert later.date_sent is not None


def test_a_messaging_service_accepts_first_and_chooses_a_sender_then(sandbox: Running) -> None:
    message = send(sandbox, messaging_service_sid=SERVICE)
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
    arrived(sandbox)
    later = message.fetch()
    assert (later.status, later.num_segments, later.messaging_service_sid) == ("delivered", "1", SERVICE)
    assert later.from_ is not None
    assert later.from_.startswith("+1500555")


def test_what_is_unknown_is_not_found(sandbox: Running) -> None:
    message = send(sandbox)
    for account, sid in ((ACCOUNT, "SM" + "0" * 32), (OTHER_ACCOUNT, str(message.sid))):
        with pytest.raises(TwilioRestException) as missing:
            client(sandbox, account).messages(sid).fetch()
        assert (missing.value.status, missing.value.code) == (404, 20404)
    assert sandbox.ask("POST", "/2010-04-01/Accounts/x/Calls.json", b"", basic()).json["code"] == 20404


@pytest.mark.parametrize(
    ("account", "token"),
    [(ACCOUNT, "wrong"), (ACCOUNT, ""), ("AC123", PASSWORD), ("XX" + "0" * 32, PASSWORD)],
)
def test_wrong_credentials_are_told_so(sandbox: Running, account: str, token: str) -> None:
    answer = sandbox.ask("POST", f"/2010-04-01/Accounts/{account}/Messages.json", b"", basic(account, token))
    assert answer.status == 401
    assert answer.json == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }
    assert taken(sandbox) == []
    assert [(row["request"], row["account"], row["code"]) for row in refused(sandbox)] == [("create", account, 20003)]


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Bearer x", "Basic " + base64.b64encode(b"x").decode()])
def test_no_credentials_at_all_are_told_so(sandbox: Running, header: str) -> None:
    for method, place in (("GET", PLACE), ("GET", f"/2010-04-01/Accounts/{ACCOUNT}.json"), ("POST", PLACE)):
        assert sandbox.ask(method, place, headers={"Authorization": header}).status == 401


def test_an_account_does_not_open_another(sandbox: Running) -> None:
    assert sandbox.ask("GET", PLACE, headers=basic(OTHER_ACCOUNT)).status == 401


def test_the_account_can_be_fetched_to_try_its_credentials(sandbox: Running) -> None:
    account = client(sandbox).api.accounts(ACCOUNT).fetch()
    assert (account.sid, account.status) == (ACCOUNT, "active")


LONG_URL = "http://127.0.0.1/" + "x" * 4000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "600111222"}, 21211),
        ({"To": "+34600a11222"}, 21211),
        ({"To": "whatsapp:+34600111222"}, 21211),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
        ({"From": ""}, 21603),
        ({"From": "TwelveLetter"}, 21212),
        ({"From": "Clínica"}, 21212),
        ({"From": "+15005550001"}, 21212),
        ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611),
        ({"From": ANA}, 21266),
        ({"MessagingServiceSid": "MG1"}, 21705),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"StatusCallback": "ftp://127.0.0.1/"}, 21609),
        ({"StatusCallback": "http://[::1/"}, 21609),
        ({"StatusCallback": "http://198.51.100.7/hook"}, 21609),
        ({"StatusCallback": "http://localhost.example.org/hook"}, 21609),
        ({"StatusCallback": LONG_URL}, 21609),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"ValidityPeriod": "1h"}, 21624),
    ],
)
def test_what_the_vendor_refuses_is_refused_with_its_code(sandbox: Running, change: dict[str, str], code: int) -> None:
    answer = post(sandbox, **{"To": ANA, "From": CLINIC, "Body": "Hello"} | change)
    assert (answer.json["code"], answer.json["status"]) == (code, answer.status)
    assert answer.json["more_info"].endswith(f"/{code}")
    assert answer.status == (429 if code == 21611 else 400)
    [row] = refused(sandbox)
    assert (row["code"], row["answered"], row["fault"]) == (code, answer.status, None)
    assert taken(sandbox) == []


def test_the_client_raises_what_the_error_says(sandbox: Running) -> None:
    with pytest.raises(TwilioRestException) as wrong:
        send(sandbox, to="12345")
    assert (wrong.value.status, wrong.value.code) == (400, 21211)
    assert "12345" in wrong.value.msg


@pytest.mark.parametrize("sender", ["+15005550006", "+34910000000", "12345", "Dr Sol 24h", "A&B_c-d+e"])
def test_senders_of_every_form_are_taken(sandbox: Running, sender: str) -> None:
    assert send(sandbox, from_=sender).from_ == sender


def test_a_list_shows_the_newest_first_and_filters(sandbox: Running) -> None:
    first, second = send(sandbox, body="one"), send(sandbox, BO, "two", from_="Other")
    third = send(sandbox, body="three", from_="Other")
    messages = client(sandbox).messages
    assert [message.sid for message in messages.list()] == [third.sid, second.sid, first.sid]
    assert [message.body for message in messages.list(to=ANA)] == ["three", "one"]
    assert [message.body for message in messages.list(to=ANA, from_="Other")] == ["three"]
    assert client(sandbox, OTHER_ACCOUNT).messages.list() == []


def test_a_list_filters_by_the_day_and_the_moment_of_sending(sandbox: Running) -> None:
    send(sandbox)
    arrived(sandbox)
    now, day, messages = datetime.now(UTC), timedelta(days=1), client(sandbox).messages

    def found(**filters: Any) -> int:
        return len(messages.list(**filters))

    assert found(date_sent=now.date()) == 1
    assert found(date_sent=now.date() - day) == 0
    assert (found(date_sent_after=now - day), found(date_sent_after=now + day)) == (1, 0)
    assert (found(date_sent_before=now + day), found(date_sent_before=now - day)) == (1, 0)


def test_a_long_list_comes_in_pages_that_new_messages_do_not_shift(sandbox: Running) -> None:
    api = client(sandbox)
    sent = [api.messages.create(to=ANA, from_=CLINIC, body=f"{number}").sid for number in range(7)]
    api.messages.create(to=BO, from_=CLINIC, body="another's")
    page = api.messages.page(to=ANA, page_size=3)
    seen = [message.sid for message in page]
    send(sandbox, body="newer")
    while (following := page.next_page()) is not None:
        page = following
        seen += [message.sid for message in page]
    assert seen == sent[::-1]
    first = sandbox.ask("GET", f"{PLACE}?To=%2B34600111222&PageSize=3", headers=basic()).json
    assert (first["page"], first["page_size"], first["start"], first["end"]) == (0, 3, 0, 2)
    assert first["previous_page_uri"] is None
    assert "To=%2B34600111222" in first["next_page_uri"]


def test_the_api_is_not_for_pages_of_other_names(sandbox: Running) -> None:
    assert sandbox.ask("GET", PLACE, headers={**basic(), "Host": "evil.example"}).status == 403
