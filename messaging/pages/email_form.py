"""What does an administrator type to set up the clinic's e-mail account, and what is wrong with it?

A preset fills server, port and security; the person may overwrite each. The password is written, never shown: empty
keeps the one that is stored, but a changed account needs it again.
"""

import re
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.pages.forms import LineField
from messaging import targets
from messaging.channels import Channel
from messaging.models import Sender
from messaging.sender_writing import NewSender, needs_secret
from messaging.smtp_presets import NONE, PRESETS, SSL, STARTTLS, preset, preset_of

SECURITY: list[tuple[str, str | Promise]] = [
    (SSL, gettext_lazy("Encrypted from the start (SSL/TLS, usually port 465)")),
    (STARTTLS, gettext_lazy("Encrypted after the greeting (STARTTLS, usually port 587)")),
    (NONE, gettext_lazy("Not encrypted (not advised)")),
]
OTHER = "other"
#: A host name of RFC 1123, or an address.
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\.?")


class EmailForm(forms.Form):
    """The clinic's e-mail account."""

    preset = forms.ChoiceField(
        label=gettext_lazy("Provider"),
        choices=[*((one.code, one.name) for one in PRESETS), (OTHER, gettext_lazy("Other provider"))],
        widget=forms.RadioSelect,
    )
    address = forms.EmailField(
        label=gettext_lazy("Sender's address"),
        help_text=gettext_lazy(
            "Patients see it and answer to it. It need not be the address you log in to Avisa with."
        ),
        max_length=254,
    )
    display_name = LineField(
        label=gettext_lazy("Sender's name"),
        help_text=gettext_lazy("What patients read before the address, as the clinic's name."),
        max_length=120,
        required=False,
    )
    host = forms.CharField(label=gettext_lazy("Outgoing mail server (SMTP)"), max_length=253, required=False)
    port = forms.IntegerField(label=gettext_lazy("Port"), required=False, min_value=1, max_value=65535)
    security = forms.ChoiceField(label=gettext_lazy("Security"), choices=SECURITY, required=False)
    different_user = forms.BooleanField(
        label=gettext_lazy("The mailbox has a user name other than its address"), required=False
    )
    username = LineField(label=gettext_lazy("User name"), max_length=254, required=False)
    password = forms.CharField(
        label=gettext_lazy("Password of the mailbox"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        required=False,
        max_length=200,
    )

    def __init__(self, present: Sender | None, *args: Any, **options: Any) -> None:
        """As a form, after the sender in force."""
        self.present = present
        super().__init__(*args, **{"label_suffix": "", "initial": initial(present), **options})
        if present is not None and present.sealed_secret:
            kept = _("A password is stored and is never shown. Leave this empty to keep it.")
        else:
            kept = _("The mailbox's own password, or an app password; not the one of Avisa.")
        self.fields["password"].help_text = kept

    def clean_host(self) -> str:
        """A name without spaces, scheme or path; empty is filled from the preset."""
        host = str(self.cleaned_data["host"]).strip().lower()
        if host and not _HOST.fullmatch(host):
            raise forms.ValidationError(_("Only the server's name, as smtp.example.com, without spaces or “https://”."))
        return host

    def clean_port(self) -> int | None:
        """A port on which mail is handed in."""
        port: int | None = self.cleaned_data["port"]
        if port is not None and not targets.may_be_port(port):
            offered = ", ".join(str(one) for one in sorted(targets.PORTS))
            raise forms.ValidationError(_("Mail servers take mail on the ports %s. Ask your provider.") % offered)
        return port

    def clean(self) -> dict[str, Any]:
        """Fills in from the preset, then looks at what belongs together."""
        super().clean()
        given = self.cleaned_data
        self._fill_in()
        for name, words in (
            ("host", _("Type the server's name: your provider's help gives it, often under “Outlook”.")),
            ("port", _("Type the port: usually 465 or 587.")),
        ):
            if name not in self.errors and not given.get(name):
                self.add_error(name, words)
        if given.get("different_user") and not given.get("username"):
            self.add_error("username", _("Type the user name, or untick that there is one."))
        self._own_address_only()
        if not self.errors and not given["password"] and needs_secret(self.present, self.wanted()):
            if self.present is not None and self.present.sealed_secret:
                words = _("Type the password again: server, port, security or user name changed, and the stored "
                          "password goes to no other server than the one it was given for.")  # fmt: skip
            else:
                words = _("Type the mailbox's password.")
            self.add_error("password", words)
        return given

    def wanted(self) -> NewSender:
        """The account that was typed."""
        given = self.cleaned_data
        return NewSender(
            channel=Channel.EMAIL,
            provider="smtp",
            address=given["address"],
            display_name=given["display_name"],
            host=given["host"],
            port=given["port"],
            security=given["security"],
            username=given["username"] if given["different_user"] else given["address"],
            secret=given["password"] or None,
        )

    def _fill_in(self) -> None:
        chosen = preset(self.cleaned_data.get("preset", ""))
        if chosen is None:
            return
        for name, value in (("host", chosen.host), ("port", chosen.port), ("security", chosen.security)):
            if name not in self.errors and not self.cleaned_data.get(name):
                self.cleaned_data[name] = value
        if not self.cleaned_data.get("security"):
            self.cleaned_data["security"] = STARTTLS

    def _own_address_only(self) -> None:
        """Servers that refuse aliases refuse them at every send: better said now."""
        chosen = preset(self.cleaned_data.get("preset", ""))
        given = self.cleaned_data
        user = given.get("username", "")
        strict = chosen is not None and chosen.own_address_only and given.get("different_user") and "@" in user
        if strict and user.lower() != given.get("address", "").lower():
            self.add_error("address", _("This provider sends only from the mailbox's own address: %s.") % user)


def initial(present: Sender | None) -> dict[str, Any]:
    """What the form shows at first; never the password."""
    if present is None:
        return {"preset": "gmail", "host": "smtp.gmail.com", "port": 465, "security": SSL}
    chosen = preset_of(present.host)
    different = present.username != present.address
    return {
        "preset": chosen.code if chosen else OTHER,
        "address": present.address,
        "display_name": present.display_name,
        "host": present.host,
        "port": present.port,
        "security": present.security,
        "different_user": different,
        "username": present.username if different else "",
    }
