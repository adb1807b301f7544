"""What does a rule lack to be sent? A channel that is on, a sender, words. Said at the rule, with where to mend it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinics.models import Clinic
from messaging.channels import Channel
from messaging.models import Sender
from reminders.kinds import Kind
from reminders.models import Template
from reminders.pages.words import CHANNEL, KIND

#: Channels over which something can be sent so far.
OFFERED = (Channel.EMAIL, Channel.SMS)
_SENDER_PAGE = {Channel.EMAIL: "settings_email", Channel.SMS: "settings_sms"}


@dataclass(frozen=True)
class Lack:
    """One thing that is missing; `url` is the name of the page on which it is mended, `of_words` says that a wording
    is missing, which is at hand."""

    words: str
    url: str
    of_words: bool = False


@dataclass(frozen=True)
class Equipment:
    """What the clinic has to send with, as it stands."""

    channels_on: frozenset[str]
    default_channel: Channel
    senders: frozenset[str]
    #: (kind, channel) with words in the clinic's language, in which a patient of any language is written to at least.
    wordings: frozenset[tuple[str, str]]

    def ways(self, channel: str, fallback: str = "") -> list[Channel]:
        """The channels over which a rule may go: its own, or for the preferred one those that are on, and the one
        that opens when it fails."""
        preferred = [one for one in OFFERED if one in self.channels_on] or [self.default_channel]
        own = [Channel(channel)] if channel else preferred
        return own + [one for one in OFFERED if one == fallback and one not in own]

    def without_words(self, kind: Kind, ways: Collection[Channel]) -> set[tuple[Kind, Channel]]:
        """For which of these channels the kind has no words."""
        return {(kind, way) for way in ways if (kind.value, way.value) not in self.wordings}

    def lacks(self, kind: Kind, ways: Collection[Channel]) -> list[Lack]:
        """Everything that is missing for a rule of that kind over these channels."""
        found = []
        for way in ways:
            names = {"channel": CHANNEL[way], "kind": KIND[kind]}
            if way not in self.channels_on:
                words = _("%(channel)s is switched off for the clinic: nothing goes that way.")
                found.append(Lack(words % names, "settings_clinic"))
            if way not in self.senders:
                words = _("%(channel)s has no sender yet: nothing goes that way.")
                found.append(Lack(words % names, _SENDER_PAGE.get(way, "settings")))
            if self.without_words(kind, [way]):
                words = _("“%(kind)s” has no words for %(channel)s in the clinic's language: nothing goes that way.")
                found.append(Lack(words % names, "settings_wordings", of_words=True))
        return found


def equipment(clinic: Clinic) -> Equipment:
    """What the clinic has to send with; inside `in_clinic`."""
    written = Template.objects.filter(language=clinic.language, version__gt=0)
    return Equipment(
        channels_on=frozenset(clinic.channels_on),
        default_channel=Channel(clinic.default_channel),
        senders=frozenset(Sender.objects.filter(active=True).values_list("channel", flat=True)),
        wordings=frozenset(written.values_list("kind", "channel")),
    )
