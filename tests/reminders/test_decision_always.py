"""The one decision, whatever the facts are: what it may never say."""

import json
from datetime import datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.channels import Channel
from reminders.decision import Verdict, decide
from reminders.decision_facts import AppointmentFacts, ClinicFacts, Facts, PatientFacts, ReminderFacts, RuleFacts
from reminders.gates import CATALOGUE
from reminders.guard import free_from
from reminders.kinds import LatePolicy, TimingKind
from reminders.timing import Hours, Timing
from tests.reminders import oracle
from tests.reminders.made_facts import START

channels = st.sampled_from(["email", "sms", "whatsapp", "voice"])
moments = st.integers(-4 * 24 * 60, 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
often = st.sampled_from([True, True, True, False])


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    hours = Hours(
        draw(st.sampled_from(["Europe/Madrid", "America/Sao_Paulo", "Pacific/Chatham"])),
        draw(st.sampled_from([time(21), time(18, 30), time(0)])), draw(st.sampled_from([time(8), time(10), time(0)])),
        draw(st.sets(st.integers(1, 7), max_size=3).map(frozenset)),
    )  # fmt: skip
    statuses = ["scheduled", "confirmed", "cancelled", "arrived"]
    patient = PatientFacts(
        not draw(often), draw(often), draw(often), frozenset(draw(st.sets(channels)) | {"email"}),
        draw(st.sampled_from(["", "", "email", "none"])), draw(often), draw(often),
    )  # fmt: skip
    seen = draw(moments)
    return Facts(
        ClinicFacts(not draw(often), frozenset({"email"}), "email", draw(st.none() | moments), not draw(often), hours),
        RuleFacts(
            draw(often), draw(st.sampled_from(["", "email"])), frozenset({"scheduled", "confirmed"}),
            Timing(TimingKind.BEFORE_ELAPSED, draw(st.sampled_from([30, 120, 1440, 2880]))),
            draw(st.sampled_from(LatePolicy)),
        ),
        AppointmentFacts(
            START, draw(st.sampled_from(statuses)), not draw(often), draw(st.sampled_from([1, 1, 2])),
            seen + timedelta(minutes=3),
        ),
        ReminderFacts(
            draw(st.sampled_from(Channel)), 1, seen, not draw(often), recent=tuple(draw(st.lists(moments, max_size=4)))
        ),
        draw(st.none() | st.just(patient)), draw(often), draw(often),
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(any_facts(), moments)
def test_it_never_says_send_too_early_too_late_or_at_a_forbidden_hour(any_of: Facts, now: datetime) -> None:
    decision = decide(any_of, now)
    assert decide(any_of, now) == decision
    assert {gate.code for gate in decision.gates} <= set(CATALOGUE)
    if decision.verdict is Verdict.SEND:
        due = decision.schedule.due
        assert not decision.failed
        assert due is not None
        assert due <= now < decision.schedule.deadline < START
        assert oracle.is_allowed(now, any_of.clinic.hours)
        assert free_from(any_of.reminder.recent, now) == now
        assert now >= any_of.appointment.grace_until
        assert any_of.clinic.paused_until is None or now >= any_of.clinic.paused_until
    else:
        assert decision.failed
    if decision.verdict in {Verdict.WAIT, Verdict.HOLD}:
        assert decision.until is not None
        assert now < decision.until <= max(decision.schedule.deadline, START)


@settings(max_examples=100, deadline=None)
@given(any_facts(), moments)
def test_a_wait_ends_and_what_it_waits_for_comes(any_of: Facts, now: datetime) -> None:
    seen = [now]
    while (decision := decide(any_of, seen[-1])).verdict in {Verdict.WAIT, Verdict.HOLD}:
        assert decision.until is not None
        seen.append(decision.until)
        assert len(seen) < 6, "it waits from one moment to the next without end"


@settings(max_examples=100, deadline=None)
@given(any_facts(), moments)
def test_frozen_gates_are_plain_and_hold_no_contact_data(any_of: Facts, now: datetime) -> None:
    frozen = json.loads(json.dumps(decide(any_of, now).frozen()))
    assert [code for code, _, _ in frozen] == [gate.code for gate in decide(any_of, now).gates]
    assert not [value for _, _, value in frozen if "@" in value]
