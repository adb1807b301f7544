"""How is a raw mail read? Headers and texts, for the record's readers and for the mailbox pages."""

from __future__ import annotations

from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.policy import default

_TEXTS = ("plain", "html")


@dataclass(frozen=True)
class Mail:
    """A mail as a patient reads it. `text` and `html` are None where the mail has no such part."""

    headers: dict[str, str]
    text: str | None
    html: str | None
    attachments: tuple[str, ...]

    def header(self, name: str) -> str:
        """A header's value, empty where it is missing; the name in any case."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


def read_headers(raw: bytes) -> dict[str, str]:
    """The headers, decoded; one that comes several times has its values on lines of their own."""
    return _headers(BytesHeaderParser(_class=EmailMessage, policy=default).parsebytes(raw))


def read_mail(raw: bytes) -> Mail:
    """The whole mail. Never raises for a broken one: what can be read is given."""
    message = BytesParser(_class=EmailMessage, policy=default).parsebytes(raw)
    plain, html = (_text(message, kind) for kind in _TEXTS)
    names = tuple(
        part.get_filename() or part.get_content_type()
        for part in message.walk()
        if part.get_content_disposition() == "attachment" or _is_calendar(part)
    )
    return Mail(_headers(message), plain, html, names)


def _headers(message: EmailMessage) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name in message.keys():  # noqa: SIM118 - a message iterates over names, but types do not know it
        if name in headers:
            continue
        try:
            headers[name] = "\n".join(str(value) for value in message.get_all(name, []))
        except (
            MessageError,
            ValueError,
            IndexError,
            AttributeError,
        ):  # the parser trips over malformed headers
            headers[name] = "(unreadable)"
    return headers


def _text(message: EmailMessage, kind: str) -> str | None:
    try:
        part = message.get_body(preferencelist=(kind,))
        content = None if part is None else part.get_content()
    except (LookupError, ValueError, MessageError):  # an unknown character set, or a multipart that is none
        return None
    return content if isinstance(content, str) else None


def _is_calendar(part: object) -> bool:
    return isinstance(part, EmailMessage) and part.get_content_type() == "text/calendar"
