"""What stands on a day's list? Appointments and blocks with their reminders' chips and the separate facts, as plain
values for the template, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from appointments.models import Appointment, Block, RemindedElsewhere, Status
from clinics.closed_on import Shut, closed_on
from clinics.models import Clinic, Practitioner
from clinics.pages.tags import moment
from messaging.channels import Channel
from messaging.models import Attempt
from reminders.models import Reminder
from reminders.outlook import outlook
from reminders.pages.chips import Chip, chip
from reminders.pages.words import CHANNEL

STATUS_ICON = {
    Status.REQUESTED: "question-circle",
    Status.SCHEDULED: "calendar-event",
    Status.CONFIRMED: "calendar-check",
    Status.ARRIVED: "door-open",
    Status.COMPLETED: "check-circle",
    Status.NO_SHOW: "person-x",
    Status.CANCELLED: "calendar2-x",
}
#: A visit that may still take place: what is missing can still be mended.
_OPEN_STATUSES = frozenset({Status.REQUESTED, Status.SCHEDULED, Status.CONFIRMED})


@dataclass(frozen=True)
class Fact:
    """One of the separate facts of an appointment's reminding. Never merged: sent is not delivered."""

    icon: str
    word: str
    note: str


@dataclass(frozen=True)
class Line:
    """One line of the list: an appointment, or a block (then `block` is true, without chips)."""

    id: int
    start: datetime
    end: datetime
    title: str
    note: str
    practitioner: str
    hue: int
    location: str
    block: bool = False
    status: str = ""
    status_code: str = ""
    status_icon: str = ""
    chips: tuple[Chip, ...] = ()
    #: What the chips have to say, each sentence once, with the chip that says it first.
    remarks: tuple[Chip, ...] = ()
    facts: tuple[Fact, ...] = ()
    attention: bool = False
    without_patient: bool = False
    past: bool = False


@dataclass(frozen=True)
class Day:
    """The whole list, already filtered, with the counts that its head names."""

    day: date
    lines: tuple[Line, ...]
    appointments: int
    attention: int
    now_before: int | None = None
    #: Why the clinic is closed on that day; empty where it is not.
    closed: tuple[Shut, ...] = ()
    practitioners: tuple[Practitioner, ...] = field(default=())


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of a local day and of the next."""
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def read_day(clinic: Clinic, day: date, now: datetime, practitioner: int | None, attention: bool) -> Day:
    """The list of a local day; `practitioner` and `attention` narrow it. Inside `in_clinic`."""
    begin, end = bounds(day, ZoneInfo(clinic.time_zone))
    lines, blocks = lines_between(clinic, begin, end, now, practitioner)
    wanted = narrowed(lines, blocks, attention)
    later = next((place for place, line in enumerate(wanted) if line.start > now), len(wanted))
    return Day(
        day=day,
        lines=tuple(wanted),
        appointments=len(lines),
        attention=sum(line.attention for line in lines),
        now_before=later if begin <= now < end else None,
        closed=closed_on(clinic, day, day, get_language() or "en").get(day, ()),
        practitioners=tuple(Practitioner.objects.order_by("name")),
    )


def lines_between(
    clinic: Clinic, begin: datetime, end: datetime, now: datetime, practitioner: int | None
) -> tuple[list[Line], list[Line]]:
    """The lines of all appointments that start, and of all blocks that lie, between two moments; `practitioner` narrows
    them. Inside `in_clinic`; a fixed number of queries."""
    found = Appointment.objects.filter(start__gte=begin, start__lt=end, deleted=False)
    blocks = Block.objects.filter(start__lt=end, end__gt=begin)
    if practitioner:
        found, blocks = found.filter(practitioner=practitioner), blocks.filter(practitioner=practitioner)
    rows = list(found.select_related("patient", "practitioner", "location", "type").order_by("start", "id"))
    return lines_of(clinic, rows, now), [block_line(row) for row in blocks.select_related("practitioner", "location")]


def narrowed(lines: Sequence[Line], blocks: Sequence[Line], attention: bool) -> list[Line]:
    """Appointments and blocks by time, or the appointments that need attention alone."""
    wanted = [line for line in lines if line.attention] if attention else [*lines, *blocks]
    return sorted(wanted, key=lambda line: (line.start, line.block, line.id))


def lines_of(clinic: Clinic, rows: Sequence[Appointment], now: datetime) -> list[Line]:
    """The lines of these appointments, in their order. Inside `in_clinic`."""
    chips = chips_of(clinic, rows, now)
    marks = marks_of(rows)
    return [_line(row, chips.get(row.pk, ()), marks.get(row.pk, ()), now) for row in rows]


def chips_of(clinic: Clinic, rows: Sequence[Appointment], now: datetime) -> dict[int, tuple[Chip, ...]]:
    """Each appointment's chips for its present occurrence, by due moment."""
    occurrence = {row.pk: row.occurrence for row in rows}
    reminders = [
        reminder
        for reminder in Reminder.objects.filter(appointment__in=list(occurrence)).order_by("due_at", "id")
        if reminder.occurrence == occurrence[reminder.appointment_id]
    ]
    messages = {reminder.message_id for reminder in reminders if reminder.message_id}
    newest = dict(Attempt.objects.filter(message__in=messages).order_by("number").values_list("message_id", "state"))
    views = outlook(clinic, reminders, now)
    chips: dict[int, tuple[Chip, ...]] = {}
    for one in reminders:
        made = chip(one, views[one.pk], newest.get(one.message_id or 0, ""))
        chips[one.appointment_id] = (*chips.get(one.appointment_id, ()), made)
    return chips


def marks_of(rows: Sequence[Appointment]) -> dict[int, tuple[RemindedElsewhere, ...]]:
    """The marks that count: those of the present occurrence."""
    occurrence = {row.pk: row.occurrence for row in rows}
    marks: dict[int, tuple[RemindedElsewhere, ...]] = {}
    for mark in RemindedElsewhere.objects.filter(appointment__in=list(occurrence)).select_related("marked_by"):
        if mark.occurrence == occurrence[mark.appointment_id]:
            marks[mark.appointment_id] = (*marks.get(mark.appointment_id, ()), mark)
    return marks


def _line(row: Appointment, chips: tuple[Chip, ...], marks: tuple[RemindedElsewhere, ...], now: datetime) -> Line:
    status = Status(row.status)
    patient, person = row.patient, row.practitioner
    return Line(
        id=row.pk,
        start=row.start,
        end=row.end,
        title=f"{patient.first_name} {patient.last_name}".strip() if patient else "",
        note=row.type.name if row.type else "",
        practitioner=person.name if person else "",
        hue=person.hue // 30 % 12 if person else 0,
        location=row.location.name if row.location else "",
        status=str(status.label),
        status_code=status.value,
        status_icon=STATUS_ICON[status],
        chips=chips,
        remarks=_remarks(chips),
        facts=_facts(chips, marks),
        attention=row.start > now and status in _OPEN_STATUSES and not marks and (patient is None or _trouble(chips)),
        without_patient=patient is None,
        past=row.end <= now,
    )


def _trouble(chips: tuple[Chip, ...]) -> bool:
    """Whether a person should look: something will not go as things stand; or the patient was not reached, and either
    something failed or nothing more is to come."""
    reached = any(one.word.code == "sent" for one in chips)
    to_come = any(one.word.code == "pending" and not one.will_not_go for one in chips)
    return any(
        one.will_not_go or (one.attention and not reached and (one.word.code == "error" or not to_come))
        for one in chips
    )


def _remarks(chips: tuple[Chip, ...]) -> tuple[Chip, ...]:
    """The chips whose reason is worth a line: of several with the same first reason, the one that has most to say."""
    fullest: dict[str, Chip] = {}
    for one in chips:
        first = str(one.reasons[0]) if one.reasons else one.why
        if one.why and not one.by_design and len(one.reasons) >= len(fullest.get(first, one).reasons):
            fullest[first] = one
    return tuple(fullest.values())


def block_line(row: Block) -> Line:
    """The line of a block."""
    return Line(
        id=row.pk,
        start=row.start,
        end=row.end,
        title=_("Blocked"),
        note=row.note,
        practitioner=row.practitioner.name,
        hue=row.practitioner.hue // 30 % 12,
        location=row.location.name if row.location else "",
        block=True,
    )


def _facts(chips: tuple[Chip, ...], marks: tuple[RemindedElsewhere, ...]) -> tuple[Fact, ...]:
    """Scheduled · sent by us · delivered · reminded elsewhere: only those for which there is evidence. Answers come
    with replies; a status set by staff is not a patient's answer."""
    facts = []
    waiting = sorted(one.next_at for one in chips if one.next_at)
    if waiting:
        facts.append(Fact("clock", pgettext("fact", "Scheduled"), moment(waiting[0])))
    sent = [one for one in chips if one.sent_at]
    if sent:
        facts.append(Fact("send-check", pgettext("fact", "Sent by us"), _by_channel(sent)))
    delivered = [one for one in sent if one.delivered]
    if delivered:
        facts.append(Fact("mailbox", pgettext("fact", "Delivered"), _by_channel(delivered)))
    for mark in marks:
        facts.append(Fact("person-check", pgettext("fact", "Reminded elsewhere"), _mark_note(mark)))
    return tuple(facts)


def _by_channel(chips: Sequence[Chip]) -> str:
    return ", ".join(dict.fromkeys(str(one.channel) for one in chips))


def _mark_note(mark: RemindedElsewhere) -> str:
    """Who, how, when, and for which channel if not for all."""
    parts = [mark.get_how_display(), mark.marked_by.get_full_name() if mark.marked_by else "", moment(mark.marked_at)]
    if mark.channel:
        parts.insert(0, str(CHANNEL[Channel(mark.channel)]))
    return " · ".join(str(part) for part in parts if part)
