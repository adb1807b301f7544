"""Which SMS have gone out, so that somebody can speak of them? The product sends them; the sandbox stays silent."""

from dataclasses import dataclass

from tests.faults.crowd import Group
from tests.faults.passing import run_out
from tests.faults.stack import Stack

_SENT = """
SELECT a.id, a.token, a.provider_ref AS sid, s.username AS account, m.address, r.id AS reminder
FROM messaging_attempt a
JOIN messaging_sender s ON s.clinic_id = a.clinic_id AND s.id = a.sender_id
JOIN messaging_message m ON m.clinic_id = a.clinic_id AND m.id = a.message_id
JOIN reminders_reminder r ON r.clinic_id = a.clinic_id AND r.message_id = m.id
WHERE a.state IN ('accepted', 'delivered') ORDER BY a.id
"""


@dataclass(frozen=True)
class Sent:
    """An SMS that the provider took over."""

    id: int
    token: str
    sid: str
    account: str
    address: str
    reminder: int

    @property
    def path(self) -> str:
        """Where its provider calls back."""
        return f"/w/twilio/{self.token}"

    def said(self, status: str, code: str = "") -> dict[str, str]:
        """What a callback says of it, as the vendor's document lists the parameters."""
        told = {
            "MessageSid": self.sid, "SmsSid": self.sid, "MessageStatus": status, "SmsStatus": status,
            "To": self.address, "From": "Clinica", "AccountSid": self.account, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        return {**told, **({"ErrorCode": code} if code else {})}


def send(product: Stack, groups: list[Group], seconds: float) -> list[Sent]:
    """Sends these groups' SMS without a callback; gives those that the provider took over. The worker goes on."""
    product.outside.fault("callback_none")
    product.run("-m", "tests.faults.crowd", *(group.word for group in groups))
    product.start("worker-1", "beat-1")
    run_out(product, seconds)
    return [Sent(**row) for row in product.database.rows(_SENT)]
