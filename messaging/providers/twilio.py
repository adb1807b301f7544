"""How does an SMS leave over the clinic's own Twilio account? One call of the vendor's SDK over one pooled client.

Facts are from Twilio's API reference (https://www.twilio.com/docs/messaging/api/message-resource) and its list of
errors (https://www.twilio.com/docs/api/errors). Creating a message takes no idempotency key, so a cut-off call is
ambiguous; the attempt's token in the status callback, and the account's list of messages, tell later what became of it.
"""

from collections.abc import Mapping
from datetime import UTC, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from messaging.channels import HANDED_OVER_BEFORE, Channel
from messaging.outcomes import Accepted, Ambiguous, AttemptState, FailureKind, Phase, SendError
from messaging.providers import Absent, Account, CannotTell, Found, Outgoing, Report, Sought
from messaging.providers.twilio_callback import heard

#: Seconds to connect; to read an answer may take settings.TWILIO_TIMEOUT_SECONDS, most of it the vendor's own work.
CONNECT_SECONDS = 5.0
#: A message may wait in the vendor's queue this long at most, in seconds (ValidityPeriod: 1 to 36,000).
LONGEST_VALIDITY = 36_000
_SHORTEST_VALIDITY = HANDED_OVER_BEFORE[Channel.SMS].total_seconds()

#: The vendor's error codes in our words; any other refusal is of the content.
_KINDS = {
    20429: FailureKind.RATE_LIMITED,
    21611: FailureKind.RATE_LIMITED,  # the sender's queue is full
    20003: FailureKind.AUTH_REFUSED,
    20005: FailureKind.AUTH_REFUSED,  # account not active
    21603: FailureKind.SENDER_REFUSED,
    21606: FailureKind.SENDER_REFUSED,  # From is not a number of this account
    21659: FailureKind.SENDER_REFUSED,
    21660: FailureKind.SENDER_REFUSED,
    21211: FailureKind.ADDRESS_REFUSED,
    21214: FailureKind.ADDRESS_REFUSED,
    21614: FailureKind.ADDRESS_REFUSED,  # not a mobile number
    21635: FailureKind.ADDRESS_REFUSED,  # a landline
    21408: FailureKind.ADDRESS_REFUSED,  # the account does not send to this number's country; others it reaches
    21612: FailureKind.ADDRESS_REFUSED,  # this sender cannot reach this number; others it can
    21610: FailureKind.OPTED_OUT,  # the patient answered STOP to this sender
}


#: What a message's status says (https://www.twilio.com/docs/messaging/api/message-resource#message-status-values).
_STATES = {
    "queued": AttemptState.ACCEPTED,
    "accepted": AttemptState.ACCEPTED,
    "scheduled": AttemptState.ACCEPTED,
    "sending": AttemptState.ACCEPTED,
    "sent": AttemptState.ACCEPTED,
    "delivered": AttemptState.DELIVERED,
    "read": AttemptState.READ,
    "undelivered": AttemptState.FAILED,
    "failed": AttemptState.FAILED,
    "canceled": AttemptState.FAILED,
}

#: Why it was not delivered, by the callback's error code.
_DELIVERY_KINDS = {
    "30003": FailureKind.UNREACHABLE_PHONE,
    "30004": FailureKind.FILTERED,
    "30005": FailureKind.ADDRESS_REFUSED,
    "30006": FailureKind.ADDRESS_REFUSED,
    "30007": FailureKind.FILTERED,
    "30036": FailureKind.TOO_LATE,
    "21610": FailureKind.OPTED_OUT,
}


class TwilioProvider:
    """Sends SMS over Twilio; all clinics share one pool of connections."""

    can_be_asked = True
    reports_delivery = True

    def pace(self, address: str) -> float | None:
        """Numbers of the US and Canada hand over 1 segment a second, other numbers and names 10
        (https://support.twilio.com/hc/en-us/articles/360057082693); a Messaging Service spreads them over its own."""
        if address.startswith("MG"):
            return None
        return 1.0 if address.startswith("+1") else 10.0

    def send(self, account: Account, message: Outgoing, *, attempt_token: str, callback_url: str) -> Accepted:
        """Creates one message; the vendor reports to `callback_url`, which carries the attempt's token.

        Raises SendError where it provably was not created, Ambiguous where the call was cut off after it was written.
        """
        left = int(message.seconds_left())
        if left < _SHORTEST_VALIDITY:  # the decision asked for as much; the call began late
            raise SendError(FailureKind.TOO_LATE, Phase.BEGUN, detail=f"{left} s before its deadline")
        try:
            made = _client(account).messages.create(
                to=message.to,
                body=message.text,
                status_callback=callback_url,
                validity_period=min(left, LONGEST_VALIDITY),
                **_sender(account),
            )
        except TwilioRestException as error:
            raise _refused(error) from error
        except requests.RequestException as error:
            raise _cut_off(error) from error
        return Accepted(provider_ref=made.sid or "", code=str(made.status or ""))

    def find(self, account: Account, sought: Sought) -> Found | Absent | CannotTell:
        """Looks in the account's list for a message that this attempt may have created.

        Matched by address, sender, words and the time of creation: `DateSent` cannot filter, as a queued message has
        none. Two that fit, or a list that does not answer, cannot tell.
        """
        try:
            listed = _client(account).messages.list(to=sought.to, limit=50, **_listed_sender(account))
        except (TwilioRestException, requests.RequestException):
            return CannotTell()
        earliest, latest = sought.called_at - timedelta(seconds=60), sought.called_at + timedelta(minutes=5)
        fits = [
            one
            for one in listed
            if one.direction == "outbound-api"
            and one.body == sought.text
            and one.date_created is not None
            and earliest <= one.date_created.astimezone(UTC) <= latest
            and one.sid not in sought.taken
        ]
        if len(fits) > 1:
            return CannotTell()
        return Found(fits[0].sid or "") if fits else Absent()

    def fetch(self, account: Account, provider_ref: str) -> Report | CannotTell:
        """The message as it stands now. One that is no longer there, or without a status, cannot tell."""
        try:
            there = _client(account).messages(provider_ref).fetch()
        except (TwilioRestException, requests.RequestException):
            return CannotTell()
        return _report(provider_ref, str(there.status or ""), str(there.error_code or "")) or CannotTell()

    def claims(self, form: Mapping[str, list[str]]) -> str:
        """The account that the callback says it comes from."""
        return (form.get("AccountSid") or [""])[0]

    def read_callback(self, account: Account, url: str, form: Mapping[str, list[str]], signature: str) -> Report | None:
        """A status callback in our words; None where it says nothing of use. Raises Forged."""
        said = heard(account, url, form, signature)
        return _report(said.get("MessageSid", ""), said.get("MessageStatus", ""), said.get("ErrorCode", ""))


def _report(sid: str, status: str, code: str) -> Report | None:
    """A message's status in our words; told by a callback or by a look, it is the same event."""
    state = _STATES.get(status)
    if state is None or not sid:
        return None
    failure = _DELIVERY_KINDS.get(code, FailureKind.UNDELIVERED) if state is AttemptState.FAILED else None
    return Report(f"{sid}:{status}:{code}", state, sid, failure, code)


def _sender(account: Account) -> dict[str, str]:
    if account.address.startswith("MG"):  # a Messaging Service instead of one number or name
        return {"messaging_service_sid": account.address}
    return {"from_": account.address}


def _listed_sender(account: Account) -> dict[str, str]:
    return {} if account.address.startswith("MG") else {"from_": account.address}


def _client(account: Account) -> Client:
    """The SDK's thin wrapper around the one shared pool of connections."""
    return Client(account.username, account.secret, http_client=_http())


class _Http(TwilioHttpClient):  # type: ignore[misc]  # the SDK is untyped
    """The SDK's HTTP client, with both time-outs, no retries, and another base address where the settings name one."""

    def __init__(self) -> None:
        super().__init__(pool_connections=True)
        # The SDK's own check knows one number only; requests takes the pair.
        self.timeout = (CONNECT_SECONDS, settings.TWILIO_TIMEOUT_SECONDS)
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=64, max_retries=0)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)

    def request(self, method: str, url: str, *rest: Any, **options: Any) -> Response:
        """One request."""
        if settings.TWILIO_BASE_URL:
            base, asked = urlsplit(settings.TWILIO_BASE_URL), urlsplit(url)
            url = urlunsplit((base.scheme, base.netloc, asked.path, asked.query, ""))
        return super().request(method, url, *rest, **options)


@cache
def _http() -> _Http:
    return _Http()


def _refused(error: TwilioRestException) -> Exception:
    """Our word for an answer that is an error. 429 was never processed; of a 5xx nobody can say."""
    code = error.code or error.status
    if error.status >= 500:
        return Ambiguous(Phase.REPLY, f"HTTP {error.status}")
    kind = FailureKind.RATE_LIMITED if error.status == 429 else _KINDS.get(code, FailureKind.CONTENT_REFUSED)
    if error.status == 401:
        kind = FailureKind.AUTH_REFUSED
    return SendError(kind, Phase.REPLY, str(code), error.msg)


def _cut_off(error: requests.RequestException) -> Exception:
    """Before a connection stood nothing was sent; afterwards nobody can say."""
    causes = (NewConnectionError, NameResolutionError, ConnectTimeoutError)
    inner = getattr(error.args[0], "reason", error.args[0]) if error.args else None
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError) or isinstance(inner, causes):
        return SendError(FailureKind.UNREACHABLE, Phase.CONNECT, detail=type(error).__name__)
    return Ambiguous(Phase.DATA, type(error).__name__)
