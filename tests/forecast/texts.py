"""Which texts do the product's wordings have? Such as name their kind, so that what arrives can be told apart."""

from messaging.channels import Channel


def words_of(kind: str, channel: str, with_phone: bool) -> tuple[str, str]:
    """Subject and body that name their kind, and the practitioner's phone or not."""
    text = f"{kind}: [APPOINTMENT]{' [CLINICIANPHONE]' if with_phone else ''}"
    return (text if channel == Channel.EMAIL else ""), text
