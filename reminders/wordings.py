"""How does a clinic's wording change? The one writer of Template and TemplateVersion.

A version is never changed: a new text is a new version, the same text again is none. What cannot be sent as it stands
is refused when it is saved, with the words to say so.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from clinics.models import Clinic, User
from clinics.plain_text import unsafe_character
from messaging.channels import Channel
from reminders.default_wordings import DEFAULT_WORDINGS
from reminders.kinds import Kind
from reminders.merge_fields import find_unknown
from reminders.models import Template, TemplateVersion

_LONGEST_SUBJECT = 200


class WordingRefused(ValueError):
    """The text cannot be a wording; the message is for the person who wrote it, `field` is subject or body."""

    def __init__(self, words: str, field: str = "body") -> None:
        """`words` say what is wrong."""
        super().__init__(words)
        self.field = field


@dataclass(frozen=True)
class NewWording:
    """A text with merge fields, and what it is for. `language` is a code of settings.LANGUAGES."""

    kind: Kind
    channel: Channel
    language: str
    subject: str
    body: str


def write_wording(clinic: Clinic, wording: NewWording, by: User | None, now: datetime) -> TemplateVersion:
    """Puts a wording in force; inside `in_clinic`. Gives the version in force: a new one only where the text differs
    from the present one. Raises WordingRefused."""
    subject, body = wording.subject.strip(), wording.body.replace("\r\n", "\n").strip() + "\n"
    _check(subject, body, wording.channel)
    template, _made = Template.objects.get_or_create(
        clinic=clinic, kind=wording.kind, channel=wording.channel, language=wording.language
    )
    template = Template.objects.select_for_update(no_key=True).get(pk=template.pk)
    present: TemplateVersion | None = template.versions.filter(version=template.version).first()
    if present is not None and (present.subject, present.body) == (subject, body):
        return present
    version = TemplateVersion(
        clinic=clinic,
        template=template,
        version=template.version + 1,
        subject=subject,
        body=body,
        written_at=now,
        written_by=by,
    )
    version.save()
    template.version = version.version
    template.save(update_fields=["version"])
    return version


def give_default_wordings(clinic: Clinic, now: datetime, only: Collection[tuple[Kind, Channel]] | None = None) -> int:
    """Gives a clinic the default wordings that it lacks, all or only those for some (kind, channel); its own stay.
    Inside `in_clinic`. Gives how many it gave."""
    present = set(Template.objects.filter(version__gt=0).values_list("kind", "channel", "language"))
    lacking = [
        (key, text)
        for key, text in DEFAULT_WORDINGS.items()
        if key not in present and (only is None or key[:2] in only)
    ]
    for (kind, channel, language), (subject, body) in lacking:
        write_wording(clinic, NewWording(kind, channel, language, subject, body), None, now)
    return len(lacking)


def _check(subject: str, body: str, channel: Channel) -> None:
    if not body.strip():
        raise WordingRefused(_("The text is empty."))
    if channel is Channel.EMAIL and not subject:
        raise WordingRefused(_("An e-mail needs a subject."), "subject")
    if len(subject) > _LONGEST_SUBJECT:
        words = _("The subject is longer than %(limit)s characters.") % {"limit": _LONGEST_SUBJECT}
        raise WordingRefused(words, "subject")
    for field, text in (("subject", subject), ("body", body.replace("\n", "").replace("\t", ""))):
        if found := unsafe_character(text):
            words = _("The text holds the character %(code)s, which cannot be sent.") % {"code": found}
            raise WordingRefused(words, field)
    for field, text in (("subject", subject), ("body", body)):
        if unknown := find_unknown(text):
            raise WordingRefused(" ".join(_offers((one.written, one.nearest) for one in unknown)), field)


def _offers(unknown: Iterable[tuple[str, str | None]]) -> Iterable[str]:
    for written, nearest in unknown:
        yield _("%(written)s is not a field.") % {"written": written}
        if nearest:
            yield _("Did you mean %(field)s?") % {"field": f"[{nearest}]"}
