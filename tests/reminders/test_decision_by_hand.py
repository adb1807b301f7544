"""What a person starts, a fallback, and what is foreseen: the decision beside a rule's own time."""

import pytest

from reminders.decision import Verdict, decide, foresee
from reminders.decision_facts import NoticeFacts
from reminders.kinds import Kind, Route
from reminders.timing import FALLBACK_ROOM, Hours
from tests.reminders.made_facts import DEADLINE, DUE, HOUR, START, Change, but, codes, facts
from tests.reminders.test_decision import ALONE, NOTICE_GATES, TOGETHER, by_hand, notice


@pytest.mark.parametrize(
    "code",
    ["rule_inactive", "already_sent", "already_confirmed", "preferred_channel_differs", "too_many_to_this_address",
     "nearer_step"],
)  # fmt: skip
def test_what_a_person_sends_by_hand_waives_the_rules_own_reasons(code: str) -> None:
    change = ALONE[code][0] if code in ALONE else TOGETHER[code][0]
    decision = decide(by_hand(change(facts())), DUE)
    assert (codes(decision), decision.verdict) == (set(), Verdict.SEND)


WAIVED = NOTICE_GATES | {
    "rule_inactive", "already_sent", "already_confirmed", "too_many_to_this_address", "nearer_step", "due", "deadline"
}  # fmt: skip


@pytest.mark.parametrize("code", [code for code in ALONE if code not in WAIVED | {"no_patient", "no_wording"}])
def test_what_a_person_sends_by_hand_waives_nothing_else(code: str) -> None:
    decision = decide(by_hand(ALONE[code][0](facts())), DUE)
    assert codes(decision) == {code}


@pytest.mark.parametrize("change", [by_hand, notice()])
def test_what_a_person_started_may_leave_in_quiet_hours(change: Change) -> None:
    quiet = but("clinic", hours=Hours("Europe/Madrid", closed_weekdays=frozenset(range(1, 8))))
    assert decide(quiet(change(facts())), DUE).verdict is Verdict.SEND


def test_a_notice_ends_at_the_earlier_of_the_start_told_and_the_present_one() -> None:
    told = NoticeFacts(newest=True, declined=False, differs=True, told_start=START - 9 * HOUR)
    decision = decide(but("reminder", kind=Kind.CHANGE, event_at=DUE, notice=told)(facts()), DUE)
    assert decision.schedule.deadline == START - 9 * HOUR


def test_a_cancellation_is_told_of_a_cancelled_appointment() -> None:
    of_it = but("rule", statuses=frozenset({"cancelled"}))(but("appointment", status="cancelled")(notice()(facts())))
    assert decide(but("reminder", kind=Kind.CANCELLATION)(of_it), DUE).verdict is Verdict.SEND
    assert codes(decide(of_it, DUE)) == {"cancelled"}


def test_a_fallback_goes_over_its_own_channel_whatever_the_patient_prefers() -> None:
    preferred = but("patient", preferred_channel="sms")(but("rule", channel="")(facts()))
    fallback = but("reminder", route=Route.FALLBACK, event_at=DUE)(preferred)
    assert codes(decide(preferred, DUE)) == {"preferred_channel_differs"}
    assert decide(fallback, DUE).verdict is Verdict.SEND


def test_a_reminder_with_a_fallback_closes_a_quarter_of_an_hour_earlier() -> None:
    with_fallback = but("rule", has_fallback=True)(facts())
    assert decide(with_fallback, DUE).schedule.deadline == DEADLINE - FALLBACK_ROOM


def test_what_is_foreseen_is_the_moment_after_pause_and_quiet_hours() -> None:
    paused = but("clinic", paused_until=DUE + 11 * HOUR)(facts())  # 21:00 in Madrid, when the quiet hours begin
    assert foresee(paused, DUE).goes_at == START - 2 * HOUR
    soon = foresee(but("clinic", paused_until=DUE + HOUR)(facts()), DUE)
    assert (soon.goes_at, soon.mended_at) == (DUE + HOUR, DUE + HOUR)


def test_it_is_foreseen_when_it_would_go_if_the_closed_gate_were_mended_now() -> None:
    closed = foresee(ALONE["consent_channel_off"][0](facts()), DUE - HOUR)
    assert (closed.goes_at, closed.mended_at, closed.decision.verdict) == (None, DUE, Verdict.SKIP)


def test_what_a_pause_holds_beyond_its_deadline_would_go_as_if_the_pause_ended_now() -> None:
    paused = but("clinic", paused_until=START + HOUR)(facts())
    before, after = foresee(paused, DUE - HOUR), foresee(paused, DUE + HOUR)
    assert (before.goes_at, before.mended_at, before.decision.verdict) == (None, DUE, Verdict.EXPIRE)
    assert (after.goes_at, after.mended_at) == (None, DUE + HOUR)
    assert foresee(paused, DEADLINE).mended_at is None


def test_what_a_pause_holds_in_quiet_hours_would_go_after_them_if_the_pause_ended_now() -> None:
    evening = START - 11.5 * HOUR  # half past ten in Madrid
    paused = but("clinic", paused_until=START + 5 * HOUR)(but("reminder", first_seen=evening)(facts()))
    assert foresee(but("appointment", start=START + 3 * HOUR)(paused), evening).mended_at == START - 2 * HOUR


def test_what_nobody_can_mend_is_foreseen_as_too_late() -> None:
    change, now, _, _ = TOGETHER["window_passed"]
    assert foresee(change(facts()), now).mended_at is None
