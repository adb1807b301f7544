"""Over which ways can a message travel? The vocabulary, pure, open to every app."""

from enum import StrEnum


class Channel(StrEnum):
    """A way to reach a patient."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    VOICE = "voice"


#: For Django's `choices`, in the order in which pages show them.
CHANNEL_CHOICES = [(channel.value, channel.value) for channel in Channel]
