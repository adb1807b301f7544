"""How does Twilio tell of a status? A signed form, posted to the address that the message was created with.

Sources: "Webhooks security" (signature), "Webhooks: connection overrides" (5 s to connect, 15 s to read, one retry
when the connection fails, none for an answer that is an error), "Track outbound message status" (parameters).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import sqlite3
import time
from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp
from yarl import URL

from sandbox.clock import Clock
from sandbox.sms.record import Called, SmsRecord

API_VERSION = "2010-04-01"
_TRIES = 2
_CONNECTIONS = 64  # at a time
#: Shorter than the two seconds after which web servers drop an idle connection: none is used that just went.
_KEEP_SECONDS = 1.0
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=15)
#: What is tried once more. A connection that breaks after the form went out is not: it may have been heard.
_CONNECTION_FAILED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def sign(token: str, url: str, parameters: Mapping[str, str]) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1, keyed by the account's token, over the URL and after it every
    parameter's name and value, in the order of the names."""
    signed = url + "".join(name + parameters[name] for name in sorted(parameters))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def parameters(message: sqlite3.Row, status: str) -> dict[str, str]:
    """What a callback says of a message that has come to this status."""
    said = {
        "MessageSid": message["sid"],
        "SmsSid": message["sid"],
        "MessageStatus": status,
        "SmsStatus": status,
        "To": message["recipient"],
        "From": message["sender"],
        "AccountSid": message["account"],
        "ApiVersion": API_VERSION,
    }
    if message["service"] is not None:
        said["MessagingServiceSid"] = message["service"]
    if status in {"undelivered", "failed"} and message["fate"] is not None:
        said["ErrorCode"] = str(message["fate"])
    if status in {"delivered", "undelivered"}:  # only these come from a carrier's receipt
        said["RawDlrDoneDate"] = time.strftime("%y%m%d%H%M", time.gmtime())
    return said


class Poster:
    """Posts callbacks over kept connections and records how each went."""

    def __init__(self, record: SmsRecord, clock: Clock, token: str) -> None:
        self._record = record
        self._clock = clock
        self._token = token
        self._http: aiohttp.ClientSession | None = None

    async def post(self, message: sqlite3.Row, status: str) -> None:
        """Tell of a status. Whatever becomes of it is recorded; nothing is raised."""
        url = message["callback"].partition("#")[0]
        said = parameters(message, status)
        headers = {
            "X-Twilio-Signature": sign(self._token, url, said),
            "I-Twilio-Idempotency-Token": str(uuid4()),
            "User-Agent": "TwilioProxy/1.1",
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        }
        answered, error, tries = None, None, 0
        while tries < _TRIES:
            tries += 1
            try:
                answered, error = await self._send(url, urlencode(said), headers), None
                break
            except _CONNECTION_FAILED as failure:
                error = type(failure).__name__
            except (aiohttp.ClientError, TimeoutError, ValueError) as failure:
                error = type(failure).__name__
                break
        call = Called(message["sid"], status, url, tries, answered, error)
        self._record.called(self._clock.stamp(), call)

    async def close(self) -> None:
        """Let the connections go."""
        if self._http is not None:
            await self._http.close()

    async def _send(self, url: str, body: str, headers: Mapping[str, str]) -> int:
        if self._http is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_KEEP_SECONDS)
            self._http = aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT)
        # `encoded`: the address goes out letter for letter as it was signed. No redirect: it may lead off this machine.
        target = URL(url, encoded=True)
        async with self._http.post(target, data=body, headers=headers, allow_redirects=False) as answer:
            await answer.read()
            return answer.status
