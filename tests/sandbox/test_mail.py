"""Are mails read as a mail program reads them?"""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from sandbox.mail import header, read_headers, read_mail


def test_encoded_and_folded_headers_come_out_as_they_were_written() -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Clínica Dental São João <clinic@example.org>"
    mail["Subject"] = "Recordatorio: su cita del miércoles 23 de noviembre a las 10:30 con la doctora Núñez 🦷"
    mail["List-Unsubscribe"] = f"<https://example.org/{'long' * 30}>, <mailto:stop@example.org>"
    mail.set_content("Hola, señora Núñez")
    read = read_mail(mail.as_bytes())
    assert read.headers["Subject"] == mail["Subject"]
    assert read.headers["From"] == "Clínica Dental São João <clinic@example.org>"
    assert read.headers["List-Unsubscribe"].split() == mail["List-Unsubscribe"].split()
    assert (read.text, read.html, read.attachments) == ("Hola, señora Núñez\n", None, ())


def test_both_texts_and_the_attachments_are_found() -> None:
    mail = EmailMessage(policy=SMTP)
    mail.set_content("plain")
    mail.add_alternative("<p>html</p>", subtype="html")
    mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="visit.ics")
    read = read_mail(mail.as_bytes())
    assert (read.text, read.html, read.attachments) == ("plain\n", "<p>html</p>\n", ("visit.ics",))


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        (b"", {}),
        (b"\r\nSubject: in the text\r\n", {}),
        (b"no header at all\r\n", {}),
        (b"subject: a: b\r\n\r\nTo: x\r\n", {"subject": "a: b"}),
        (b"A: 1\r\nA: 2\r\n\r\n", {"A": "1\n2"}),
        (b"A: =?utf-8?b?///?=\r\n\r\n", {"A": "=?utf-8?b?///?="}),
        (b"A: =?none?q?x?=\r\n\r\n", {"A": "=?none?q?x?="}),
        ("A: á\r\n\r\n".encode(), {"A": "á"}),
    ],
)
def test_odd_headers_are_borne(raw: bytes, headers: dict[str, str]) -> None:
    assert read_headers(raw) == headers
    assert header(headers, "SUBJECT") == headers.get("subject", "")
