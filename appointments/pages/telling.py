"""Shall the patient be told? What a page asks at the moment of change, and what would then go, by which channel, when.

Nothing is guessed: what would go is looked up in the plan itself, as if the change had been saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.models import Appointment, NoticeAnswer, Status
from appointments.notices import Answer
from appointments.pages.saving import PageChange, looking_ahead, save_appointment
from clinics.models import Clinic, User
from clinics.pages.access import clinic_of
from clinics.pages.tags import moment
from messaging.channels import Channel
from reminders.compose import Text, compose, values
from reminders.facts import notice_trigger
from reminders.gates import CATALOGUE
from reminders.kinds import NOTICES, OPEN_STATES, Kind
from reminders.material import Material, gather
from reminders.models import Reminder, Rule, Told
from reminders.outlook import Foreseen, foreseen_of
from reminders.pages.chips import in_short
from reminders.pages.words import CHANNEL, Words
from reminders.timing import GRACE, Hours

Event = NoticeAnswer.Event
#: What the patient is told of; other columns of an appointment change in silence.
_TOLD = ("start", "practitioner_id", "location_id")
_MINUTE = timedelta(minutes=1)
#: The gate of a form in which nothing was changed yet.
_UNCHANGED = frozenset({"nothing_changed"})


@dataclass(frozen=True)
class Line:
    """One notice: its channel, when it would go (empty: it would not, and why), a warning about that moment, and the
    words it would go with."""

    channel: Words
    when: str
    reasons: tuple[Words, ...] = ()
    warning: str = ""
    text: Text | None = None


@dataclass(frozen=True)
class Question:
    """What is asked, the answer as it stands in the form, and what "yes" would bring. `stops`: "no" also stops what an
    earlier change was to tell. `owed`: it was not answered yet, and nothing was saved."""

    event: Event
    notify: bool
    lines: tuple[Line, ...]
    minutes: int = GRACE // _MINUTE
    stops: bool = False
    owed: bool = False


def event_of(row: Appointment | None, fields: Mapping[str, Any], now: datetime) -> Event | None:
    """What staff are asked about when these columns are saved; None where the patient has nothing to be told, or no
    active rule tells of it. A patient who is linked afterwards, or in another's place, is told of a booking. One who is
    still to be written counts too: `patient_id` is then anything but None."""
    event = _event(row, fields)
    after = {name: fields.get(name, getattr(row, name, None)) for name in ("patient_id", "start", "deleted")}
    if event is None or after["patient_id"] is None or after["deleted"] or after["start"] <= now:
        return None
    return event if has_rule(event) else None


def has_rule(event: Event) -> bool:
    """Whether the clinic tells of this at all."""
    return bool(Rule.objects.filter(kind=event, active=True).exists())


def _event(row: Appointment | None, fields: Mapping[str, Any]) -> Event | None:
    if row is None:
        return Event.BOOKING
    after = fields.get("status", row.status)
    if after == Status.CANCELLED:
        return None if row.status == Status.CANCELLED else Event.CANCELLATION
    if fields.get("patient_id", row.patient_id) != row.patient_id:
        return Event.BOOKING  # whoever is linked now was told nothing of it, whoever else was
    if row.status == Status.CANCELLED and _was_told_of_the_end(row):
        return Event.CHANGE
    return Event.CHANGE if any(fields.get(name, getattr(row, name)) != getattr(row, name) for name in _TOLD) else None


def _was_told_of_the_end(row: Appointment) -> bool:
    """Whether the patient knows, or may know, of the cancellation."""
    told = Told.objects.filter(appointment=row).first()
    begun = Reminder.objects.filter(appointment=row, kind=Event.CANCELLATION, message__isnull=False)
    return (told is not None and bool(told.facts.get("cancelled"))) or begun.exists()


def read_answer(request: HttpRequest, event: Event | None) -> Answer | None:
    """What the form says; None where nothing was asked, or not answered yet."""
    said = request.POST.get("notify")
    return Answer(event, said == "yes") if event is not None and said in ("yes", "no") else None


def question(request: HttpRequest, row: Appointment | None, event: Event, lines: tuple[Line, ...]) -> Question:
    """The question as the page shows it; "yes" until somebody says otherwise."""
    open_ones = Reminder.objects.filter(appointment=row, kind__in=NOTICES, state__in=OPEN_STATES) if row else None
    return Question(
        event,
        request.POST.get("notify") != "no",
        lines,
        stops=open_ones is not None and open_ones.exists(),
        owed=request.method == "POST" and "ask" not in request.POST and "notify" not in request.POST,
    )


def lines_by_rule(event: Event) -> tuple[Line, ...]:
    """What would go as far as is known while the form is not filled in: what the rules say."""
    channels = dict.fromkeys(
        Rule.objects.filter(kind=event, active=True).order_by("pk").values_list("channel", flat=True)
    )
    names = [CHANNEL[Channel(one)] if one else _("the patient's preferred channel") for one in channels]
    return tuple(Line(name, _in_minutes(GRACE)) for name in names)


def lines_if_saved(clinic: Clinic, change: PageChange, event: Event, by: User, now: datetime) -> tuple[Line, ...]:
    """What would go if this were saved and staff said yes; inside `in_clinic`. Nothing stays of it. Without columns it
    stands for any change of the appointment."""
    with looking_ahead():
        if change.row is not None:  # its answer is one of its own, also where nothing is changed yet
            Appointment.objects.filter(pk=change.row.pk).update(revision=F("revision") + 1)
        saved = save_appointment(clinic, replace(change, answer=Answer(event, True)), by, now)
        return lines_of(clinic, saved.pk, now, frozenset() if change.fields else _UNCHANGED)


def lines_of(
    clinic: Clinic, appointment_id: int, now: datetime, waived: frozenset[str] = frozenset()
) -> tuple[Line, ...]:
    """What goes of an answer to the appointment's last change, which was yes; inside `in_clinic`. `waived` gates count
    as open."""
    material = gather(clinic, [appointment_id])
    row = material.appointments[appointment_id]
    standing = list(Reminder.objects.filter(appointment=row).order_by("pk"))
    found = [
        one for one in foreseen_of(material, standing, now) if one.reminder.trigger == notice_trigger(row.revision)
    ]
    lines = tuple(_line(one, material.hours(row), now, waived) for one in found)
    if waived:  # nothing is typed yet: the words would name the old time
        return lines
    texts = (_text(material, row, one.reminder) for one in found)
    return tuple(replace(line, text=text) for line, text in zip(lines, texts, strict=True))


def _text(material: Material, row: Appointment, reminder: Reminder) -> Text | None:
    channel = Channel(reminder.channel)
    wording = material.wording(Kind(reminder.kind), channel, row)
    return compose(wording, values(material, row, wording.language), channel) if wording else None


def _line(one: Foreseen, hours: Hours, now: datetime, waived: frozenset[str]) -> Line:
    channel, decision = CHANNEL[Channel(one.reminder.channel)], one.foresight.decision
    closed = [gate.code for gate in decision.failed if gate.code not in waived]
    goes_at = one.foresight.goes_at or (None if closed else decision.schedule.due)
    if goes_at is None:
        return Line(channel, "", tuple(CATALOGUE[code].failed for code in closed))
    when = _in_minutes(goes_at - now) if goes_at - now <= GRACE + _MINUTE else moment(goes_at)
    return Line(channel, when, warning=_unasked_hour(goes_at, hours, now))


def _in_minutes(span: timedelta) -> str:
    count = ceil(span / _MINUTE)
    return ngettext("in %(count)s minute", "in %(count)s minutes", count) % {"count": count}


def _unasked_hour(goes_at: datetime, hours: Hours, now: datetime) -> str:
    """A notice leaves whenever staff agreed to it; they know at which hour that is."""
    zone = ZoneInfo(hours.zone)
    if hours.quiet_at(goes_at.astimezone(zone).time()):
        clock = now.astimezone(zone).strftime("%H:%M")
        return _("It is %(time)s: the message would leave in the quiet hours.") % {"time": clock}
    if not hours.open_on(goes_at.astimezone(zone).date()):
        return _("The clinic is closed today: the message would leave all the same.")
    return ""


def say_saved(request: HttpRequest, saved: Appointment, said: str, answer: Answer | None, now: datetime) -> None:
    """The page's message after saving: what was done, and whether the patient will be told of it, when and how."""
    if answer is None:
        messages.success(request, said)
        return
    lines = lines_of(clinic_of(request), saved.pk, now) if answer.notify else ()
    going = [line for line in lines if line.when]
    if not answer.notify:
        told = _("The patient is not told of it.")
    elif going:
        how = {"when": going[0].when, "channels": ", ".join(str(line.channel) for line in going)}
        told = _("The patient will be told %(when)s (%(channels)s).") % how
    else:
        reasons = lines[0].reasons if lines else (_("No notice is meant for an appointment like this one."),)
        messages.success(request, said)
        messages.warning(request, _("The patient will not be told of it: %s") % in_short(reasons))
        return
    messages.success(request, f"{said} {told}")
