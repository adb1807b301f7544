"""What does the provider say of the SMS it took over? Callbacks about each, made ready to be posted at a rate."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from tests.faults.caller import sign
from tests.faults.posting import Ready, ready
from tests.faults.stack import Stack

_TAKEN_OVER = """
SELECT t.id, t.token, t.provider_ref AS sid, s.username AS account FROM messaging_attempt t
JOIN messaging_sender s ON s.id = t.sender_id
WHERE t.state = 'accepted' AND s.channel = 'sms' AND t.id > %s ORDER BY t.id
"""


def taken_over(product: Stack, after: int = 0) -> list[dict[str, Any]]:
    """The attempts after that one whose SMS the provider has taken over, and of which nothing more is known."""
    return product.database.rows(_TAKEN_OVER, [after])


def about(product: Stack, attempts: Sequence[dict[str, Any]], statuses: Sequence[str], rate: int) -> list[Ready]:
    """So many callbacks a second: all of it about so many messages, then about the next."""
    made: list[Ready] = []
    secret = product.variables["SANDBOX_SMTP_PASSWORD"]
    for first in range(0, len(attempts), rate):
        for status in statuses:
            for one in attempts[first : first + rate]:
                path = f"/w/twilio/{one['token']}"
                form = {"AccountSid": one["account"], "MessageSid": one["sid"], "MessageStatus": status}
                form |= {"To": "+34600000000", "ApiVersion": "2010-04-01"}
                signature = sign(secret, f"{product.web_url}{path}", form)
                made.append(ready(len(made) / rate, path, urlencode(form), signature))
    return made
