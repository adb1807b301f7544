"""The one decision: each gate alone, all of them together, and the verdict that follows."""

from dataclasses import replace
from datetime import datetime, time

import pytest

from messaging.channels import Channel
from reminders.conditions import PATIENT_GATES, resolve_channel
from reminders.decision import Verdict, decide
from reminders.decision_facts import Facts, NoticeFacts
from reminders.gates import CATALOGUE
from reminders.kinds import Kind, LatePolicy, TimingKind
from reminders.timing import GRACE, Hours, Timing
from tests.reminders.made_facts import DAY, DEADLINE, DUE, HOUR, START, Change, but, codes, facts, value_of

#: Gates that do not apply to an e-mail at a rule's own time.
NOTICE_GATES = {"notice_declined", "newer_notice", "nothing_changed"}
NOT_OF_EMAIL = {"landline"} | NOTICE_GATES


def notice(**changes: bool) -> Change:
    """The same as a notice of a change, agreed to when the reminder would be due less the grace."""
    given = {"newest": True, "declined": False, "differs": True, **changes}
    told = NoticeFacts(**given, told_start=START)
    return but("reminder", kind=Kind.CHANGE, event_at=DUE - GRACE, notice=told)


def by_hand(one: Facts) -> Facts:
    """The same, sent by a person at its due moment."""
    return but("reminder", by_hand=True, event_at=DUE)(one)


def by_text(change: Change) -> Change:
    """The same reminder, by text message."""

    def changed(one: Facts) -> Facts:
        sms = but("reminder", channel=Channel.SMS)(but("rule", channel="sms")(one))
        return change(but("clinic", channels_on=frozenset({"sms"}))(but("patient", consents=frozenset({"sms"}))(sms)))

    return changed


#: gate → what closes it alone, when it is asked, and what follows.
ALONE: dict[str, tuple[Change, datetime, Verdict]] = {
    "clinic_suspended": (but("clinic", suspended=True), DUE, Verdict.SKIP),
    "channel_off": (but("clinic", channels_on=frozenset({"sms"})), DUE, Verdict.SKIP),
    "test_mode_guest_list": (but("clinic", test_mode=True), DUE, Verdict.SKIP),
    "rule_inactive": (but("rule", active=False), DUE, Verdict.CANCEL),
    "kind_off_for_practitioner": (but("rule", kind_on=False), DUE, Verdict.SKIP),
    "rule_filter_mismatch": (but("rule", mismatch="type, location"), DUE, Verdict.CANCEL),
    "already_confirmed": (
        lambda one: but("rule", stop_when_confirmed=True)(but("appointment", status="confirmed")(one)),
        DUE, Verdict.SKIP,
    ),
    "notice_declined": (notice(declined=True), DUE, Verdict.CANCEL),
    "newer_notice": (notice(newest=False), DUE, Verdict.SUPERSEDE),
    "nothing_changed": (notice(differs=False), DUE, Verdict.SKIP),
    "cancelled": (
        lambda one: but("rule", statuses=frozenset({"cancelled"}))(but("appointment", status="cancelled")(one)),
        DUE, Verdict.CANCEL,
    ),
    "deleted": (but("appointment", deleted=True), DUE, Verdict.CANCEL),
    "moved": (but("appointment", occurrence=2), DUE, Verdict.SUPERSEDE),
    "nearer_step": (but("reminder", nearer_go_at=(DUE,)), DUE, Verdict.SUPERSEDE),
    "status_not_eligible": (but("appointment", status="arrived"), DUE, Verdict.CANCEL),
    "appointment_reminder_off": (but("appointment", unwanted=frozenset({"email"})), DUE, Verdict.SKIP),
    "already_sent": (but("reminder", already_sent=True), DUE, Verdict.SKIP),
    "reminded_elsewhere": (but("appointment", marked={"email": "phone"}), DUE, Verdict.SKIP),
    "no_patient": (but(patient=None), DUE, Verdict.SKIP),
    "patient_archived": (but("patient", archived=True), DUE, Verdict.SKIP),
    "default_notifications_off": (but("patient", default_notifications=False), DUE, Verdict.SKIP),
    "consent_data_protection_off": (but("patient", consent_data_protection=False), DUE, Verdict.SKIP),
    "consent_channel_off": (but("patient", consents=frozenset({"sms"})), DUE, Verdict.SKIP),
    "no_address": (but("patient", has_address=False, address_valid=False), DUE, Verdict.SKIP),
    "address_invalid": (but("patient", address_valid=False), DUE, Verdict.SKIP),
    "landline": (by_text(but("patient", landline=True)), DUE, Verdict.SKIP),
    "no_wording": (but(has_wording=False), DUE, Verdict.SKIP),
    "merge_field_empty": (but(empty_fields=("LOCATION",)), DUE, Verdict.SKIP),
    "sender_not_configured": (but(has_sender=False), DUE, Verdict.SKIP),
    "sender_failing": (but(sender_failing_until=DUE + HOUR), DUE, Verdict.HOLD),
    "too_many_to_this_address": (but("reminder", recent=(DUE - HOUR / 12,)), DUE, Verdict.WAIT),
    "due": (but(), DUE - HOUR, Verdict.WAIT),
    "deadline": (but(), DEADLINE, Verdict.EXPIRE),
}  # fmt: skip
#: Gates that cannot be the only one to fail: what closes them closes its companions too.
TOGETHER: dict[str, tuple[Change, datetime, set[str], Verdict]] = {
    "preferred_channel_differs": (
        lambda one: but("patient", preferred_channel="none")(but("rule", channel="")(one)),
        DUE, {"preferred_channel_differs"}, Verdict.SKIP,
    ),
    "status cancelled": (
        lambda one: but("rule", statuses=frozenset({"scheduled"}))(but("appointment", status="cancelled")(one)),
        DUE, {"cancelled", "status_not_eligible"}, Verdict.CANCEL,
    ),
    "paused": (but("clinic", paused_until=DUE + HOUR), DUE, {"paused", "due"}, Verdict.HOLD),
    "paused beyond the deadline": (but("clinic", paused_until=START + DAY), DUE, {"paused"}, Verdict.HOLD),
    "paused until too late": (
        but("clinic", paused_until=START + DAY), DEADLINE, {"paused", "deadline"}, Verdict.EXPIRE
    ),
    "the sender fails until too late": (
        but(sender_failing_until=START + DAY), DEADLINE, {"sender_failing", "deadline"}, Verdict.EXPIRE
    ),
    "the sender fails before it is due": (
        but(sender_failing_until=DUE + HOUR), DUE - HOUR, {"sender_failing", "due"}, Verdict.WAIT
    ),
    "a fourth of a day": (
        but("reminder", recent=(DUE - 9 * HOUR, DUE - 6 * HOUR, DUE - 3 * HOUR)),
        DUE, {"too_many_to_this_address", "deadline"}, Verdict.EXPIRE,
    ),
    "in_the_past": (but(), START, {"in_the_past", "deadline"}, Verdict.EXPIRE),
    "window_passed": (
        lambda one: but("rule", late_policy=LatePolicy.SKIP)(but("reminder", first_seen=DUE + HOUR)(one)),
        DUE + HOUR, {"window_passed", "due"}, Verdict.SKIP,
    ),
    "no_allowed_moment": (
        but("clinic", hours=Hours("Europe/Madrid", closed_weekdays=frozenset(range(1, 8)))),
        DUE, {"no_allowed_moment", "due", "quiet_hours"}, Verdict.SKIP,
    ),
    "quiet_hours": (
        but("rule", timing=Timing(TimingKind.BEFORE_ELAPSED, 16 * 60)), START - 12.5 * HOUR,
        {"quiet_hours", "deadline"}, Verdict.EXPIRE,
    ),
    "lead_time_misconfigured": (
        but("rule", timing=Timing(TimingKind.BEFORE_ELAPSED, 0)), START - HOUR,
        {"lead_time_misconfigured", "no_allowed_moment", "due"}, Verdict.SKIP,
    ),
}  # fmt: skip


def test_where_nothing_stops_it_every_gate_is_open_and_it_goes() -> None:
    decision = decide(facts(), DUE)
    assert (decision.verdict, codes(decision), decision.until) == (Verdict.SEND, set(), DUE)
    assert {gate.code for gate in decision.gates if gate.passed is not True} == NOT_OF_EMAIL


@pytest.mark.parametrize("code", [code for code in ALONE if code not in {"no_patient", "no_wording"}])
def test_a_gate_that_fails_alone_is_the_only_one_named(code: str) -> None:
    change, now, verdict = ALONE[code]
    decision = decide(change(facts()), now)
    assert (codes(decision), decision.verdict) == ({code}, verdict)


@pytest.mark.parametrize("name", TOGETHER)
def test_what_closes_several_gates_names_them_all(name: str) -> None:
    change, now, expected, verdict = TOGETHER[name]
    decision = decide(change(facts()), now)
    assert (codes(decision), decision.verdict) == (expected, verdict)


def test_while_a_pause_holds_it_nothing_else_ends_it_but_its_deadline() -> None:
    held = but("patient", consents=frozenset())(but("clinic", paused_until=START + DAY)(facts()))
    assert [decide(held, now).verdict for now in (DUE, DEADLINE)] == [Verdict.HOLD, Verdict.EXPIRE]


def test_in_a_pause_quiet_hours_that_outlast_the_deadline_end_nothing() -> None:
    quiet = Hours("Europe/Madrid", time(12), time(8))
    held = but("clinic", paused_until=START + DAY, hours=quiet)(facts())
    assert decide(held, DUE + 3 * HOUR).verdict is Verdict.HOLD
    assert decide(held, DEADLINE).verdict is Verdict.EXPIRE


def test_of_five_reasons_all_five_are_given() -> None:
    five = ["consent_data_protection_off", "no_address", "reminded_elsewhere", "channel_off", "sender_not_configured"]
    changed = facts()
    for code in five:
        changed = ALONE[code][0](changed)
    decision = decide(changed, DUE)
    assert (codes(decision), decision.verdict) == (set(five), Verdict.SKIP)


def test_without_a_patient_the_patients_gates_do_not_apply() -> None:
    decision = decide(replace(facts(), patient=None), DUE)
    assert {gate.code for gate in decision.gates if gate.passed is None} - NOTICE_GATES == set(PATIENT_GATES)
    assert (codes(decision), decision.verdict) == ({"no_patient"}, Verdict.SKIP)


def test_without_a_wording_its_fields_are_not_judged() -> None:
    decision = decide(replace(facts(), has_wording=False), DUE)
    assert {gate.code for gate in decision.gates if gate.passed is None} - NOT_OF_EMAIL == {"merge_field_empty"}
    assert codes(decision) == {"no_wording"}


def test_without_an_address_nothing_is_said_of_its_form() -> None:
    decision = decide(ALONE["no_address"][0](facts()), DUE)
    assert {gate.code for gate in decision.gates if gate.passed is None} == {"address_invalid"} | NOT_OF_EMAIL


@pytest.mark.parametrize("code", [code for code, (_, now, verdict) in ALONE.items() if verdict is Verdict.SKIP])
def test_before_its_moment_a_closed_gate_may_still_be_mended(code: str) -> None:
    decision = decide(ALONE[code][0](facts()), DUE - HOUR)
    assert (decision.verdict, decision.until) == (Verdict.WAIT, DUE)
    assert codes(decision) == {code, "due"}


@pytest.mark.parametrize("code", ["rule_inactive", "cancelled", "deleted", "moved", "status_not_eligible"])
def test_what_is_gone_ends_before_its_moment_too(code: str) -> None:
    change, _, verdict = ALONE[code]
    assert decide(change(facts()), DUE - 5 * DAY).verdict is verdict


def test_a_refusal_after_the_deadline_stays_a_refusal() -> None:
    decision = decide(ALONE["no_address"][0](facts()), DEADLINE)
    assert (codes(decision), decision.verdict) == ({"no_address", "deadline"}, Verdict.SKIP)


def test_a_retry_that_falls_into_quiet_hours_waits_for_their_end() -> None:
    late_rule = but("rule", timing=Timing(TimingKind.DAYS_BEFORE_AT, 1, time(20, 30)))
    decision = decide(late_rule(facts()), START - 13 * HOUR)  # 21:00, its first try was at 20:30
    assert (decision.verdict, codes(decision)) == (Verdict.EXPIRE, {"quiet_hours", "deadline"})  # 08:00 is too late
    at_night = but("clinic", hours=Hours("Europe/Madrid", time(21), time(0)))
    decision = decide(at_night(late_rule(facts())), START - 13 * HOUR)
    assert (decision.verdict, codes(decision)) == (Verdict.WAIT, {"quiet_hours"})
    assert decision.until == START - 10 * HOUR  # midnight


def test_a_pause_holds_until_it_ends_or_until_the_deadline() -> None:
    assert decide(but("clinic", paused_until=DUE + HOUR)(facts()), DUE).until == DUE + HOUR
    assert decide(but("clinic", paused_until=START + DAY)(facts()), DUE).until == DEADLINE


@pytest.mark.parametrize(
    ("channel", "marks", "closed"),
    [
        (Channel.EMAIL, {"": "in_person"}, True),
        (Channel.EMAIL, {"email": "phone"}, True),
        (Channel.EMAIL, {"sms": "phone"}, False),
        (Channel.SMS, {"sms": "phone"}, True),
    ],
)
def test_a_mark_counts_for_its_channel_or_for_all(channel: Channel, marks: dict[str, str], closed: bool) -> None:
    marked = but("appointment", marked=marks)(but("reminder", channel=channel)(facts()))
    decision = decide(marked, DUE)
    assert ("reminded_elsewhere" in codes(decision)) is closed
    assert value_of(decision, "reminded_elsewhere") == (next(iter(marks.values())) if closed else "")


@pytest.mark.parametrize(
    ("rule", "preferred", "default", "expected"),
    [("sms", "email", "voice", "sms"), ("", "email", "voice", "email"), ("", "", "voice", "voice"),
     ("", "none", "voice", "none")],
)  # fmt: skip
def test_the_rules_channel_wins_then_the_patients_then_the_clinics(
    rule: str, preferred: str, default: str, expected: str
) -> None:
    assert resolve_channel(rule, preferred, default) == expected


def test_every_gate_has_words_and_every_word_has_a_gate() -> None:
    assert [gate.code for gate in decide(facts(), DUE).gates] == list(dict.fromkeys(decide_codes()))
    assert set(decide_codes()) == set(CATALOGUE)
    assert all(str(words.failed) and str(words.passed) for words in CATALOGUE.values())


def decide_codes() -> list[str]:
    return [gate.code for gate in decide(facts(), DUE).gates]


def test_every_gate_can_fail() -> None:
    failed = [codes(decide(change(facts()), now)) for change, now, _ in ALONE.values()]
    failed += [codes(decide(change(facts()), now)) for change, now, _, _ in TOGETHER.values()]
    assert set().union(*failed) == set(CATALOGUE)
