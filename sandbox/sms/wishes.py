"""What does a request ask to be sent, and may it be asked so? The parameters of a new message, judged as Twilio does.

Sources: "Messages resource" (parameters), "Test credentials" (the magic numbers), the error dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from sandbox.sms.refusals import Refused

_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)  # E.164
_SHORT_CODE = re.compile(r"\d{3,8}", re.ASCII)
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +\-_&]{1,11}")  # an alphanumeric sender id
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_LONGEST_BODY = 1600
_LONGEST_URL = 4000
_LONGEST_VALIDITY = 36_000  # seconds
#: Numbers that always fail: the test credentials' magic inputs.
_MAGIC_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
_MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}


@dataclass(frozen=True)
class Wish:
    """A message to send. Of `sender` and `service` at least one is given."""

    recipient: str
    sender: str | None
    service: str | None
    body: str
    callback: str | None
    validity: int | None  # seconds


def read_wish(form: Mapping[str, str]) -> Wish:
    """The wish in a request's parameters. Raises Refused."""
    recipient, sender = form.get("To", "").strip(), form.get("From", "").strip() or None
    service = form.get("MessagingServiceSid", "").strip() or None
    if not recipient:
        raise Refused(21604)
    if recipient in _MAGIC_TO or not _PHONE.fullmatch(recipient):
        raise Refused(_MAGIC_TO.get(recipient, 21211), recipient)
    if service is not None and not _SERVICE.fullmatch(service):
        raise Refused(21705, service)
    if sender is not None:
        _judge_sender(sender, recipient)
    elif service is None:
        raise Refused(21603)
    body = form.get("Body", "")
    if not body:
        raise Refused(21602)
    if len(body) > _LONGEST_BODY:
        raise Refused(21617)
    return Wish(recipient, sender, service, body, _callback(form), _validity(form))


def _judge_sender(sender: str, recipient: str) -> None:
    if sender in _MAGIC_FROM:
        raise Refused(_MAGIC_FROM[sender], sender)
    if not any(form.fullmatch(sender) for form in (_PHONE, _SHORT_CODE, _NAME)):
        raise Refused(21212, sender)
    if sender == recipient:
        raise Refused(21266, sender)


def _callback(form: Mapping[str, str]) -> str | None:
    """Twilio refuses what it cannot reach; this sandbox's world is this machine, and it calls nobody else."""
    url = form.get("StatusCallback", "").strip()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        reachable = parts.scheme in {"http", "https"} and _here(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that do not close
        reachable = False
    if not reachable or len(url) > _LONGEST_URL or not url.isprintable():
        raise Refused(21609, url)
    return url


def _here(host: str | None) -> bool:
    if host is None or host == "localhost":
        return host is not None
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def _validity(form: Mapping[str, str]) -> int | None:
    given = form.get("ValidityPeriod", "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= 5 and 1 <= int(given) <= _LONGEST_VALIDITY):
        raise Refused(21624, given)
    return int(given)
