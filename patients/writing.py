"""How does a patient's record change? The one writer of Patient, Phone and ConsentEvent.

Set-based: an import passes thousands of changes, a page passes one. What would not change is not written; every
change of a consent is kept as an event: when, by whom, how and with which wording. A consent that was never given is
no event.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinics.models import Clinic, User
from clinics.plain_text import unsafe_character
from clinics.rows import Change, Written, lock_rows, write_rows
from patients.models import CONSENT_SUBJECTS, ConsentEvent, Patient, Phone
from patients.phones import ReadNumber, choose_for_reminders, read_number, without_repeats

CONSENT_FIELDS = {f"consent_{subject}": subject for subject, _ in CONSENT_SUBJECTS}
_ONE_LINE = ("ref", "first_name", "last_name", "email")


class UnsafeText(ValueError):
    """A name or an address holds a line break or another control character."""


@dataclass(frozen=True)
class PhonesWanted:
    """All of a patient's numbers in their order, as typed; `for_reminders` is the one to use, None keeps the present
    choice where that number stays, else takes the first mobile, else the first."""

    numbers: Sequence[str]
    for_reminders: str | None = None


@dataclass(frozen=True)
class PatientChange:
    """What is wanted of one patient: `patient` None makes a new one, `phones` None leaves the numbers as they are."""

    patient: Patient | None
    fields: Mapping[str, Any]
    phones: PhonesWanted | None = None

    def changes_channel(self) -> bool:
        """Whether it prefers another channel than before."""
        before = self.patient.preferred_channel if self.patient else ""
        return bool(self.fields.get("preferred_channel", before) != before)


@dataclass(frozen=True)
class Said:
    """How the clinic learned of a consent: when, written by whom (None: no user), by which way, with which wording."""

    at: datetime
    how: str
    by: User | None = None
    wording: str = ""


@dataclass(frozen=True)
class PatientsWritten:
    """What became of the changes; `patients` in their order. The ids of those whose preferred channel changed are
    there because their appointments' reminders are to be planned again."""

    patients: Sequence[Patient]
    created: int
    updated: int
    consents_given: int
    consents_withdrawn: int
    channel_changed: frozenset[int]

    @property
    def unchanged(self) -> int:
        """How many were as wanted already."""
        return len(self.patients) - self.created - self.updated


def write_patients(clinic: Clinic, changes: Sequence[PatientChange], said: Said) -> PatientsWritten:
    """Creates and updates patients with their numbers and consent events; inside `in_clinic`.

    Raises UnsafeText, and LookupError when a patient is gone.
    """
    for change in changes:
        _refuse_unsafe(change)
    old_phones = _phones_of([change.patient.pk for change in changes if change.patient and change.phones])
    new_phones = _phones_that_differ(clinic, changes, old_phones)
    touched = {change.patient.pk for index, change in enumerate(changes) if change.patient and index in new_phones}
    columns_differ = {c.patient.pk for c in changes if c.patient and Change(c.patient, c.fields).differs()}
    lock_rows(Patient, touched | columns_differ)
    written = write_rows(Patient, clinic, [Change(change.patient, change.fields) for change in changes])
    _replace_phones(clinic, {written.rows[index].pk: numbers for index, numbers in new_phones.items()}, touched)
    given, withdrawn = _keep_consent_events(clinic, written, said)
    changed = {update.row.pk for update in written.updated}
    return PatientsWritten(
        patients=written.rows,
        created=len(written.created),
        updated=len(changed | touched),
        consents_given=given,
        consents_withdrawn=withdrawn,
        channel_changed=frozenset(u.row.pk for u in written.updated if "preferred_channel" in u.before),
    )


def _refuse_unsafe(change: PatientChange) -> None:
    texts = [change.fields.get(name) or "" for name in _ONE_LINE]
    for text in [*texts, *(change.phones.numbers if change.phones else ())]:
        if found := unsafe_character(text):
            raise UnsafeText(f"a patient's record holds the character {found}")


#: (position, as typed, E.164, line type, use for reminders)
PhoneRow = tuple[int, str, str, str, bool]


def _phones_of(ids: Sequence[int]) -> dict[int, list[PhoneRow]]:
    found = Phone.objects.filter(patient_id__in=ids).order_by("patient_id", "position") if ids else ()
    phones: dict[int, list[PhoneRow]] = defaultdict(list)
    for phone in found:
        phones[phone.patient_id].append(
            (phone.position, phone.as_typed, phone.e164, phone.line_type, phone.use_for_reminders)
        )
    return phones


def _phones_that_differ(
    clinic: Clinic, changes: Sequence[PatientChange], old: Mapping[int, list[PhoneRow]]
) -> dict[int, list[PhoneRow]]:
    """By the index of the change: the numbers it leads to, where they are not there already."""
    differ = {}
    for index, change in enumerate(changes):
        if change.phones is None:
            continue
        present = old.get(change.patient.pk, []) if change.patient else []
        rows = _phone_rows(clinic.country, change.phones, present)
        if rows != present:
            differ[index] = rows
    return differ


def _phone_rows(country: str, wanted: PhonesWanted, present: Sequence[PhoneRow]) -> list[PhoneRow]:
    numbers = without_repeats([read_number(number, country) for number in wanted.numbers])
    if wanted.for_reminders is not None:
        marked: ReadNumber | None = read_number(wanted.for_reminders, country)
    else:
        marked = next((ReadNumber(*row[1:4]) for row in present if row[4]), None)
    chosen = choose_for_reminders(numbers, marked)
    return [
        (index + 1, number.as_typed, number.e164, number.line_type, index == chosen)
        for index, number in enumerate(numbers)
    ]


def _replace_phones(clinic: Clinic, wanted: Mapping[int, list[PhoneRow]], existing: set[int]) -> None:
    """All numbers of these patients anew: positions and the mark are unique, so single updates would collide."""
    if existing:
        Phone.objects.filter(patient_id__in=existing).delete()
    rows = [
        Phone(
            clinic=clinic,
            patient_id=patient_id,
            position=position,
            as_typed=as_typed,
            e164=e164,
            line_type=line_type,
            use_for_reminders=use,
        )
        for patient_id, numbers in wanted.items()
        for position, as_typed, e164, line_type, use in numbers
    ]
    Phone.objects.bulk_create(rows, batch_size=1000)


def _keep_consent_events(clinic: Clinic, written: Written[Patient], said: Said) -> tuple[int, int]:
    """One event for each consent that changed. Gives how many were given and how many withdrawn."""
    changed = [(row, field) for row in written.created for field in CONSENT_FIELDS if getattr(row, field)]
    changed += [(update.row, field) for update in written.updated for field in update.before if field in CONSENT_FIELDS]
    events = [
        ConsentEvent(
            clinic=clinic,
            patient=patient,
            subject=CONSENT_FIELDS[field],
            given=getattr(patient, field),
            at=said.at,
            by=said.by,
            how=said.how,
            wording=said.wording,
        )
        for patient, field in changed
    ]
    ConsentEvent.objects.bulk_create(events, batch_size=1000)
    given = sum(event.given for event in events)
    return given, len(events) - given
