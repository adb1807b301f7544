"""How a message looks on the wire: everything comes out as it went in, and nothing smuggles a header in."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.outcomes import FailureKind, SendError
from messaging.providers import Account, Outgoing
from messaging.providers.mime import message_id, mime_bytes
from messaging.providers.smtp import SmtpProvider


def account(name: str = "Clínica Prueba", address: str = "citas@clinica.example") -> Account:
    return Account("1/1", "smtp", address, name, "localhost", 587, "starttls", "user", "secret")


def outgoing(
    subject: str = "Su cita", text: str = "Hola\n", html: str = "", to: str = "ana@correo.example"
) -> Outgoing:
    return Outgoing("f" * 32, to, subject, text, html)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


#: What may stand in a name or subject (clinics.plain_text refuses the rest at entry), tidied of double spaces.
words = (
    st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=120)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)


@settings(max_examples=300, deadline=None)
@given(words)
def test_any_subject_comes_out_as_it_went_in(subject: str) -> None:
    assert parsed(mime_bytes(account(), outgoing(subject)))["Subject"] == subject


@settings(max_examples=300, deadline=None)
@given(words)
def test_any_name_comes_out_as_it_went_in(name: str) -> None:
    raw = message_from_bytes(mime_bytes(account(name), outgoing()))["From"]
    # The library's own reading of names keeps the space between encoded words that RFC 2047 6.2 says to drop.
    shown, address = parseaddr(raw)
    found = str(make_header(decode_header(shown)))
    # It also drops a space where it breaks a very long name between two encoded words.
    assert found == name if len(name) <= 20 else found.replace(" ", "") == name.replace(" ", "")
    assert address == "citas@clinica.example"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=400), words)
def test_any_text_and_html_come_out_as_they_went_in(line: str, name: str) -> None:
    text = f"Hola, {name}:\n\n{line}\n.\n..punto\n"
    mail = parsed(mime_bytes(account(), outgoing(text=text, html=f"<p>{line}</p>")))
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == text
    assert html.get_content().rstrip("\r\n") == f"<p>{line}</p>"


@settings(max_examples=100, deadline=None)
@given(words, st.text(max_size=200))
def test_no_line_on_the_wire_is_longer_than_smtp_allows(subject: str, text: str) -> None:
    text = text.encode(errors="replace").decode()
    raw = mime_bytes(account(), outgoing(subject, text * 20, f"<p>{text * 20}</p>"))
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


INJECTIONS = ["X\r\nBcc: all@example.org", "X\nBcc: all@example.org", "X\rBcc: a@b.example", "X\u2028Bcc: a", "X\x85Y"]


@pytest.mark.parametrize("words", INJECTIONS)
def test_a_line_break_in_a_subject_is_refused(words: str) -> None:
    with pytest.raises(ValueError):
        mime_bytes(account(), outgoing(words))


@pytest.mark.parametrize("words", INJECTIONS[:3])
def test_a_line_break_in_a_name_is_refused(words: str) -> None:
    with pytest.raises(ValueError):
        mime_bytes(account(words), outgoing())


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: x@y.example", "", "nobody", "a@b@c", "<a@b>"])
def test_an_address_that_is_none_is_refused_before_any_connection(address: str) -> None:
    with pytest.raises(SendError) as refused:
        SmtpProvider().send(account(), outgoing(to=address), attempt_token="t", callback_url="")
    assert refused.value.failed.kind is FailureKind.CONTENT_REFUSED


def test_the_message_id_is_the_messages_token_at_the_senders_domain_on_every_try() -> None:
    first, second = (parsed(mime_bytes(account(), outgoing(text=text))) for text in ("one\n", "two\n"))
    assert first["Message-ID"] == second["Message-ID"] == f"<{'f' * 32}@clinica.example>"
    assert message_id(account(), outgoing()) == first["Message-ID"]


def test_it_has_both_texts_a_date_and_asks_no_machine_to_answer() -> None:
    mail = parsed(mime_bytes(account(), outgoing(html="<p>Hola</p>")))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert (mail["Auto-Submitted"], mail["To"]) == ("auto-generated", "ana@correo.example")
    assert mail["Date"].datetime is not None


def test_neither_secret_nor_words_show_in_a_repr() -> None:
    shown = repr(account()) + repr(outgoing("Su cita", "Hola, Lucía"))
    assert not [word for word in ("secret'", "ana@", "Lucía", "cita'") if word in shown]
