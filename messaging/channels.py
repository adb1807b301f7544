"""Over which ways can a message travel? The vocabulary, pure, open to every app."""

from datetime import timedelta
from enum import StrEnum


class Channel(StrEnum):
    """A way to reach a patient."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    VOICE = "voice"


#: What waits in its provider's queue must be handed over so long before its deadline at the latest: with less time it
#: would only rarely arrive while it is of use, and there is no telling.
HANDED_OVER_BEFORE = {Channel.SMS: timedelta(minutes=1), Channel.WHATSAPP: timedelta(minutes=1)}

#: For Django's `choices`, in the order in which pages show them.
CHANNEL_CHOICES = [(channel.value, channel.value) for channel in Channel]
