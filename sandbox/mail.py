"""How is a raw mail read? Headers and texts, for the record's readers and for the mailbox pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

_FOLD = re.compile(r"\r\n(?=[ \t])")


@dataclass(frozen=True)
class Mail:
    """A mail as a patient reads it. `text` and `html` are None where the mail has no such part."""

    headers: dict[str, str]
    text: str | None
    html: str | None
    attachments: tuple[str, ...]


def read_headers(raw: bytes) -> dict[str, str]:
    """The headers, decoded; one that comes several times has its values on lines of their own.

    By hand: a campaign reads them of some ten thousand mails, and the library's parser takes a millisecond each.
    """
    head = b"" if raw.startswith(b"\r\n") else raw.partition(b"\r\n\r\n")[0]
    headers: dict[str, str] = {}
    for line in _FOLD.sub("", head.decode("utf-8", "replace")).split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            decoded = _decode(value.strip())
            headers[name] = f"{headers[name]}\n{decoded}" if name in headers else decoded
    return headers


def header(headers: dict[str, str], name: str) -> str:
    """A header's value, empty where it is missing; the name in any case."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def read_mail(raw: bytes) -> Mail:
    """The whole mail. Never raises for a broken one: what can be read is given."""
    message = BytesParser(_class=EmailMessage, policy=default).parsebytes(raw)
    names = tuple(part.get_filename() or part.get_content_type() for part in message.walk() if _attached(part))
    return Mail(read_headers(raw), _text(message, "plain"), _text(message, "html"), names)


def _decode(value: str) -> str:
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, LookupError, ValueError):  # not what RFC 2047 describes: shown as it came
        return value


def _text(message: EmailMessage, kind: str) -> str | None:
    try:
        part = message.get_body(preferencelist=(kind,))
        content = None if part is None else part.get_content()
    except (LookupError, ValueError, MessageError):  # an unknown character set, or a multipart that is none
        return None
    return content.replace("\r\n", "\n") if isinstance(content, str) else None


def _attached(part: object) -> bool:
    return isinstance(part, EmailMessage) and (
        part.get_content_disposition() == "attachment" or part.get_content_type() == "text/calendar"
    )
