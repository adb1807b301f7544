"""Is a status callback really Twilio's, for this account, and as it was signed?

The signature (https://www.twilio.com/docs/usage/webhooks/webhooks-security) is made over the URL and all parameters in
a row. So it can tell neither one value from a repeated one nor a=1&b=2 from a=1b2: the parameters themselves are looked
at as well (https://www.twilio.com/docs/messaging/guides/track-outbound-message-status).
"""

import re
from collections.abc import Mapping

from twilio.request_validator import RequestValidator

from messaging.providers import Account, Forged

_SENT = r"(SM|MM)[0-9a-f]{32}"
#: What is always told, and in which form. A form leaves no room for a parameter that was taken in by another.
_ALWAYS = {
    "MessageSid": re.compile(_SENT),
    "MessageStatus": re.compile(r"[a-z]{4,20}"),
    "To": re.compile(r"([a-z]+:)?\+?[0-9A-Za-z]{3,20}"),
}
_SOMETIMES = {
    "SmsSid": re.compile(_SENT),
    "SmsStatus": re.compile(r"[a-z]{4,20}"),
    "From": re.compile(r"([a-z]+:)?\+?[0-9A-Za-z &_-]{1,20}"),
    "ApiVersion": re.compile(r"\d{4}-\d\d-\d\d"),
    "ErrorCode": re.compile(r"\d{0,6}"),
    "MessagingServiceSid": re.compile(r"(MG[0-9a-f]{32})?"),
    "RawDlrDoneDate": re.compile(r"\d{0,14}"),
}
_FORMS = _ALWAYS | _SOMETIMES
#: A parameter that is not known here may come any day. It must look like one, and hide none of the known ones.
_NAME = re.compile(r"[A-Z][A-Za-z]{2,39}")
_HIDDEN = re.compile("|".join([*(name for name in _FORMS if name not in ("To", "From")), "AccountSid"]))


def heard(account: Account, url: str, form: Mapping[str, list[str]], signature: str) -> Mapping[str, str]:
    """What the callback says, by parameter. Raises Forged."""
    if any(len(said) != 1 for said in form.values()):
        raise Forged("a parameter stands twice")
    said = {name: values[0] for name, values in form.items()}
    if not RequestValidator(account.secret).validate(url, said, signature):
        raise Forged("the signature is not the account's")
    if said.get("AccountSid") != account.username:
        raise Forged("another account's callback")
    if _ALWAYS.keys() - said.keys() or not all(_is_whole(name, value) for name, value in said.items()):
        raise Forged("the parameters are not as they were signed")
    return said


def _is_whole(name: str, value: str) -> bool:
    """Whether a parameter is one, and has not taken in another."""
    if name in _FORMS:
        return _FORMS[name].fullmatch(value) is not None
    return name == "AccountSid" or bool(_NAME.fullmatch(name) and not _HIDDEN.search(name + value))
