"""What did the outside world receive of the test agenda's clinics? Each message read as its patient would read it."""

import re
from typing import Any

from tests.data.clinics import CLINICS, AgendaClinic
from tests.faults.agenda_verdict import Arrival, Told
from tests.faults.eligibility import EMAIL, SMS
from tests.faults.outside import Outside

#: What the clinics write: whom it greets, when the visit is, who writes. In an e-mail it is the subject.
WORDING = "[CLIENTFIRSTNAME] | [APPOINTMENT] | [CLINIC]"
#: By channel: where the sandbox tells of what it received, and which of a message's fields holds the wording.
_TRUTH = {EMAIL: ("truth", "subject"), SMS: ("truth/sms", "body")}
_PAGE = 2000
#: The months of the agenda in the clinics' languages.
_MONTHS = {"mar": 3, "abr": 4, "apr": 4}
_MOMENT = re.compile(r"\D*(\d{1,2})\D+?(mar|abr|apr)\D*(\d{4})\D*(\d\d:\d\d)")


def account(clinic: AgendaClinic, channel: str) -> str:
    """The account over which the clinic sends, by which the outside world knows who wrote."""
    return clinic.account if channel == EMAIL else f"AC{CLINICS.index(clinic) + 1:032d}"


class Listener:
    """Hears what is new in the outside world."""

    def __init__(self, outside: Outside, channels: tuple[str, ...]) -> None:
        """Of these channels."""
        self._outside = outside
        self._last = dict.fromkeys(channels, 0)
        self._clinics = {account(clinic, channel): clinic.slug for clinic in CLINICS for channel in channels}

    def new(self, step: int) -> list[Arrival]:
        """What came since it was asked before, which was in this step."""
        return [self._arrival(channel, message, step) for channel in self._last for message in self._messages(channel)]

    def _messages(self, channel: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        path, _text = _TRUTH[channel]
        while page := self._outside.control("GET", f"{path}?limit={_PAGE}&since={self._last[channel]}")["messages"]:
            found += page
            self._last[channel] = page[-1]["id"]
        return found

    def _arrival(self, channel: str, message: dict[str, Any], step: int) -> Arrival:
        first_name, moment, names = message[_TRUTH[channel][1]].strip().split(" | ")
        clinic = self._clinics.get(message["account"], "")
        told = Told(clinic, channel, message["recipient"].lower(), first_name, _wall(moment))
        return Arrival(told, names, step, message["id"])


def _wall(words: str) -> str:
    """ "mercoledì 17 marzo 2027, 10:30" as "2027-03-17 10:30"."""
    match = _MOMENT.match(words)
    if match is None:
        raise ValueError("a reminder whose date cannot be read")
    return f"{match[3]}-{_MONTHS[match[2]]:02d}-{int(match[1]):02d} {match[4]}"
