"""What does a file say of each patient, who may stand on many of its rows?

The last row counts. Of a consent, any row that says "not given" counts: nobody is written to because one line of two
said he may be. Where rows disagree the report says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from appointments.importing.columns import Refusal
from appointments.importing.known import Known
from appointments.importing.rows import SoundRow
from patients.writing import CONSENT_FIELDS, PatientChange, PhonesWanted


@dataclass
class People:
    """One change a patient, and a note for each disagreement."""

    changes: list[PatientChange]
    notes: list[Refusal]


@dataclass
class _Person:
    line: int
    fields: dict[str, Any]
    phones: PhonesWanted | None
    notes: list[Refusal] = field(default_factory=list)

    def add(self, row: SoundRow) -> None:
        """Takes a further row of the same patient in."""
        for name, value in row.patient_fields.items():
            if value != self.fields[name]:
                self._note(row.line, name, value)
                self.fields[name] = False if name in CONSENT_FIELDS else value
        if row.phones != self.phones:
            self._note(row.line, "phone_1", ", ".join(row.phones.numbers) if row.phones else "")
            self.phones = row.phones
        self.line = row.line

    def _note(self, line: int, name: str, value: Any) -> None:
        counts = "not given counts" if name in CONSENT_FIELDS else "this line counts"
        shown = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        self.notes.append(Refusal(line, name, str(shown), f"differs from line {self.line}; {counts}"))


def merge_people(known: Known, rows: Sequence[SoundRow]) -> People:
    """One change for each patient of the rows, in the order in which they first appear."""
    people: dict[str, _Person] = {}
    for row in rows:
        if (person := people.get(row.patient_ref)) is None:
            people[row.patient_ref] = _Person(row.line, dict(row.patient_fields), row.phones)
        else:
            person.add(row)
    changes = []
    for ref, person in people.items():
        patient = known.patients.get(ref)
        fields = person.fields if patient else {**person.fields, "ref": ref}
        changes.append(PatientChange(patient, fields, person.phones))
    return People(changes, [note for person in people.values() for note in person.notes])
