"""What do staff read of an account that is let be? What happened, since when, and when it is tried again."""

from dataclasses import dataclass
from datetime import datetime

from clinics.clock import real_now, shift
from messaging.alert import PAGES, Words, cause
from messaging.channels import Channel
from messaging.sender_state import failing, failing_senders


@dataclass(frozen=True)
class FailingNow:
    """An account that is let be. Moments are by the clock that people read."""

    channel: Channel
    cause: Words
    #: The vendor's own words.
    said: str
    since: datetime
    #: When one message tries it; None where one is trying just now.
    again: datetime | None
    #: The name of its page.
    page: str


def failing_now(channel: Channel) -> FailingNow | None:
    """That channel's account, if it is let be; inside `in_clinic`."""
    return next((one for one in all_failing_now() if one.channel == channel), None)


def all_failing_now() -> list[FailingNow]:
    """Every account of the clinic that is let be; inside `in_clinic`."""
    states = failing_senders().values()
    if not states:
        return []
    ahead, real = shift(), real_now()
    found = []
    for state in states:
        account = failing(state)
        trying = state.probe is not None or account.until <= real
        said = f"{account.code} {account.detail}".strip()
        again = None if trying else account.until + ahead
        page = PAGES.get(account.channel, "settings")
        found.append(FailingNow(account.channel, cause(account.kind), said, account.since + ahead, again, page))
    return found
