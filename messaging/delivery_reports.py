"""Over which of a clinic's channels does nobody say later whether a message arrived? Its senders' providers know.

The one answer for the rule's form, its writer and its words; what goes out asks the provider of its own attempt.
"""

from messaging.channels import Channel
from messaging.models import Sender
from messaging.providers import provider


def silent_channels() -> frozenset[Channel]:
    """The channels whose active sender is of a provider that never reports a delivery: waiting for one would always end
    in vain. A channel without a sender is none of them. Inside `in_clinic`."""
    senders = Sender.objects.filter(active=True).values_list("channel", "provider")
    return frozenset(Channel(channel) for channel, name in senders if not provider(name).reports_delivery)
