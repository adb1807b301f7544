"""How did each reminder come to its end? Its attempts as the product keeps them, and what the outside world has of it.

Plain rows; nothing of the product is imported.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tests.faults.database import Database
from tests.faults.outside import Outside

_COURSES = """
SELECT c.slug, r.id, r.state, coalesce(m.token, '') AS token, coalesce(r.handed_over_at < r.deadline, true) AS in_time,
       coalesce(nullif(p.email, ''), (SELECT n.e164 FROM patients_phone n
            WHERE n.clinic_id = p.clinic_id AND n.patient_id = p.id AND n.use_for_reminders)) AS address,
       (SELECT coalesce(json_agg(json_build_array(t.state, t.failure, t.phase, t.code, t.called_at IS NOT NULL)
            ORDER BY t.number), '[]')
        FROM messaging_attempt t WHERE t.clinic_id = r.clinic_id AND t.message_id = r.message_id) AS attempts
FROM reminders_reminder r JOIN clinics_clinic c ON c.id = r.clinic_id
JOIN appointments_appointment a ON a.clinic_id = r.clinic_id AND a.id = r.appointment_id
JOIN patients_patient p ON p.clinic_id = a.clinic_id AND p.id = a.patient_id
LEFT JOIN messaging_message m ON m.clinic_id = r.clinic_id AND m.id = r.message_id
ORDER BY r.clinic_id, r.id
"""
_TRIED = """
SELECT count(*) AS count FROM reminders_reminder r JOIN clinics_clinic c ON c.id = r.clinic_id
WHERE c.slug LIKE %s AND r.tries >= 1
"""


@dataclass(frozen=True)
class Step:
    """One attempt as it stands in the end."""

    state: str
    failure: str
    phase: str
    code: str
    called: bool


@dataclass(frozen=True)
class Course:
    """A reminder's way. `in_time`: where it was handed over, before its deadline. `token` names its message."""

    slug: str
    reminder: int
    state: str
    in_time: bool
    address: str
    token: str
    steps: tuple[Step, ...]

    @property
    def calls(self) -> tuple[Step, ...]:
        """The attempts that were called, or that their account's fault kept from it."""
        return tuple(one for one in self.steps if one.failure != "never_called")

    def named(self) -> str:
        """How a finding names it: by ids, never by address."""
        steps = ", ".join(f"{one.state}/{one.failure or '-'}/{one.phase}/{one.code or '-'}" for one in self.steps)
        return f"{self.slug} reminder {self.reminder}: {self.state}; {steps or 'no attempt'}"


def tried(database: Database, slugs: str) -> int:
    """How many reminders of these clinics (a pattern with `*`) have been tried."""
    return int(database.rows(_TRIED, [slugs.replace("*", "%")])[0]["count"])


def read_courses(database: Database) -> list[Course]:
    """Of every reminder."""
    return [
        Course(
            row["slug"],
            row["id"],
            row["state"],
            row["in_time"],
            row["address"],
            row["token"],
            tuple(Step(*one) for one in row["attempts"]),
        )
        for row in database.rows(_COURSES)
    ]


def arrivals(outside: Outside) -> Counter[str]:
    """How many messages each address has, mail and SMS."""
    mails = (one["recipient"].lower() for one in outside.messages() if one["kept"])
    return Counter([*mails, *(one["recipient"] for one in outside.texts())])


def once(courses: Iterable[Course], has: Counter[str]) -> tuple[list[str], list[str]]:
    """What was lost, and what came twice: every reminder says it was handed over, in time, and came once."""
    lost, twice = [], []
    for one in courses:
        count = has[one.address]
        if count > 1:
            twice.append(f"duplicated: {one.named()}; arrived {count} times")
        if count == 0 or one.state != "handed_over" or not one.in_time:
            late = "" if one.in_time else ", late"
            lost.append(f"lost: {one.named()}; arrived {count} times{late}")
    return lost, twice
