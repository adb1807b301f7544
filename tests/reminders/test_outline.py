"""What a plan takes of the decision: the same as of the whole decision, though it looks at less."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reminders.decision import Outline, Verdict, decide, outline, outline_of
from reminders.decision_facts import Basis, Facts, NoticeFacts, ReminderFacts
from reminders.kinds import NOTICES, LatePolicy, Route, TimingKind
from reminders.timing import Timing
from tests.reminders.made_facts import BOOKED, DAY, DEADLINE, DUE, START, Change, but, facts
from tests.reminders.test_decision_always import any_facts, moments, often

_TIMINGS = (
    Timing(TimingKind.BEFORE_ELAPSED, 0),
    Timing(TimingKind.DAYS_BEFORE_AT, 1, DUE.time(), working_days=True),
    Timing(TimingKind.DAYS_BEFORE_SAME_TIME, 2),
)


@st.composite
def any_kind(draw: st.DrawFn) -> Facts:
    """As any_facts, and notices, fallbacks, what a person started, series and accounts that are let be."""
    given_facts = draw(any_facts())
    part, rule = given_facts.reminder, given_facts.rule
    if not draw(often):
        part = replace(part, nearer_go_at=tuple(draw(st.lists(moments, max_size=2))))
    if not draw(often):
        part = replace(part, by_hand=True, event_at=draw(moments))
    elif not draw(often):
        part = replace(part, route=Route.FALLBACK, event_at=draw(moments))
    elif not draw(often):
        part = draw(_notices(part))
    rule = replace(
        rule, has_fallback=not draw(often), mismatch="" if draw(often) else "type",
        timing=rule.timing if draw(often) else draw(st.sampled_from(_TIMINGS)),
        stop_when_confirmed=not draw(often),
    )  # fmt: skip
    return replace(
        given_facts, rule=rule, reminder=part, sender_failing_until=None if draw(often) else draw(moments)
    )  # fmt: skip


@st.composite
def _notices(draw: st.DrawFn, part: ReminderFacts) -> ReminderFacts:
    told = NoticeFacts(draw(often), not draw(often), draw(st.sampled_from([None, True, False])), draw(moments))
    return replace(part, kind=draw(st.sampled_from(sorted(NOTICES))), event_at=draw(moments), notice=told)


def basis_of(whole: Facts) -> Basis:
    """As a plan makes it: it knows nothing of what went besides."""
    part = replace(whole.reminder, already_sent=False, recent=(), nearer_go_at=())
    return Basis(whole.clinic, whole.rule, whole.appointment, part)


@settings(max_examples=1500, deadline=None)
@given(any_kind(), moments)
@example(facts(), DUE - timedelta(microseconds=1))
@example(facts(), DUE)
@example(facts(), DEADLINE)
def test_it_is_that_of_the_whole_decision(whole: Facts, now: datetime) -> None:
    seen = outline(basis_of(whole), now, lambda: whole)
    assert seen == outline_of(decide(whole, now), now)


def _never() -> Facts:
    raise AssertionError("the whole facts were asked for")


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        (but(), None),
        (but("rule", late_policy=LatePolicy.SKIP), None),
        (but("appointment", status="cancelled"), Verdict.CANCEL),
        (but("rule", active=False), Verdict.CANCEL),
        (but("appointment", occurrence=2), Verdict.SUPERSEDE),
    ],
)
def test_before_its_moment_it_asks_for_nothing_else(change: Change, gone: Verdict | None) -> None:
    seen = outline(basis_of(change(facts())), BOOKED, _never)
    assert (seen.gone, seen.schedule.due, seen.look_at) == (gone, DUE, DUE)


def test_what_is_due_is_decided_as_a_whole() -> None:
    whole = but("reminder", recent=(DUE - timedelta(minutes=1),))(facts())
    seen = outline(basis_of(whole), DUE, lambda: whole)
    assert seen == Outline(None, decide(whole, DUE).schedule, seen.look_at) and seen.look_at > DUE


@pytest.mark.parametrize("now", [BOOKED, START + DAY])
def test_what_has_no_moment_is_looked_at_when_the_rule_names_it(now: datetime) -> None:
    whole = but("clinic", hours=replace(facts().clinic.hours, closed_weekdays=frozenset(range(1, 8))))(facts())
    seen = outline(basis_of(whole), now, _never)
    assert seen.schedule.due is None and seen.gone is None and seen.look_at == max(now, seen.schedule.nominal)
