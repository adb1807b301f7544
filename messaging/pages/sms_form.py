"""What does an administrator type to set up the SMS sender, and what is wrong with it?"""

import re
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import Clinic
from clinics.pages.forms import LineField
from messaging.channels import Channel
from messaging.models import Sender
from messaging.sender_names import LONGEST, Reason, check_name
from messaging.sender_writing import NewSender, needs_secret

NAME, NUMBER, SERVICE = "name", "number", "service"
KINDS: list[tuple[str, str | Promise]] = [
    (NAME, gettext_lazy("A name (patients cannot answer)")),
    (NUMBER, gettext_lazy("A phone number (patients can answer)")),
    (SERVICE, gettext_lazy("A messaging service of Twilio")),
]
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}", re.IGNORECASE)
_ACCOUNT = re.compile(r"AC[0-9a-f]{32}", re.IGNORECASE)


class SmsForm(forms.Form):
    """The clinic's SMS sender and its account."""

    kind = forms.ChoiceField(label=gettext_lazy("How patients see the sender"), choices=KINDS, widget=forms.RadioSelect)
    address = LineField(
        label=gettext_lazy("Sender"),
        help_text=gettext_lazy(
            "A name: up to 11 letters and digits that patients recognise, as the doctor's. "
            "A number: with + and the country, as +34600000000. A service: the code that begins with MG."
        ),
        max_length=60,
    )
    username = forms.CharField(
        label=gettext_lazy("Account SID"),
        help_text=gettext_lazy("Stands at the top of Twilio's console; begins with AC."),
        max_length=60,
    )
    token = forms.CharField(
        label=gettext_lazy("Auth token"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        required=False,
        max_length=200,
    )

    def __init__(self, clinic: Clinic, present: Sender | None, *args: Any, **options: Any) -> None:
        """As a form, after the clinic and the sender in force."""
        self.clinic, self.present = clinic, present
        super().__init__(*args, **{"label_suffix": "", "initial": initial(present), **options})
        if present is not None and present.sealed_secret:
            self.fields["token"].help_text = _("A token is stored and is never shown. Leave this empty to keep it.")
        else:
            self.fields["token"].help_text = _("Stands beside the account SID in Twilio's console.")

    def clean_username(self) -> str:
        """The account's own name: AC and 32 digits from 0 to f."""
        text = str(self.cleaned_data["username"]).strip()
        if not _ACCOUNT.fullmatch(text):
            raise forms.ValidationError(_("An account SID is “AC” and 32 digits or letters from a to f."))
        return text

    def clean(self) -> dict[str, Any]:
        """The sender as its kind wants it, and the token where it must come again."""
        super().clean()
        given = self.cleaned_data
        if "address" not in self.errors and "kind" not in self.errors:
            for words in self._wrong(given["kind"], given["address"]):
                self.add_error("address", words)
        if not self.errors and not given["token"] and needs_secret(self.present, self.wanted()):
            stored = self.present is not None and self.present.sealed_secret
            self.add_error("token", _("The account changed: type its token too.") if stored else _("Type the token."))
        return given

    def wanted(self) -> NewSender:
        """The sender that was typed."""
        given = self.cleaned_data
        return NewSender(
            channel=Channel.SMS,
            provider="twilio",
            address=given["address"],
            username=given["username"],
            secret=given["token"].strip() or None,
        )

    def _wrong(self, kind: str, text: str) -> list[str]:
        if kind == NUMBER:
            number = re.sub(r"[\s().-]", "", text)
            self.cleaned_data["address"] = number
            fits = _NUMBER.fullmatch(number)
            return [] if fits else [_("Write the number with + and the country's code, as +34600000000.")]
        if kind == SERVICE:
            return [] if _SERVICE.fullmatch(text) else [_("A messaging service is “MG” and 32 digits or letters.")]
        return [str(reason_words(reason, value)) for reason, value in check_name(text, self.clinic.country).refused]


def reason_words(reason: Reason, value: str) -> str:
    """What is wrong with a sender name, or worth knowing, for a person."""
    words = {
        Reason.TOO_LONG: _("A name has at most %(most)s characters; this one has %(value)s."),
        Reason.TOO_SHORT: _("In your country a name has at least %(value)s characters."),
        Reason.CHARACTER: _("A name has only letters without accents, digits, spaces and - + _ &; not: %(value)s"),
        Reason.NO_LETTER: _("A name needs at least one letter. A number belongs under “A phone number”."),
        Reason.GENERIC: _("“%(value)s” says nothing of whom it is from: operators may block such names. "
                          "Better is the name of the practice or the doctor."),
        Reason.COMMON_NAME: _("“%(value)s” could be anybody: operators may block names as common as this. "
                              "Better is the whole name, or the practice's."),
        Reason.REGISTER: _("Names must stand in the register of %(value)s, or operators block them. "
                           "Have your provider register it, or use a number."),
        Reason.REPLACED: _("Operators in your country show a number in place of names that are not registered with "
                           "them. Name the clinic in the text."),
    }[reason]  # fmt: skip
    return words % {"most": LONGEST, "value": value}


def kind_of(address: str) -> str:
    """Which kind of sender an address is."""
    if _NUMBER.fullmatch(address):
        return NUMBER
    return SERVICE if _SERVICE.fullmatch(address) else NAME


def initial(present: Sender | None) -> dict[str, Any]:
    """What the form shows at first; never the token."""
    if present is None:
        return {"kind": NAME}
    return {"kind": kind_of(present.address), "address": present.address, "username": present.username}
