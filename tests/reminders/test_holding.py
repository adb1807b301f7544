"""What marks and switches hold back, what they would stop, and what goes again without them."""

from datetime import datetime, timedelta

import pytest

from appointments.models import Appointment, ChannelFlag, RemindedElsewhere
from clinics.models import Clinic
from clinics.scope import in_clinic
from messaging.models import Sender
from patients.models import Patient, Phone
from reminders.holding import Holding, holding
from reminders.kinds import Kind, State
from reminders.models import Reminder, Template, TemplateVersion
from reminders.outlook import Foreseen
from tests.reminders.by_hand import HOUR, START, put
from tests.reminders.planning import another_rule, book, change, plan, rows
from tests.world import DAY, NOW, World

pytestmark = pytest.mark.django_db
#: The world's rule by e-mail, a second one by SMS.
MAIL_AT, SMS_AT = START - DAY, START - 2 * HOUR


@pytest.fixture
def row(world: World) -> Appointment:
    """An appointment with a reminder by e-mail and one by SMS to come."""
    with in_clinic(world.clinic.pk):
        Clinic.objects.update(channels_on=["email", "sms"])
        Patient.objects.update(consent_sms=True)
        Phone.objects.create(
            clinic=world.clinic, patient=world.patient, position=1, as_typed="600123412", e164="+34600123412",
            use_for_reminders=True,
        )  # fmt: skip
        Sender.objects.create(clinic=world.clinic, channel="sms", provider="twilio", address="+34600000000")
        made = Template.objects.create(clinic=world.clinic, kind=Kind.REMINDER, channel="sms", language="es", version=1)
        TemplateVersion.objects.create(
            clinic=world.clinic, template=made, version=1, body="[APPOINTMENT]", written_at=NOW
        )
    another_rule(world, amount=120, channel="sms")
    booked = book(world, START)
    plan(world, booked)
    return booked


def held(world: World, row: Appointment, now: datetime = NOW) -> Holding:
    world.clinic.refresh_from_db()
    with in_clinic(world.clinic.pk):
        return holding(world.clinic, row, now)


def mark(world: World, row: Appointment, channel: str) -> None:
    with in_clinic(world.clinic.pk):
        RemindedElsewhere.objects.create(
            clinic=world.clinic, appointment=row, occurrence=row.occurrence, channel=channel, how="phone", marked_at=NOW
        )


def moments(found: tuple[Foreseen, ...]) -> list[datetime | None]:
    return [one.foresight.goes_at for one in found]


@pytest.mark.feature(40)
def test_a_mark_stops_what_goes_over_its_channel_or_over_all(world: World, row: Appointment) -> None:
    now = held(world, row)
    assert moments(now.goes) == [MAIL_AT, SMS_AT]
    assert moments(now.stopped_by_mark("")) == [MAIL_AT, SMS_AT]
    assert moments(now.stopped_by_mark("sms")) == [SMS_AT]
    assert moments(now.stopped_by_switch("email")) == [MAIL_AT]
    assert moments(now.held_by_mark("").goes_again) == []


@pytest.mark.feature(40, 41)
def test_without_the_mark_what_it_holds_goes_again(world: World, row: Appointment) -> None:
    mark(world, row, "")
    now = held(world, row)
    assert (moments(now.goes), moments(now.held_by_mark("").goes_again)) == ([], [MAIL_AT, SMS_AT])
    mark(world, row, "sms")
    assert moments(held(world, row).held_by_mark("").goes_again) == [MAIL_AT]  # the other mark still holds
    assert moments(held(world, row).held_by_mark("sms").goes_again) == []


@pytest.mark.feature(41)
def test_what_passed_its_moment_under_the_mark_is_missed_and_does_not_go_again(world: World, row: Appointment) -> None:
    mark(world, row, "")
    mail, _ = rows(world)
    put(world, mail, State.SKIPPED, ended_at=MAIL_AT, gates=[["reminded_elsewhere", False, "phone"]])
    now = held(world, row, MAIL_AT + HOUR)
    assert (now.held_by_mark("").missed, moments(now.held_by_mark("").goes_again)) == ((mail,), [SMS_AT])
    assert now.held_by_mark("sms").missed == ()
    put(world, mail, State.SKIPPED, gates=[["consent_channel_off", False, "email"]])
    assert held(world, row, MAIL_AT + HOUR).held_by_mark("").missed == ()


@pytest.mark.feature(25)
def test_a_switch_holds_back_its_channel(world: World, row: Appointment) -> None:
    with in_clinic(world.clinic.pk):
        ChannelFlag.objects.create(clinic=world.clinic, appointment=row, channel="sms", wanted=False)
    now = held(world, row)
    assert moments(now.goes) == [MAIL_AT]
    assert moments(now.held_by_switch("sms").goes_again) == [SMS_AT]
    assert moments(now.held_by_switch("email").goes_again) == []


@pytest.mark.feature(42)
def test_a_mark_of_a_former_time_holds_nothing(world: World, row: Appointment) -> None:
    mark(world, row, "")
    change(world, row, start=START + DAY, end=START + DAY + timedelta(minutes=30))
    plan(world, row)
    assert moments(held(world, row).goes) == [MAIL_AT + DAY, SMS_AT + DAY]
    with in_clinic(world.clinic.pk):
        assert Reminder.objects.filter(state=State.SUPERSEDED).count() == 2
