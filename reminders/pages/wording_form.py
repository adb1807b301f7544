"""What does a person write, and under which address is a wording found?"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from messaging.channels import Channel
from reminders.kinds import Kind
from reminders.models import Template, TemplateVersion
from reminders.pages.rule_lacks import OFFERED
from reminders.pages.words import CHANNEL, KIND
from reminders.wordings import NewWording

#: What each field stands for, for the person who puts it in.
FIELDS: dict[str, str | Promise] = {
    "APPOINTMENT": gettext_lazy("Date and time"),
    "CLIENTFIRSTNAME": gettext_lazy("Patient's first name"),
    "CLINICIAN": gettext_lazy("Practitioner"),
    "CLINICIANPHONE": gettext_lazy("Practitioner's phone"),
    "APPOINTMENTTYPE": gettext_lazy("Kind of visit"),
    "LOCATION": gettext_lazy("Location"),
    "LOCATIONADDRESS": gettext_lazy("Location's address"),
    "CLINIC": gettext_lazy("Clinic's name"),
    "CLINICPHONE": gettext_lazy("Clinic's phone"),
}


@dataclass(frozen=True)
class Place:
    """Which wording: its kind, channel and language."""

    kind: Kind
    channel: Channel
    language: str

    @property
    def kind_words(self) -> str | Promise:
        """The kind, for people."""
        return KIND[self.kind]

    @property
    def channel_words(self) -> str | Promise:
        """The channel, for people."""
        return CHANNEL[self.channel]

    @property
    def language_words(self) -> str | Promise:
        """The language, for people."""
        return dict(settings.LANGUAGES)[self.language]

    def template(self) -> Template | None:
        """The stored wording, where there is one. Inside `in_clinic`."""
        wanted = Template.objects.filter(kind=self.kind, channel=self.channel, language=self.language)
        found: Template | None = wanted.first()
        return found

    def present(self) -> TemplateVersion | None:
        """The version in force. Inside `in_clinic`."""
        template = self.template()
        found: TemplateVersion | None = template.versions.filter(version=template.version).first() if template else None
        return found

    def wording(self, subject: str, body: str) -> NewWording:
        """These words in this place; an SMS has no subject."""
        return NewWording(self.kind, self.channel, self.language, subject if self.has_subject else "", body)

    @property
    def has_subject(self) -> bool:
        """Whether the channel shows a subject."""
        return self.channel is Channel.EMAIL


def place_of(kind: str, channel: str, language: str) -> Place:
    """The place an address names. Raises Http404 for one that does not exist."""
    offered = {one.value: one for one in OFFERED}
    if kind not in set(Kind) or channel not in offered or language not in dict(settings.LANGUAGES):
        raise Http404
    return Place(Kind(kind), offered[channel], language)


class WordingForm(forms.Form):
    """Subject and text. What may stand in them is said by `reminders.wordings`."""

    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        help_text=gettext_lazy("The same for all e-mails of this kind. Fields may stand in it."),
        required=False,
    )
    body = forms.CharField(label=gettext_lazy("Text"), widget=forms.Textarea, required=False, strip=False)

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        """As a form, after the wording's place."""
        super().__init__(*args, **{"label_suffix": "", **options})
        rows = 14 if place.has_subject else 6
        self.fields["body"].widget.attrs = {"rows": rows, "maxlength": 10_000 if place.has_subject else 1_000}
        if not place.has_subject:
            del self.fields["subject"]
