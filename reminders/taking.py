"""Which rows does a decision need that is carried out at once? Those of `reminders.material`, locked, few statements.

The appointments and then the patients are locked FOR SHARE in the order of their ids: what commits before that counts,
what commits later is too late. Reminders are locked after them, everywhere, so that no two wait for each other. What
belongs to the clinic itself is read anew only where it has changed (`reminders.house`).
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection

from appointments.models import Appointment, ChannelFlag, NoticeAnswer, RemindedElsewhere
from clinics.clock import shift
from clinics.fetch import Wanted, fetch, fetch_together
from clinics.models import Clinic
from clinics.prepared import ask
from messaging.channels import Channel
from messaging.models import SenderState
from messaging.sender_state import failing_senders
from patients.models import Patient, Phone
from reminders.house import VERSIONS, House, houses
from reminders.material import Material
from reminders.models import Told
from reminders.recent import Recent

_LOCKED = "t.id = ANY(%s) ORDER BY t.id FOR SHARE"
_OF_THEM = "t.appointment_id = ANY(%s)"
_OF_SENDERS = "EXISTS (SELECT 1 FROM messaging_sender s WHERE s.id = t.sender_id AND s.active)"


def appointments_of(reminder_ids: Iterable[int]) -> list[int]:
    """Of these reminders; a reminder never changes to another appointment. Inside `in_clinic`."""
    with connection.cursor() as cursor:
        ask(cursor, "SELECT appointment_id FROM reminders_reminder WHERE id = ANY(%s)", [list(reminder_ids)])
        return [found for (found,) in cursor.fetchall()]


def take(clinic: Clinic, appointment_ids: Iterable[int]) -> Material:
    """Everything about these appointments but what began of late, which `reminders.recent.hold` then gives. Inside
    `in_clinic`."""
    appointments = {one.pk: one for one in fetch(Appointment, _LOCKED, [sorted(set(appointment_ids))])}
    wanted = sorted({one.patient_id for one in appointments.values() if one.patient_id})
    patients = {one.pk: one for one in fetch(Patient, _LOCKED, [wanted])} if wanted else {}
    ids = list(appointments)
    (marks, flags, phones, answers, told, states), versions = fetch_together(
        Wanted(RemindedElsewhere, _OF_THEM, (ids,)),
        Wanted(ChannelFlag, f"{_OF_THEM} AND NOT t.wanted", (ids,)),
        Wanted(Phone, "t.patient_id = ANY(%s) AND t.use_for_reminders", (wanted,)),
        Wanted(NoticeAnswer, _OF_THEM, (ids,), order="t.revision, t.id"),
        Wanted(Told, _OF_THEM, (ids,)),
        Wanted(SenderState, _OF_SENDERS),
        beside=VERSIONS,
    )
    material = _of_the_house(clinic, houses.of(clinic.pk, versions), states)
    material.appointments, material.patients = appointments, patients
    material.phones = {one.patient_id: one for one in phones}
    for mark in marks:
        material.marks.setdefault((mark.appointment_id, mark.occurrence), {})[mark.channel] = mark.how
    for flag in flags:
        material.unwanted.setdefault(flag.appointment_id, set()).add(flag.channel)
    material.answers = {one.appointment_id: one for one in answers}
    material.told = {one.appointment_id: one for one in told}
    return material


def _of_the_house(clinic: Clinic, house: House, states: Iterable[SenderState]) -> Material:
    """With no appointment yet."""
    state_of = {one.sender_id: one for one in states}
    known = {Channel(one.channel): state_of[one.pk] for one in house.senders.values() if one.pk in state_of}
    failing = failing_senders(lock=True) if any(one.open_until for one in known.values()) else {}
    ahead = shift() if failing else timedelta(0)
    return Material(
        clinic=clinic,
        appointments={},
        patients={},
        phones={},
        practitioners=dict(house.practitioners),
        locations=dict(house.locations),
        types=dict(house.types),
        rules=dict(house.rules),
        wordings=dict(house.wordings),
        senders=dict(house.senders),
        slowed={channel: state.slowed for channel, state in known.items()},
        failing=failing,
        failing_until={channel: until + ahead for channel, state in failing.items() if (until := state.open_until)},
        unwanted={},
        marks={},
        answers={},
        told={},
        switched_off=set(house.switched_off),
        own_days=house.own_days,
        recent=Recent(),
    )
