"""The product's side: a clinic in the real database, changed by the real writers, and its real drain.

Every act takes `now` as a page would take it from the clock. What a page does after writing (it has the plan follow
before it answers) is done here too.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from appointments import staff_says
from appointments.models import Appointment, NoticeAnswer, RemindedElsewhere
from appointments.notices import Answer, answer_notice
from appointments.writing import AppointmentChange, plan_again_for_patients, write_appointments, write_blocks
from appointments.writing import BlockChange as Blocked
from clinics import clock
from clinics.closed_days import Closing
from clinics.models import Clinic, ClosedDay, Location, Practitioner, User
from clinics.scope import in_clinic
from clinics.setting_log import Act
from messaging.channels import Channel
from messaging.models import Attempt, Message
from messaging.outcomes import AttemptState, FailureKind
from messaging.providers import Report
from messaging.receipts import store
from patients.models import Patient
from patients.writing import PatientChange, PhonesWanted, Said, write_patients
from reminders import queue
from reminders.drain import drain
from reminders.kinds import Kind, LatePolicy, TimingKind
from reminders.lanes import Lanes
from reminders.models import Reminder, Rule
from reminders.outlook import Foreseen, foreseen
from reminders.packages import write_package
from reminders.pausing import pause, resume
from reminders.plan import bring_up_to_date
from reminders.prepare import prepare
from reminders.queue import Claim
from reminders.replanning import change_clinic, close_days, take_back
from reminders.rule_check import Fallback
from reminders.rule_writing import NewRule, Only, RuleRefused, write_rule
from reminders.send_now import Ask, send_now
from reminders.timing import Timing
from reminders.wordings import NewWording, write_wording
from tests.forecast.texts import words_of

LANGUAGE = "es"
#: Rings at one moment; what still waits after them is seen as a difference.
_MOST_RINGS = 8
#: Seconds that a drain may take on a machine with much else to do.
_PATIENCE = 120
#: The name by which both sides know a row.
Name = tuple[int, int | None, str, str, int]
_NAME = ("appointment_id", "rule_id", "trigger", "route", "round")


@dataclass
class Product:
    """One clinic. Rows are named by their ids, as in the model."""

    clinic_id: int
    user: User
    lanes: Lanes
    practitioners: list[int]
    locations: list[int]
    types: list[int]

    @contextmanager
    def scope(self) -> Iterator[Clinic]:
        """Inside the clinic's two walls, with the clinic as it is now."""
        with in_clinic(self.clinic_id):
            yield Clinic.objects.get(pk=self.clinic_id)

    # The agenda

    def save(self, key: int | None, now: datetime, fields: Mapping[str, Any]) -> Appointment:
        """Books (no key) or changes an appointment, as its page does."""
        with self.scope() as clinic:
            row = Appointment.objects.get(pk=key) if key else None
            saved = write_appointments(clinic, [AppointmentChange(row, fields)], now).rows[0]
            bring_up_to_date(clinic, [saved.pk], now)
            return saved

    def block(self, practitioner: int, start: datetime, end: datetime) -> None:
        """A time in which nobody can be booked."""
        with self.scope() as clinic:
            write_blocks(clinic, [Blocked(None, {"practitioner_id": practitioner, "start": start, "end": end})])

    def answer(self, key: int, event: str, notify: bool, now: datetime) -> int | None:
        """Staff were asked whether the patient is told; gives the revision, None where that was answered already."""
        with self.scope() as clinic:
            row = Appointment.objects.get(pk=key)
            said = Answer(NoticeAnswer.Event(event), notify)
            new = answer_notice(clinic, row, said, self.user, now)
            bring_up_to_date(clinic, [key], now)
            return row.revision if new else None

    def flag(self, key: int, channel: str, wanted: bool, now: datetime) -> None:
        """Reminders over that channel are wanted for the appointment, or not."""
        with self.scope() as clinic:
            row = Appointment.objects.get(pk=key)
            staff_says.set_channel_flags(clinic, row, {channel: wanted}, self.user, now)

    def mark(self, key: int, channel: str, now: datetime) -> None:
        """Staff reminded the patient themselves."""
        with self.scope() as clinic:
            row = Appointment.objects.get(pk=key)
            staff_says.mark_reminded(clinic, row, staff_says.Mark(channel, "phone"), self.user, now)
            bring_up_to_date(clinic, [key], now)

    def unmark(self, key: int, occurrence: int, channel: str, now: datetime) -> None:
        """And take that back."""
        with self.scope() as clinic:
            row = Appointment.objects.get(pk=key)
            mark = RemindedElsewhere.objects.get(appointment=row, occurrence=occurrence, channel=channel)
            staff_says.take_mark_back(row, mark.pk)
            bring_up_to_date(clinic, [key], now)

    def send_now(self, key: int, channel: str, token: UUID, now: datetime) -> str:
        """A person sends at once; what became of it."""
        with self.scope() as clinic:
            return send_now(clinic, Ask(key, Channel(channel), self.user, token), now).outcome.value

    # Patients

    def patient(self, key: int | None, now: datetime, fields: Mapping[str, Any], phone: str | None = None) -> int:
        """Makes (no key) or changes a patient; `phone` is his only number, "" for none, None as it is."""
        with self.scope() as clinic:
            row = Patient.objects.get(pk=key) if key else None
            phones = None if phone is None else PhonesWanted([phone] if phone else [])
            said = Said(now, "page", self.user)
            written = write_patients(clinic, [PatientChange(row, fields, phones)], said)
            plan_again_for_patients(written.channel_changed, now)
            return int(written.patients[0].pk)

    # The clinic

    def settings(self, now: datetime, **fields: Any) -> None:
        """Changes the clinic's switches."""
        with self.scope() as clinic:
            change_clinic(clinic, fields, Act(self.user, now))

    def pause(self, until: datetime, now: datetime) -> None:
        """Nothing leaves by itself before that."""
        with self.scope() as clinic:
            pause(clinic, until, Act(self.user, now))

    def resume(self, now: datetime) -> None:
        """The pause ends."""
        with self.scope() as clinic:
            resume(clinic, Act(self.user, now))

    def close(self, day: date, place: int | None, now: datetime) -> None:
        """Closes a day, at one place or at all."""
        with self.scope() as clinic:
            location = Location.objects.get(pk=place) if place else None
            close_days(clinic, Closing(day, day, "Cerrado", location), Act(self.user, now))

    def reopen(self, day: date, place: int | None, now: datetime) -> None:
        """Takes that back."""
        with self.scope() as clinic:
            ids = list(ClosedDay.objects.filter(day=day, location=place).values_list("pk", flat=True))
            take_back(clinic, ids, Act(self.user, now))

    def rule(self, key: int | None, now: datetime, words: Mapping[str, Any]) -> int | None:
        """Makes (no key) or changes a rule; None where it is refused."""
        with self.scope() as clinic:
            row = Rule.objects.get(pk=key) if key else None
            try:
                return int(write_rule(clinic, row, _wanted(words), Act(self.user, now)).rule.pk)
            except RuleRefused:
                return None

    def package(self, practitioner: int, kind: str, on: bool, now: datetime) -> None:
        """A practitioner's own package: that kind on or off."""
        with self.scope() as clinic:
            whose = Practitioner.objects.get(pk=practitioner)
            write_package(clinic, whose, {Kind(kind): on}, Act(self.user, now))

    def wording(self, kind: str, channel: str, with_phone: bool, now: datetime) -> None:
        """Words that name their kind, and the practitioner's phone or not."""
        subject, text = words_of(kind, channel, with_phone)
        with self.scope() as clinic:
            write_wording(clinic, NewWording(Kind(kind), Channel(channel), LANGUAGE, subject, text), self.user, now)

    # What happens by itself, and what is said of it

    def claim(self, now: datetime) -> list[Claim]:
        """A worker claims what is due."""
        return queue.claim(now).get(self.clinic_id, [])

    def prepare(self, claims: list[Claim], now: datetime) -> None:
        """And decides it again; what goes is on its way."""
        with self.scope() as clinic:
            begun = prepare(clinic, claims, now)
        if begun:
            self.lanes.reserve([self.clinic_id])
            self.lanes.start(self.clinic_id, begun)

    def confirm(self, key: int, now: datetime) -> None:
        """The patient confirms; nobody plans meanwhile."""
        with self.scope() as clinic:
            write_appointments(
                clinic, [AppointmentChange(Appointment.objects.get(pk=key), {"status": "confirmed"})], now
            )

    def leases_end(self) -> None:
        """Instead of waiting in real time: every lease, and every wait for evidence, is over."""
        with self.scope(), connection.cursor() as cursor:
            cursor.execute("UPDATE reminders_reminder SET lease_until = clock_timestamp() - interval '1 second'")

    def drain(self) -> int:
        """Rings until nothing is due and the whole plan is made again; gives how many calls began."""
        began = 0
        for _ in range(_MOST_RINGS):
            began += drain(self.lanes, _PATIENCE)
            look_at = self.next_moment()
            waits = look_at is not None and look_at <= clock.now()
            if not (waits or queue.walking() or self.lanes.busy()):
                break
        return began

    def next_moment(self) -> datetime | None:
        """When by the product's own answer the next row is looked at."""
        return queue.next_moment()[0]

    def reported(self, name: Name, delivered: bool) -> None:
        """The provider reports a text message as delivered, or as not."""
        with self.scope() as clinic:
            attempt = Attempt.objects.get(
                message=Reminder.objects.get(**dict(zip(_NAME, name, strict=True))).message_id
            )
            failure = None if delivered else FailureKind.UNDELIVERED
            state = AttemptState.DELIVERED if delivered else AttemptState.FAILED
            store(clinic.pk, attempt.pk, Report(f"said-{state}", state, attempt.provider_ref, failure))

    def waits_until(self, name: Name) -> datetime | None:
        """Until when a delivery of that row's message is waited for."""
        with self.scope():
            moment: datetime | None = Reminder.objects.get(**dict(zip(_NAME, name, strict=True))).fallback_at
            return moment

    def each(self, column: str) -> dict[Name, Any]:
        """That column of every row."""
        with self.scope():
            return {tuple(row[:5]): row[5] for row in Reminder.objects.values_list(*_NAME, column)}

    def rows(self) -> list[dict[str, Any]]:
        """Every row as it lies there, for whoever looks for a cause."""
        columns = ("appointment_id", "rule_id", "trigger", "route", "state", "channel", "planned_at", "due_at",
                   "deadline", "look_at", "event_at", "fallback_at", "gates")  # fmt: skip
        with self.scope():
            found = list(Reminder.objects.order_by("pk").values(*columns))
        for one in found:
            one["gates"] = [gate[0] for gate in one["gates"] if gate[1] is False]
        return found

    def forecast(self, now: datetime) -> list[Foreseen]:
        """What the pages would say of every appointment."""
        with self.scope() as clinic:
            return foreseen(clinic, list(Appointment.objects.values_list("pk", flat=True)), now)

    def sent_as(self, refs: list[str]) -> dict[str, tuple[Name, str, str]]:
        """By what the outside knows a message by (a mail's token, the provider's number of a text): which row's it was,
        of which kind, over which channel."""
        columns = (*_NAME, "kind", "channel", "message_id")
        with self.scope():
            known = dict(Message.objects.filter(token__in=refs).values_list("pk", "token"))
            known |= dict(Attempt.objects.filter(provider_ref__in=refs).values_list("message_id", "provider_ref"))
            rows = Reminder.objects.filter(message__in=known).values_list(*columns)
            return {known[row[7]]: (tuple(row[:5]), row[5], row[6]) for row in rows}


def _wanted(words: Mapping[str, Any]) -> NewRule:
    """The writer's words for the model's."""
    fallback = Fallback(words["fallback_channel"], words["fallback_minutes"], on_uncertain=False)
    return NewRule(
        kind=Kind(words["kind"]),
        timing=Timing(TimingKind(words["timing"]), words["amount"], words["at_time"], words["working_days"]),
        channel=words["channel"],
        statuses=tuple(words["statuses"]),
        late_policy=LatePolicy(words["late_policy"]),
        active=words["active"],
        only=Only(tuple(words["practitioners"]), tuple(words["locations"]), tuple(words["types"])),
        stop_when_confirmed=words["stop_when_confirmed"],
        fallback=fallback if words["fallback_channel"] else None,
    )


def half_hour_after(start: datetime) -> datetime:
    """When a visit ends that starts then."""
    return start + timedelta(minutes=30)
