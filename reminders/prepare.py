"""Does each claimed reminder go after all, and with which words? Decide, compose and begin, in one transaction.

It locks the appointments and patients it looks at, so what commits before it counts and what commits later is too
late. What is to be sent leaves here with its attempt row written; everything else is moved on to where it belongs.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from clinics.fetch import fetch
from clinics.models import Clinic
from clinics.rows import update_rows
from messaging.channels import Channel
from messaging.delivery import Begun, Draft, begin
from messaging.models import Message, Sender
from messaging.outcomes import Purpose
from messaging.pace import pace_of, reserve
from messaging.sender_state import take_probe
from reminders import recent
from reminders.compose import compose, values
from reminders.decision import Decision, Verdict, decide
from reminders.facts import address_of, facts_of, part_of
from reminders.fallback import open_after
from reminders.kinds import Kind, State
from reminders.material import Material
from reminders.models import Reminder
from reminders.plan import end
from reminders.poison import strike
from reminders.queue import Claim
from reminders.series import Series, has_series
from reminders.taking import appointments_of, take
from reminders.timing import closes_at
from reminders.told import facts_to_tell
from reminders.turns import turn_of

log = logging.getLogger(__name__)

_ENDS = {
    Verdict.SKIP: State.SKIPPED,
    Verdict.EXPIRE: State.EXPIRED,
    Verdict.CANCEL: State.CANCELLED,
    Verdict.SUPERSEDE: State.SUPERSEDED,
}
_CHANGED = [
    "state", "due_at", "deadline", "look_at", "lease_until", "message_id", "strikes", "failure", "gates", "decided_at",
    "ended_at", "says",
]  # fmt: skip


def prepare(clinic: Clinic, claims: Sequence[Claim], now: datetime) -> list[tuple[int, Begun]]:
    """Decides the claimed reminders of one clinic; gives (reminder id, attempt begun) for those that go.

    Inside `in_clinic`; commit before calling. A claim whose epoch is no longer the row's is passed over.
    """
    epochs = {claim.reminder_id: claim.epoch for claim in claims}
    material = take(clinic, appointments_of(epochs))
    reminders = [
        reminder
        for reminder in fetch(Reminder, "t.id = ANY(%s) ORDER BY t.id FOR UPDATE", [list(epochs)])
        if reminder.state == State.CLAIMED and reminder.epoch == epochs[reminder.pk]
    ]
    held = recent.hold(clinic, _whom(material, reminders))
    material.recent = recent.Recent(held)
    batch = _batch(material, reminders, now)
    drafts = []
    for reminder in sorted(reminders, key=turn_of):  # as the forecast does
        draft = _draft_or_move_on(batch, reminder, now)
        if draft is not None:
            drafts.append((reminder, draft))
            _note(material, reminder, now)
    begun = _begin(material, drafts, now)
    recent.write(held, material.recent, now)
    update_rows(Reminder, reminders, _CHANGED)
    open_after(reminders, now)
    return begun


def _whom(material: Material, reminders: list[Reminder]) -> set[tuple[int, str]]:
    """The patients, and over which channels."""
    pairs = ((material.appointments[one.appointment_id].patient_id, one.channel) for one in reminders)
    return {(patient_id, channel) for patient_id, channel in pairs if patient_id is not None}


def _note(material: Material, reminder: Reminder, now: datetime) -> None:
    """It begins: the next ones of the same patient see it."""
    patient_id = material.appointments[reminder.appointment_id].patient_id
    material.recent.note(patient_id, reminder.channel, recent.own_key(reminder), now)


@dataclass(frozen=True)
class _Batch:
    """What the reminders of one transaction have in common; deciding one of them asks the database nothing more."""

    material: Material
    #: Further rounds of the same appointments' steps.
    siblings: list[Reminder]
    #: Their other steps that are due too, or were.
    series: Series
    #: The messages of earlier attempts: a retry is the same message.
    messages: dict[int, Message]


def _batch(material: Material, reminders: list[Reminder], now: datetime) -> _Batch:
    others = fetch(
        Reminder,
        "t.appointment_id = ANY(%s) AND t.id <> ALL(%s) "
        "AND (t.round > 1 OR (%s AND t.event_at IS NULL AND t.due_at <= %s))",
        [list(material.appointments), [one.pk for one in reminders], has_series(material), now],
    )
    found = [*others, *reminders]
    siblings = [one for one in found if one.round > 1 or one.state == State.CLAIMED]
    earlier = [one.message_id for one in reminders if one.message_id]
    messages = {one.pk: one for one in fetch(Message, "t.id = ANY(%s)", [earlier])} if earlier else {}
    return _Batch(material, siblings, Series(material, found), messages)


def _draft_or_move_on(batch: _Batch, reminder: Reminder, now: datetime) -> Draft | None:
    """The text to send, or None with the reminder moved on. A row that cannot be looked at never stops its batch."""
    try:
        return _decide(batch, reminder, now)
    except Exception:
        log.exception("reminder %s cannot be decided", reminder.pk)
        strike(reminder, now)
        return None


def _decide(batch: _Batch, reminder: Reminder, now: datetime) -> Draft | None:
    material = batch.material
    appointment = material.appointments[reminder.appointment_id]
    rule = material.rules.get(reminder.rule_id or 0)
    part = part_of(material, reminder, batch.siblings)
    part = batch.series.complete(part, reminder, partial(_goes_now, batch, now))
    decision = decide(facts_of(material, appointment, rule, part), now)
    reminder.deadline = decision.schedule.deadline
    reminder.due_at = decision.schedule.due or decision.schedule.nominal
    if decision.verdict is not Verdict.SEND:
        _move_on(reminder, decision, now)
        return None
    wording = material.wording(Kind(reminder.kind), reminder.channel, appointment)
    patient = material.patients[appointment.patient_id or 0]
    if wording is None:
        raise LookupError("a reminder without wording was decided to go")
    text = compose(wording, values(material, appointment, wording.language), Channel(reminder.channel))
    reminder.gates, reminder.decided_at = decision.frozen(), now
    reminder.says = facts_to_tell(appointment)
    if reminder.channel in material.failing:  # it is the one that tries the account; the others wait for its answer
        material.failing_until[Channel(reminder.channel)] = now + timedelta(seconds=settings.LEASE_SECONDS)
    closes = reminder.deadline if part.any_hour else closes_at(now, material.hours(appointment))
    return Draft(
        message=batch.messages.get(reminder.message_id or 0),
        channel=Channel(reminder.channel),
        purpose=Purpose.REMINDER,
        address=address_of(material, patient, Channel(reminder.channel)),
        deadline=reminder.deadline,
        subject=text.subject,
        text=text.text,
        html=text.html,
        start_before=min(reminder.deadline, closes),
    )


def _goes_now(batch: _Batch, now: datetime, step: Reminder) -> datetime | None:
    """`now`, where that other step would go now by its own gates."""
    material = batch.material
    appointment, rule = material.appointments[step.appointment_id], material.rules.get(step.rule_id or 0)
    facts = facts_of(material, appointment, rule, part_of(material, step, batch.siblings))
    return now if decide(facts, now).verdict is Verdict.SEND else None


def _move_on(reminder: Reminder, decision: Decision, now: datetime) -> None:
    reminder.lease_until = None
    ends = _ENDS.get(decision.verdict)
    if ends is not None:
        end(reminder, ends, decision, now)
        return
    reminder.state = State.HELD if decision.verdict is Verdict.HOLD else State.PLANNED
    reminder.look_at = max(decision.until or reminder.due_at, reminder.look_at)


def _begin(material: Material, drafts: list[tuple[Reminder, Draft]], now: datetime) -> list[tuple[int, Begun]]:
    begun: list[tuple[int, Begun]] = []
    for channel, sender in material.senders.items():
        own = [(reminder, draft) for reminder, draft in drafts if draft.channel == channel]
        if not own:
            continue
        own, waits = _in_time(material, sender, own, now)
        made = begin(material.clinic.pk, sender, [draft for _, draft in own], now)
        if made and sender.channel in material.failing:
            take_probe(material.failing[Channel(sender.channel)], made[0].attempt_id)
        for (reminder, _), one, wait in zip(own, made, waits, strict=True):
            reminder.state, reminder.message_id = State.SENDING, one.message_id
            begun.append((reminder.pk, replace(one, not_before=time.monotonic() + wait)))
    return begun


def _in_time(
    material: Material, sender: Sender, own: list[tuple[Reminder, Draft]], now: datetime
) -> tuple[list[tuple[Reminder, Draft]], Sequence[float]]:
    """Those that the account's pace lets begin, with the seconds that each waits for; the others go back to the plan
    until it is likely to be free."""
    pace = pace_of(sender, material.slowed.get(Channel(sender.channel)))
    if pace is None:
        return own, [0.0] * len(own)
    slots = reserve(sender, pace, len(own))
    for (reminder, _), seconds in zip(own[len(slots.begin) :], slots.later, strict=True):
        reminder.state, reminder.lease_until = State.PLANNED, None
        reminder.look_at = min(now + timedelta(seconds=seconds), reminder.deadline)
    return own[: len(slots.begin)], slots.begin
