"""Which mail server belongs to which provider? What the e-mail form fills in by itself. Pure data.

Values and notes were gathered from the providers' own help and from clinics' experience; "other" leaves all by hand.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STARTTLS, SSL, NONE = "starttls", "ssl", "none"


@dataclass(frozen=True)
class Preset:
    """A provider's server. Without a host the person asks the provider; `own_address_only` providers refuse mail whose
    From address is not the mailbox's own."""

    code: str
    name: str
    host: str
    port: int | None
    security: str
    note: str | Promise
    own_address_only: bool = False


_APP_PASSWORD = _("Use an app password: switch on 2-step verification in the mailbox first, then make one there.")

PRESETS = (
    Preset("gmail", "Gmail, Google Workspace", "smtp.gmail.com", 465, SSL, _APP_PASSWORD),
    Preset(
        "outlook", "Outlook, Microsoft 365", "smtp.office365.com", 587, STARTTLS,
        _("Needs a business plan; its administrator must allow authenticated SMTP for the mailbox."),
    ),
    Preset("yahoo", "Yahoo", "smtp.mail.yahoo.com", 465, SSL, _APP_PASSWORD),
    Preset(
        "ionos", "IONOS (1&1)", "smtp.1and1.es", 587, STARTTLS,
        _("Port 465 with encryption from the start works too."),
    ),
    Preset(
        "strato", "Strato", "smtp.strato.com", 465, SSL,
        _("Older guides say port 25 without encryption: prefer this, it keeps the password secret on its way."),
    ),
    Preset(
        "arsys", "Arsys", "", 587, STARTTLS,
        _("Ask Arsys for the server's name. It refuses other addresses than the mailbox's own."),
        own_address_only=True,
    ),
)  # fmt: skip


def preset(code: str) -> Preset | None:
    """The preset of that code; None for "other" and anything unknown."""
    return next((one for one in PRESETS if one.code == code), None)


def preset_of(host: str) -> Preset | None:
    """The preset that a host belongs to."""
    return next((one for one in PRESETS if one.host and one.host == host.lower()), None)
