"""The fallback opens when the rule's own channel cannot reach the patient, and never because a person chose so."""

from datetime import timedelta

import pytest

from appointments.models import ChannelFlag
from clinics.scope import in_clinic
from messaging.models import Sender
from messaging.outcomes import AttemptState, FailureKind
from messaging.providers import Report
from messaging.receipts import store
from patients.models import LineType, Patient, Phone
from reminders.drain import drain
from reminders.kinds import Route, State
from reminders.lanes import Lanes
from reminders.models import Reminder, Rule
from reminders.outlook import foreseen
from sandbox.server import Sandbox
from tests.reminders.sending import (
    attempts,
    book,
    change_reminders,
    leases_run_out,
    next_try_comes,
    now,
    received,
    reminders,
)
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.feature("B5")]


@pytest.fixture
def falling_back(texting: World, mail_server: Sandbox) -> World:
    """By SMS, else by e-mail; the SMS provider reports nothing unless a test says so."""
    mail_server.faults.command({"fault": "callback_none"})
    texting.clinic.channels_on = ["sms", "email"]
    texting.clinic.save()
    edit(texting, fallback_channel="email")
    return texting


def edit(world: World, **fields: object) -> None:
    with in_clinic(world.clinic.pk):
        Rule.objects.filter(pk=world.rule.pk).update(**fields)


def without_number(world: World) -> None:
    with in_clinic(world.clinic.pk):
        Phone.objects.all().delete()


def routes(world: World) -> dict[str, str]:
    return {one.route: one.state for one in reminders(world)}


def new_mails(mail_server: Sandbox, world: World, before: int) -> int:
    return len(received(mail_server, world)) - before


@pytest.fixture
def before(mail_server: Sandbox, falling_back: World) -> int:
    return len(received(mail_server, falling_back))


def test_without_a_number_the_mail_goes_at_once(
    falling_back: World, lanes: Lanes, mail_server: Sandbox, before: int
) -> None:
    without_number(falling_back)
    book(falling_back)
    drain(lanes, 5)
    assert routes(falling_back) == {Route.PRIMARY: State.SKIPPED, Route.FALLBACK: State.HANDED_OVER}
    assert new_mails(mail_server, falling_back, before) == 1


def test_a_landline_and_a_missing_sender_open_it_too(
    falling_back: World, lanes: Lanes, mail_server: Sandbox, before: int
) -> None:
    with in_clinic(falling_back.clinic.pk):
        Phone.objects.update(line_type=LineType.FIXED)
        Sender.objects.filter(channel="sms").update(active=False)
    book(falling_back)
    drain(lanes, 5)
    assert routes(falling_back)[Route.FALLBACK] == State.HANDED_OVER


def test_a_patients_or_a_receptionists_choice_never_opens_it(
    falling_back: World, lanes: Lanes, mail_server: Sandbox, before: int
) -> None:
    without_number(falling_back)  # there is a way to reach nobody, but also a person's no
    appointment = book(falling_back)
    with in_clinic(falling_back.clinic.pk):
        ChannelFlag.objects.create(clinic=falling_back.clinic, appointment=appointment, channel="sms", wanted=False)
    drain(lanes, 5)
    assert routes(falling_back) == {Route.PRIMARY: State.SKIPPED}
    assert new_mails(mail_server, falling_back, before) == 0


def test_a_number_that_the_provider_refuses_opens_it(
    falling_back: World, lanes: Lanes, mail_server: Sandbox, before: int
) -> None:
    mail_server.faults.command({"fault": "sms_21211"})
    book(falling_back)
    drain(lanes, 5)
    assert routes(falling_back) == {Route.PRIMARY: State.FAILED, Route.FALLBACK: State.HANDED_OVER}
    assert new_mails(mail_server, falling_back, before) == 1


def test_a_patient_who_answered_stop_gets_no_mail_instead(falling_back: World, lanes: Lanes, before: int) -> None:
    book(falling_back)
    drain(lanes, 5)
    [attempt] = attempts(falling_back)
    with in_clinic(falling_back.clinic.pk):
        store(falling_back.clinic.pk, attempt.pk, Report("e", AttemptState.FAILED, "SM", FailureKind.OPTED_OUT))
    drain(lanes, 5)
    assert routes(falling_back) == {Route.PRIMARY: State.FAILED}


def test_undelivered_opens_it_once_however_often_it_is_said(
    falling_back: World, lanes: Lanes, mail_server: Sandbox, before: int
) -> None:
    book(falling_back)
    drain(lanes, 5)
    [attempt] = attempts(falling_back)
    for event in ("one", "two"):
        with in_clinic(falling_back.clinic.pk):
            report = Report(event, AttemptState.FAILED, "SM", FailureKind.UNREACHABLE_PHONE)
            store(falling_back.clinic.pk, attempt.pk, report)
        drain(lanes, 5)
    assert new_mails(mail_server, falling_back, before) == 1


def test_no_delivery_after_the_rules_time_opens_it(
    falling_back: World, lanes: Lanes, mail_server: Sandbox, before: int
) -> None:
    edit(falling_back, fallback_minutes=20)
    book(falling_back)
    drain(lanes, 5)
    waits = reminders(falling_back)[0].fallback_at
    assert waits is not None and timedelta(minutes=19) < waits - now() <= timedelta(minutes=20)
    drain(lanes, 5)
    assert routes(falling_back) == {Route.PRIMARY: State.HANDED_OVER}
    change_reminders(falling_back, fallback_at=now() - timedelta(seconds=1))
    drain(lanes, 5)
    assert routes(falling_back)[Route.FALLBACK] == State.HANDED_OVER
    assert reminders(falling_back)[0].fallback_at is None


def test_a_delivery_in_time_leaves_it_closed(falling_back: World, lanes: Lanes, before: int) -> None:
    edit(falling_back, fallback_minutes=20)
    book(falling_back)
    drain(lanes, 5)
    delivered(falling_back)
    drain(lanes, 5)
    assert reminders(falling_back)[0].fallback_at is None


def delivered(world: World) -> None:
    attempt = attempts(world)[0]
    with in_clinic(world.clinic.pk):
        store(world.clinic.pk, attempt.pk, Report("delivered", AttemptState.DELIVERED, "SM"))


def test_a_late_delivery_supersedes_a_fallback_that_has_not_begun(
    falling_back: World, lanes: Lanes, mail_server: Sandbox, before: int
) -> None:
    edit(falling_back, fallback_minutes=20)
    book(falling_back)
    drain(lanes, 5)
    change_reminders(falling_back, fallback_at=now() - timedelta(seconds=1))
    mail_server.faults.command({"fault": "reply_421"})
    drain(lanes, 5)
    assert routes(falling_back)[Route.FALLBACK] == State.PLANNED  # it waits for its next try
    delivered(falling_back)
    next_try_comes(falling_back)
    drain(lanes, 5)
    assert routes(falling_back)[Route.FALLBACK] == State.SUPERSEDED


@pytest.mark.parametrize(("wanted", "opened"), [(False, False), (True, True)])
def test_uncertain_opens_it_only_where_the_rule_says_so(
    falling_back: World, lanes: Lanes, mail_server: Sandbox, before: int, wanted: bool, opened: bool
) -> None:
    edit(falling_back, channel="email", fallback_channel="sms", fallback_on_uncertain=wanted)
    mail_server.faults.command({"fault": "drop_after_dot", "times": 1})
    book(falling_back)
    drain(lanes, 5)
    leases_run_out(falling_back)
    drain(lanes, 5)
    assert routes(falling_back)[Route.PRIMARY] == State.UNCERTAIN
    assert (Route.FALLBACK in routes(falling_back)) is opened


def test_the_fallback_has_gates_of_its_own(falling_back: World, lanes: Lanes, before: int) -> None:
    without_number(falling_back)
    with in_clinic(falling_back.clinic.pk):
        Patient.objects.update(consent_email=False)
    book(falling_back)
    drain(lanes, 5)
    [fallback] = [one for one in reminders(falling_back) if one.route == Route.FALLBACK]
    assert (fallback.state, [code for code, passed, _ in fallback.gates if passed is False]) == (
        State.SKIPPED, ["consent_channel_off"]
    )  # fmt: skip


def test_it_is_foreseen_that_the_mail_will_go_instead(falling_back: World, lanes: Lanes, before: int) -> None:
    without_number(falling_back)
    appointment = book(falling_back, now() + timedelta(days=3))
    with in_clinic(falling_back.clinic.pk):
        sms, mail = foreseen(falling_back.clinic, [appointment.pk], now())
        assert not Reminder.objects.exists()
    assert (sms.foresight.goes_at, mail.reminder.channel) == (None, "email")
    assert mail.foresight.goes_at == appointment.start - timedelta(days=1)
