"""How is each gate closed, and nothing else with it? One act for each code, on an appointment that nothing stops."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from appointments.models import Appointment, ChannelFlag, NoticeAnswer, RemindedElsewhere
from clinics import clock
from clinics.models import Clinic
from clinics.scope import in_clinic
from messaging.models import Sender, SenderState
from patients.models import Patient, Phone
from reminders.kinds import Kind, LatePolicy, State, TimingKind
from reminders.models import PackageSwitch, Reminder, Rule, Template, TemplateVersion
from reminders.plan import bring_up_to_date
from tests.visitors import DAY, HOUR, NOW, book
from tests.world import World


@dataclass
class Case:
    """An appointment of the world's patient on Friday at 10:00, two days ahead, with one reminder 24 hours before."""

    world: World
    row: Appointment

    def clinic(self, **fields: object) -> None:
        Clinic.objects.filter(pk=self.world.clinic.pk).update(**fields)

    def rule(self, **fields: object) -> None:
        self._change(Rule, self.world.rule.pk, fields)

    def patient(self, **fields: object) -> None:
        self._change(Patient, self.world.patient.pk, fields)

    def appointment(self, **fields: object) -> None:
        self._change(Appointment, self.row.pk, fields)

    def _change(self, model: Any, pk: int, fields: dict[str, object]) -> None:
        with in_clinic(self.world.clinic.pk):
            assert model.objects.filter(pk=pk).update(**fields) == 1

    def add(self, model: Any, **fields: object) -> None:
        with in_clinic(self.world.clinic.pk):
            model.objects.create(clinic=self.world.clinic, **fields)

    def reminder(self, **fields: object) -> None:
        with in_clinic(self.world.clinic.pk):
            assert Reminder.objects.filter(appointment=self.row).update(**fields)

    def plan(self) -> None:
        """As the drain does, which comes every two seconds."""
        self.world.clinic.refresh_from_db()
        with in_clinic(self.world.clinic.pk):
            bring_up_to_date(self.world.clinic, [self.row.pk], clock.now())


def _words(case: Case, body: str) -> None:
    with in_clinic(case.world.clinic.pk):
        TemplateVersion.objects.update(body=body)


def _no_words(case: Case) -> None:
    with in_clinic(case.world.clinic.pk):
        Template.objects.update(version=0)


def _no_sender(case: Case) -> None:
    with in_clinic(case.world.clinic.pk):
        Sender.objects.update(active=False)


def _by_sms(case: Case) -> None:
    """The same reminder, by SMS."""
    case.clinic(channels_on=["sms"], default_channel="sms")
    case.rule(channel="sms")
    case.patient(consent_sms=True)
    with in_clinic(case.world.clinic.pk):
        Sender.objects.update(channel="sms")
        Template.objects.update(channel="sms")


def _landline(case: Case) -> None:
    _by_sms(case)
    case.add(
        Phone, patient=case.world.patient, position=1, as_typed="91 507 17 17", e164="+34915071717",
        line_type="fixed", use_for_reminders=True,
    )  # fmt: skip


def _confirmed(case: Case) -> None:
    case.rule(stop_when_confirmed=True)
    case.appointment(status="confirmed")


def _wants_none(case: Case) -> None:
    case.rule(channel="")
    case.patient(preferred_channel="none")


def _known_late(case: Case) -> None:
    """The rule has become one of three days before, which is past, and leaves out what is late."""
    case.rule(amount=72 * 60, late_policy=LatePolicy.SKIP)


def _no_moment(case: Case) -> None:
    """From Wednesday noon until after the appointment everything is closed."""
    case.clinic(closed_weekdays=[1, 2, 3, 4, 5, 6])


def _later(ahead: timedelta) -> None:
    """Nobody worked until then."""
    clock.move_to(NOW + ahead - clock.real_now())


def _retry_into_the_night(case: Case) -> None:
    """A try failed, and the clinic has become open from 9:00 to 9:30 only: no allowed moment is left in time."""
    case.clinic(quiet_from="09:30", quiet_until="09:00")
    case.reminder(tries=1, failure="unreachable", look_at=NOW + timedelta(hours=23, minutes=40))


def _sent_by_hand(case: Case) -> None:
    with in_clinic(case.world.clinic.pk):
        first = Reminder.objects.get(appointment=case.row)
        Reminder.objects.create(
            clinic=case.world.clinic, appointment=case.row, rule=case.world.rule, trigger=first.trigger, round=2,
            origin="manual", kind=first.kind, channel=first.channel, occurrence=1, event_at=NOW - HOUR,
            state=State.HANDED_OVER, planned_at=NOW - HOUR, due_at=NOW - HOUR, deadline=NOW + HOUR,
            look_at=NOW - HOUR, handed_over_at=NOW - HOUR, ended_at=NOW - HOUR,
        )  # fmt: skip


def _notice(case: Case, kind: Kind, *answers: bool) -> None:
    """Staff answered so to "tell the patient?", one after the other; the rule is a notice of that kind."""
    case.reminder(state=State.CANCELLED)
    case.rule(kind=kind, timing=TimingKind.ON_EVENT, amount=0)
    with in_clinic(case.world.clinic.pk):
        Reminder.objects.all().delete()
        Template.objects.update(kind=kind)
    for number, notify in enumerate(answers, start=1):
        case.add(
            NoticeAnswer, appointment=case.row, revision=10 + number, event=kind, notify=notify,
            at=NOW - timedelta(minutes=2, seconds=-number),
        )  # fmt: skip
        case.appointment(planned_revision=0)
        case.plan()


def _changed_back(case: Case) -> None:
    _notice(case, Kind.CHANGE, True)


def _three_before(case: Case) -> None:
    """The patient's other visits of that morning are reminded of before."""
    for minutes in (60, 45, 30):
        book(case.world, case.row.start - minutes * HOUR / 60)


#: Gate → how it is closed alone.
CLOSED_BY: dict[str, Callable[[Case], object]] = {
    "clinic_suspended": lambda case: case.clinic(suspended=True),
    "channel_off": lambda case: case.clinic(channels_on=["sms"]),
    "paused": lambda case: case.clinic(paused_until=NOW + 3 * DAY),
    "test_mode_guest_list": lambda case: case.clinic(test_mode=True),
    "rule_inactive": lambda case: case.rule(active=False),
    "kind_off_for_practitioner": lambda case: case.add(
        PackageSwitch, practitioner=case.world.practitioner, kind=Kind.REMINDER, on=False
    ),
    "rule_filter_mismatch": lambda case: case.rule(types=[10**6]),
    "window_passed": _known_late,
    "no_allowed_moment": _no_moment,
    "no_patient": lambda case: case.appointment(patient=None),
    "cancelled": lambda case: case.appointment(status="cancelled"),
    "deleted": lambda case: case.appointment(deleted=True),
    "moved": lambda case: case.appointment(start=NOW + 4 * DAY, end=NOW + 4 * DAY + HOUR),
    "status_not_eligible": lambda case: case.appointment(status="requested"),
    "in_the_past": lambda case: _later(49 * HOUR),
    "appointment_reminder_off": lambda case: case.add(ChannelFlag, appointment=case.row, channel="email", wanted=False),
    "already_sent": _sent_by_hand,
    "reminded_elsewhere": lambda case: case.add(
        RemindedElsewhere, appointment=case.row, occurrence=1, how="phone", marked_at=NOW - HOUR
    ),
    "already_confirmed": _confirmed,
    "notice_declined": lambda case: _notice(case, Kind.BOOKING, True, False),
    "newer_notice": lambda case: _notice(case, Kind.BOOKING, True, True),
    "nothing_changed": _changed_back,
    "patient_archived": lambda case: case.patient(archived=True),
    "default_notifications_off": lambda case: case.patient(default_notifications=False),
    "consent_data_protection_off": lambda case: case.patient(consent_data_protection=False),
    "consent_channel_off": lambda case: case.patient(consent_email=False),
    "preferred_channel_differs": _wants_none,
    "no_address": lambda case: case.patient(email=""),
    "address_invalid": lambda case: case.patient(email="lucia@"),
    "landline": _landline,
    "no_wording": _no_words,
    "merge_field_empty": lambda case: _words(case, "Con [CLINICIAN], tel. [CLINICIANPHONE]"),
    "sender_not_configured": _no_sender,
    "sender_failing": lambda case: case.add(
        SenderState, sender=case.world.sender, open_until=clock.real_now() + 3 * DAY, failure="auth_refused"
    ),
    "deadline": lambda case: _later(31 * HOUR),
    "quiet_hours": _retry_into_the_night,
    "too_many_to_this_address": _three_before,
}
