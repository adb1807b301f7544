"""What was the patient last told of an appointment? What was agreed when it was booked, then what went out.

A notice of a change compares with it, so that a change that was undone tells nothing. The one writer of Told.

Staff's "no" to "tell the patient?" counts as told by them, of the change that it was said of. Where that change does
not outlive the grace and nobody was asked anew (Undo asks nothing), it was never told: the patient knows what he knew.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from appointments.models import Appointment, Status
from clinics.rows import insert_rows, update_rows
from reminders.material import Grounds
from reminders.models import Reminder, Told
from reminders.timing import GRACE

#: Beside the facts that a "no" brought: those that the patient was told before.
_FORMER = "former"


def facts_to_tell(appointment: Appointment) -> dict[str, Any]:
    """What a message says of the appointment, as JSON holds it; the start in UTC."""
    return {
        "start": appointment.start.isoformat(),
        "practitioner": appointment.practitioner_id,
        "location": appointment.location_id,
        "cancelled": appointment.status == Status.CANCELLED,
    }


def differs(told: Told, appointment: Appointment) -> bool:
    """Whether the appointment is not as the patient was last told."""
    present = facts_to_tell(appointment)
    return told_start(told) != appointment.start or any(
        told.facts.get(name) != value for name, value in present.items() if name != "start"
    )


def told_start(told: Told) -> datetime:
    """The start that the patient was last told."""
    return datetime.fromisoformat(told.facts["start"])


def note_first_sight(material: Grounds, now: datetime) -> None:
    """What the plan sees for the first time was agreed with the patient so. A change of which staff said that the
    patient need not be told counts as told by them, unless it is gone again within the grace. Inside `in_clinic`;
    `material` then holds the same."""
    missing = [
        Told(clinic_id=one.clinic_id, appointment=one, facts=facts_to_tell(one), at=now)
        for one in material.appointments.values()
        if one.pk not in material.told
    ]
    insert_rows(Told, missing)
    by_staff = []
    for told in material.told.values():
        answer = material.answers.get(told.appointment_id)
        appointment = material.appointments[told.appointment_id]
        if answer is None or answer.notify:
            continue
        if answer.at > told.at:
            former = {name: value for name, value in told.facts.items() if name != _FORMER}
            told.facts, told.at = facts_to_tell(appointment) | {_FORMER: former}, answer.at
            by_staff.append(told)
        elif _FORMER in told.facts and now < answer.at + GRACE and differs(told, appointment):
            told.facts = told.facts[_FORMER]
            by_staff.append(told)
    update_rows(Told, by_staff, ["facts", "at"])
    material.told.update({told.appointment_id: told for told in missing})


def note_handed_over(reminders: Sequence[Reminder]) -> None:
    """What these reminders said is what the patient knows, unless a later message has said otherwise since."""
    said = {one.appointment_id: one for one in _oldest_first(reminders) if one.says and one.decided_at}
    rows = Told.objects.select_for_update(of=("self",)).filter(appointment__in=said).order_by("pk")
    changed = []
    for told in rows:
        reminder = said[told.appointment_id]
        if reminder.decided_at is not None and reminder.decided_at >= told.at:
            told.facts, told.at = reminder.says, reminder.decided_at
            changed.append(told)
    update_rows(Told, changed, ["facts", "at"])


def _oldest_first(reminders: Iterable[Reminder]) -> list[Reminder]:
    return sorted(reminders, key=lambda one: (one.decided_at is not None, one.decided_at, one.pk))
