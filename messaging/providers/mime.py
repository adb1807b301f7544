"""How does a message look on the wire of e-mail? RFC 5322 bytes with a plain-text and an HTML part.

The standard library's EmailMessage refuses line breaks in headers, so a name cannot smuggle a header in.
"""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from messaging.providers import Account, Outgoing


def message_id(account: Account, message: Outgoing) -> str:
    """The Message-ID: the message's token at the sender's domain, the same on every retry."""
    return f"<{message.token}@{account.address.rpartition('@')[2]}>"


def mime_bytes(account: Account, message: Outgoing) -> bytes:
    """The whole message. Raises ValueError for a line break in a header, and one of the email library's errors
    (HeaderParseError, IndexError …) for an address that is none."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(account.display_name, addr_spec=account.address)
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = message.subject
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = message_id(account, message)
    # RFC 3834: no answering machine shall answer it.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, cte="quoted-printable")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()
