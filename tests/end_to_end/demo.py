"""What may a test ask of the running demo? Its log-ins, its clock, and what became of its first reminders."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.faults.ground import read_arrivals
from tests.faults.stack import Stack
from tests.faults.waiting import until

CLINIC = "clinica-sol-madrid"
#: The demo's first patients in Madrid (agendas/clinica-sol-madrid.csv), by what becomes of their reminder.
GOES = {"SOL-F01", "SOL-F02", "SOL-F03"}
STAYS = {
    "SOL-F04": "reminded_elsewhere",
    "SOL-F05": "consent_channel_off",
    "SOL-F07": "merge_field_empty",
}


@dataclass(frozen=True)
class Demo:
    """The running product with its demo, and a person's log-in there."""

    product: Stack
    email: str
    password: str

    def ended(self) -> dict[str, dict[str, Any]]:
        """Madrid's reminders of the rule "one day before" that have ended, by the reference of their appointment."""
        rows = self.product.database.rows(
            "SELECT a.ref, r.id, r.clinic_id, r.state, r.gates, p.email FROM reminders_reminder r"
            " JOIN appointments_appointment a ON a.clinic_id = r.clinic_id AND a.id = r.appointment_id"
            " JOIN patients_patient p ON p.clinic_id = a.clinic_id AND p.id = a.patient_id"
            " JOIN clinics_clinic c ON c.id = r.clinic_id"
            " WHERE c.slug = %s AND r.kind = 'reminder' AND r.ended_at IS NOT NULL",
            [CLINIC],
        )
        return {row["ref"]: row for row in rows}

    def mails(self, address: str) -> int:
        """How many mails a patient has."""
        return sum(one.kept for one in read_arrivals(self.product.outside) if one.address == address)

    def clock(self, body: dict[str, float] | None = None) -> dict[str, Any] | None:
        """The answer of web's clock; None where it refuses to move now."""
        request = urllib.request.Request(
            f"{self.product.web_url}/sandbox/clock",
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Sandbox-Token": self.product.token, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                assert error.code == 409, error
            return None

    def first_reminders(self) -> dict[str, dict[str, Any]]:
        """The same, once the first ones have ended; where nobody has waited for them yet the clock is moved."""

        def there() -> bool:
            if not self.has_first():
                self.go_to_next_due()
            return self.has_first()

        until(there, 60, "the first reminders end after the clock was moved")
        return self.ended()

    def has_first(self) -> bool:
        """Whether the first reminders have ended."""
        return (GOES | STAYS.keys()) <= self.ended().keys()

    def is_idle(self) -> bool:
        """Whether nothing is due or being sent: what was to go until now went, and the clock may move."""
        seen = self.clock()
        assert seen and seen["next_due"], seen
        return not seen["busy"] and datetime.fromisoformat(seen["next_due"]) > datetime.fromisoformat(seen["now"])

    def go_to_next_due(self) -> bool:
        """Moves the clock to the next due moment; False while something is being sent."""
        seen = self.clock()
        assert seen and seen["next_due"], seen
        ahead = datetime.fromisoformat(seen["next_due"]) - datetime.fromisoformat(seen["now"])
        if ahead <= timedelta(0):
            return False
        return self.clock({"offset_seconds": seen["offset_seconds"] + ahead.total_seconds()}) is not None
