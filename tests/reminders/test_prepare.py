"""What happens between the claim and the call: live facts count, a broken row stops nobody, an old claim has no say."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError

from appointments.models import Appointment, RemindedElsewhere
from clinics.models import Clinic
from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.delivery import Begun
from messaging.models import Attempt
from messaging.outcomes import AttemptState, FailureKind
from patients.models import Patient
from reminders import queue
from reminders.drain import drain, plan_what_is_behind
from reminders.kinds import Kind, State
from reminders.lanes import Lanes
from reminders.models import Reminder, Rule, Template, TemplateVersion
from reminders.poison import STRIKES
from reminders.prepare import prepare
from tests.reminders.sending import (
    attempts,
    book,
    book_many,
    change_reminders,
    leases_run_out,
    now,
    only_reminder,
    open_at_all_hours,
    reminders,
)
from tests.world import DAY, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def claimed_world() -> World:
    """A clinic whose one reminder is due and planned."""
    world = open_at_all_hours(make_world("clinica-prueba"))
    book(world)
    plan_what_is_behind()
    return world


def claim(world: World) -> list[queue.Claim]:
    return queue.claim(now()).get(world.clinic.pk, [])


def prepare_now(world: World, claims: list[queue.Claim]) -> list[tuple[int, Begun]]:
    with in_clinic(world.clinic.pk):
        return prepare(Clinic.objects.get(pk=world.clinic.pk), claims, now())


def withdraw_consent(world: World) -> None:
    Patient.objects.update(consent_email=False)


def withdraw_data_protection(world: World) -> None:
    Patient.objects.update(consent_data_protection=False)


def cancel(world: World) -> None:
    Appointment.objects.update(status="cancelled")


def delete(world: World) -> None:
    Appointment.objects.update(deleted=True)


def move(world: World) -> None:
    Appointment.objects.update(start=now() + 3 * DAY, end=now() + 4 * DAY)


def mark(world: World) -> None:
    RemindedElsewhere.objects.create(
        clinic=world.clinic, appointment=Appointment.objects.get(), occurrence=1, how="phone", marked_at=now()
    )


def pause(world: World) -> None:
    Clinic.objects.filter(pk=world.clinic.pk).update(paused_until=now() + timedelta(hours=1))


def pause_for_long(world: World) -> None:
    Clinic.objects.filter(pk=world.clinic.pk).update(paused_until=now() + 3 * DAY)


def too_late(world: World) -> None:
    Reminder.objects.update(planned_at=now() - 9 * DAY)
    Rule.objects.update(amount=31 * 60)  # it was due seven hours ago


@pytest.mark.parametrize(
    ("happens", "state"),
    [
        (withdraw_consent, State.SKIPPED),
        (withdraw_data_protection, State.SKIPPED),
        (mark, State.SKIPPED),
        (cancel, State.CANCELLED),
        (delete, State.CANCELLED),
        (move, State.SUPERSEDED),
        (pause, State.HELD),
        (pause_for_long, State.HELD),
        (too_late, State.EXPIRED),
    ],
)
@pytest.mark.feature("45")
def test_what_happens_between_claim_and_begin_counts(
    claimed_world: World, happens: Callable[[World], None], state: State
) -> None:
    claims = claim(claimed_world)
    assert len(claims) == 1
    with in_clinic(claimed_world.clinic.pk):
        happens(claimed_world)
    assert prepare_now(claimed_world, claims) == []
    reminder = only_reminder(claimed_world)
    assert (reminder.state, reminder.lease_until) == (state, None)
    assert attempts(claimed_world) == []
    if state is State.HELD:
        assert reminder.look_at > now()
        assert reminder.gates == []
    else:
        assert [code for code, passed, _ in reminder.gates if passed is False]
        assert reminder.ended_at is not None


def test_a_claim_that_is_not_the_newest_has_no_say(claimed_world: World) -> None:
    old = claim(claimed_world)
    leases_run_out(claimed_world)
    change_reminders(claimed_world, state=State.PLANNED)
    new = claim(claimed_world)
    assert prepare_now(claimed_world, old) == []
    assert only_reminder(claimed_world).state == State.CLAIMED
    assert len(prepare_now(claimed_world, new)) == 1
    assert prepare_now(claimed_world, new) == []  # nor has one that was used
    assert len(attempts(claimed_world)) == 1


def test_what_goes_leaves_with_its_attempt_written_and_its_gates_kept(claimed_world: World) -> None:
    [(reminder_id, begun)] = prepare_now(claimed_world, claim(claimed_world))
    reminder = only_reminder(claimed_world)
    assert (reminder.pk, reminder.state, reminder.message_id) == (reminder_id, State.SENDING, begun.message_id)
    assert {code for code, passed, _ in reminder.gates if passed is not True} == {
        "landline", "newer_notice", "notice_declined", "nothing_changed"  # not of a reminder by e-mail
    }  # fmt: skip
    [attempt] = attempts(claimed_world)
    assert (attempt.state, attempt.called_at) == (AttemptState.SENDING, None)
    assert attempt.message.deadline == reminder.deadline
    assert "Lucía" in begun.outgoing.text
    assert "[" not in begun.outgoing.text + begun.outgoing.subject


def break_the_words(world: World, patient: Patient) -> None:
    """A wording in a language in which nobody can write a date."""
    template = Template.objects.create(
        clinic=world.clinic, kind=Kind.REMINDER, channel=Channel.EMAIL, language="xx-broken", version=1
    )
    TemplateVersion.objects.create(
        clinic=world.clinic, template=template, version=1, subject="?", body="[APPOINTMENT]", written_at=now()
    )
    Patient.objects.filter(pk=patient.pk).update(language="xx-broken")


def next_look_comes(world: World, reminder: Reminder) -> None:
    """Instead of waiting a minute."""
    with in_clinic(world.clinic.pk):
        Reminder.objects.filter(pk=reminder.pk).update(look_at=now() - timedelta(seconds=1))


def test_a_row_that_cannot_be_decided_does_not_stop_its_batch_and_fails_after_three_looks(
    claimed_world: World,
) -> None:
    with in_clinic(claimed_world.clinic.pk):
        broken = claimed_world.another_patient()
    book(claimed_world, patient=broken)
    plan_what_is_behind()
    with in_clinic(claimed_world.clinic.pk):
        break_the_words(claimed_world, broken)
    assert len(prepare_now(claimed_world, claim(claimed_world))) == 1
    for _ in range(STRIKES - 1):
        waits = reminders(claimed_world)[1]
        assert (waits.state, waits.tries) == (State.PLANNED, 0)
        assert waits.look_at > now() + timedelta(seconds=50)
        assert claim(claimed_world) == []
        next_look_comes(claimed_world, waits)
        assert prepare_now(claimed_world, claim(claimed_world)) == []
    good, bad = reminders(claimed_world)
    assert good.state == State.SENDING
    assert (bad.state, bad.failure, bad.ended_at is not None) == (State.FAILED, FailureKind.PLATFORM_FAULT, True)
    assert claim(claimed_world) == []


def test_a_drain_survives_a_row_that_cannot_be_decided(live: World, lanes: Lanes) -> None:
    with in_clinic(live.clinic.pk):
        broken = live.another_patient(email="roto@correo.example")
    book(live)
    book(live, patient=broken)
    plan_what_is_behind()
    with in_clinic(live.clinic.pk):
        break_the_words(live, broken)
    assert drain(lanes, 5) == 1
    assert [(one.state, one.strikes) for one in reminders(live)] == [(State.HANDED_OVER, 0), (State.PLANNED, 1)]


def test_real_tries_are_no_strikes(claimed_world: World, caplog: pytest.LogCaptureFixture) -> None:
    with in_clinic(claimed_world.clinic.pk):
        break_the_words(claimed_world, Patient.objects.get())
    change_reminders(claimed_world, tries=5)
    for strikes in range(1, STRIKES + 1):
        assert prepare_now(claimed_world, claim(claimed_world)) == []
        found = only_reminder(claimed_world)
        assert (found.strikes, found.tries) == (strikes, 5)
        assert (found.state == State.FAILED) is (strikes == STRIKES)
        next_look_comes(claimed_world, found)
    assert len([line for line in caplog.messages if line.startswith(f"ALERT reminder {found.pk} ")]) == 1


def test_one_that_keeps_the_others_from_being_begun_pays_for_it_alone(
    live: World, lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    book_many(live, 3)
    plan_what_is_behind()
    bad = reminders(live)[1]

    def begin_most(clinic: Clinic, claims: list[queue.Claim], moment: datetime) -> list[tuple[int, Begun]]:
        if bad.pk in {one.reminder_id for one in claims}:
            raise ValueError("a text that no column holds")
        return prepare(clinic, claims, moment)

    monkeypatch.setattr("reminders.drain.prepare", begin_most)
    assert drain(lanes, 5) == 2
    found = [(one.state, one.strikes) for one in reminders(live)]
    assert found == [(State.HANDED_OVER, 0), (State.PLANNED, 1), (State.HANDED_OVER, 0)]


def test_reminders_do_not_pay_for_their_whole_clinic_before_their_deadline(
    live: World, lanes: Lanes, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> None:
        raise ValueError("an account that nobody can read")

    book(live)
    book(live)
    plan_what_is_behind()
    first = reminders(live)[0]
    with in_clinic(live.clinic.pk):
        Reminder.objects.filter(pk=first.pk).update(deadline=now() - timedelta(seconds=1))
    monkeypatch.setattr("reminders.drain.prepare", refuse)
    assert drain(lanes, 5) == 0
    assert [(one.state, one.strikes) for one in reminders(live)] == [(State.PLANNED, 1), (State.CLAIMED, 0)]
    assert f"ALERT clinic {live.clinic.pk}: none of 2 due reminders can be prepared" in caplog.messages


def test_nobody_pays_for_a_database_that_is_away(live: World, lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    book(live)

    def refuse(*given: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("reminders.drain.prepare", refuse)
    assert drain(lanes, 5) == 0
    found = only_reminder(live)
    assert (found.state, found.strikes) == (State.CLAIMED, 0)  # it comes back when its lease is over
    assert lanes.busy() == set()


def test_a_reminder_with_a_live_attempt_is_not_begun_again(claimed_world: World) -> None:
    prepare_now(claimed_world, claim(claimed_world))
    with in_clinic(claimed_world.clinic.pk):
        Reminder.objects.update(state=State.PLANNED)  # as no arrow allows
    with pytest.raises(Exception, match="one_live_attempt_a_message"):
        prepare_now(claimed_world, claim(claimed_world))
    with in_clinic(claimed_world.clinic.pk):
        assert Attempt.objects.count() == 1
