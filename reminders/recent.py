"""Who has just had messages? The last few that began to each patient over each channel, for the runaway guard.

One row a patient and channel, never a count. It is written in the transaction that begins a message and locked there,
so of two workers who write to one patient the second sees what the first began. A message counts from when it last
began, whatever became of it, and a reminder does not count for itself. The one writer of RecentSends.
"""

import json
from collections.abc import Collection, Hashable, Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from clinics.models import Clinic
from clinics.prepared import ask
from clinics.rows import update_rows
from reminders.guard import MOST, SPAN
from reminders.models import RecentSends, Reminder

#: As many as the guard looks at, and the reminder's own.
_KEPT = MOST + 1


def own_key(reminder: Reminder) -> Hashable:
    """What names a reminder among those that began, also one that is not saved yet."""
    step = (reminder.appointment_id, reminder.rule_id, reminder.trigger, reminder.route, reminder.round)
    return reminder.pk or step


class Recent:
    """What began of late: (patient, channel) → reminder → when, the oldest first."""

    def __init__(self, rows: Iterable[RecentSends] = ()) -> None:
        """As these rows say."""
        self._begun: dict[tuple[int, str], dict[Hashable, datetime]] = {
            (row.patient_id, row.channel): {key: datetime.fromisoformat(at) for key, at in row.begun}
            for row in rows
            if row.begun
        }

    def copy(self) -> "Recent":
        """One of its own, that may be carried on."""
        made = Recent()
        made._begun = {key: dict(begun) for key, begun in self._begun.items()}
        return made

    def beside(self, patient_id: int | None, channel: str, own: Hashable) -> tuple[datetime, ...]:
        """When others than that reminder began to the patient over the channel."""
        begun = self._begun.get((patient_id or 0, channel))
        return tuple(at for key, at in begun.items() if key != own) if begun else ()

    def note(self, patient_id: int | None, channel: str, own: Hashable, at: datetime) -> None:
        """That reminder begins at that moment, which is not before any other's."""
        if patient_id is None:
            return
        begun = self._begun.setdefault((patient_id, channel), {})
        begun.pop(own, None)
        begun[own] = at
        for key in list(begun)[:-_KEPT]:
            del begun[key]

    def of(self, row: RecentSends, now: datetime) -> list[list[object]]:
        """As the row is to hold it: what is older than the guard looks back is left out."""
        begun = self._begun.get((row.patient_id, row.channel), {})
        return [[key, at.isoformat()] for key, at in begun.items() if at > now - SPAN]


def read(patient_ids: Collection[int]) -> Recent:
    """What began to these patients; inside `in_clinic`."""
    return Recent(RecentSends.objects.filter(patient__any_of=patient_ids)) if patient_ids else Recent()


#: Makes the rows that are missing, and locks those that are there. A row that somebody else is just making is missing
#: in the answer, as this statement cannot see it: it stands by the next one.
_HOLD = """
WITH wanted AS (
    SELECT * FROM unnest(%(patients)s::bigint[], %(channels)s::text[]) AS w (patient_id, channel)
), made AS (
    INSERT INTO reminders_recentsends (clinic_id, patient_id, channel, begun)
    SELECT %(clinic)s::bigint, w.patient_id, w.channel, '[]' FROM wanted w
    WHERE NOT EXISTS (SELECT 1 FROM reminders_recentsends t
                      WHERE t.clinic_id = %(clinic)s AND t.patient_id = w.patient_id AND t.channel = w.channel)
    ORDER BY w.patient_id, w.channel ON CONFLICT DO NOTHING RETURNING id, patient_id, channel, begun
), held AS (
    SELECT t.id, t.patient_id, t.channel, t.begun FROM reminders_recentsends t
    WHERE t.clinic_id = %(clinic)s AND (t.patient_id, t.channel) IN (SELECT w.patient_id, w.channel FROM wanted w)
    ORDER BY t.patient_id, t.channel FOR UPDATE OF t
)
SELECT * FROM held UNION ALL SELECT * FROM made
"""


def hold(clinic: Clinic, pairs: Collection[tuple[int, str]]) -> list[RecentSends]:
    """The rows of these patients and channels, made where there are none, and locked until the transaction ends; after
    appointments, patients and reminders. Inside `in_clinic`."""
    held: dict[tuple[int, str], RecentSends] = {}
    while missing := sorted(set(pairs) - set(held)):
        held |= _hold(clinic, missing)
    return [held[pair] for pair in sorted(held)]


def _hold(clinic: Clinic, pairs: list[tuple[int, str]]) -> dict[tuple[int, str], RecentSends]:
    values: dict[str, Any] = {
        "clinic": clinic.pk,
        "patients": [patient for patient, _ in pairs],
        "channels": [channel for _, channel in pairs],
    }
    with connection.cursor() as cursor:
        ask(cursor, _HOLD, values)
        found = cursor.fetchall()
    return {
        (patient_id, channel): RecentSends(
            pk=row_id, clinic_id=clinic.pk, patient_id=patient_id, channel=channel, begun=json.loads(begun)
        )
        for row_id, patient_id, channel, begun in found
    }


def write(rows: Collection[RecentSends], recent: Recent, now: datetime) -> None:
    """Saves of these rows, which are held, what has begun since they were read."""
    changed = []
    for row in rows:
        begun = recent.of(row, now)
        if begun[-1:] != row.begun[-1:]:
            row.begun = begun
            changed.append(row)
    update_rows(RecentSends, changed, ["begun"])
