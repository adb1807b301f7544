"""What arrived? The sandbox's own record of mails and text messages, read apart from what the product says of them."""

from dataclasses import dataclass

from sandbox.server import Sandbox
from tests.forecast.entities import EMAIL, SMS


@dataclass(frozen=True)
class Arrived:
    """A message that somebody received: what names it (a mail's token, a text's number at the provider), where it went,
    over which channel, and its words."""

    ref: str
    address: str
    channel: str
    words: str


class Witness:
    """Reads what is new since the last time."""

    def __init__(self, server: Sandbox) -> None:
        """From now on, of a server that forgets what was and calls nobody back."""
        self.server = server
        server.forget()
        server.faults.command({"fault": "callback_none"})
        self._seen: list[Arrived] = []
        self._refused: dict[str, int] = {}

    def refuse(self, address: str) -> None:
        """That mailbox does not exist."""
        self._refused[address] = self.server.faults.command({"fault": "refuse_rcpt", "recipient": address}).id

    def accept(self, address: str) -> None:
        """It exists again."""
        self.server.faults.remove(self._refused.pop(address))

    def cut_off(self, address: str) -> None:
        """The next mail to it is kept, and the connection drops without an answer."""
        self.server.faults.command({"fault": "drop_after_dot", "recipient": address, "times": 1})

    def new(self) -> list[Arrived]:
        """What has arrived since the last look."""
        mails = [
            Arrived(one["message_id"].strip("<>").partition("@")[0], one["recipient"], EMAIL, one["subject"])
            for one in self.server.truth()
            if one["kept"]
        ]
        texts = [Arrived(one["sid"], one["recipient"], SMS, one["body"]) for one in self.server.sms()]
        everything = [*mails, *texts]
        fresh = list(everything)
        for one in self._seen:
            fresh.remove(one)
        self._seen = everything
        return fresh
