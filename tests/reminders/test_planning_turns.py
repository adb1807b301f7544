"""Does what is due wait for a plan that takes long? A clinic brings thousands of appointments at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from clinics.models import Clinic
from reminders import drain as the_drain
from reminders import queue
from reminders.drain import drain, plan_what_is_behind
from reminders.kinds import State
from reminders.lanes import Lanes
from reminders.plan import bring_up_to_date
from tests.reminders.sending import book, book_many, now, only_reminder, open_at_all_hours, reminders
from tests.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a drain does, in its order; a plan takes all the time that it may take at once."""
    done: list[str] = []

    def plan(clinic: Clinic, ids: Sequence[int], moment: datetime) -> int:
        done.append("plan")
        return bring_up_to_date(clinic, ids, moment)

    def claim(*given: Any) -> dict[int, list[queue.Claim]]:
        found = _claim(*given)
        done.append("claim" if found else "nothing to claim")
        return found

    _claim = queue.claim
    monkeypatch.setattr(the_drain, "PLAN_SECONDS", 0.0)
    monkeypatch.setattr(the_drain, "bring_up_to_date", plan)
    monkeypatch.setattr(queue, "claim", claim)
    return done


def test_what_is_due_goes_before_the_rest_is_planned(live: World, lanes: Lanes, turns: list[str]) -> None:
    book(live)
    plan_what_is_behind()
    others = [make_world(f"otra-{number}", smtp_port=live.sender.port or 0) for number in range(3)]
    for other in others:
        book(open_at_all_hours(other), now() + timedelta(days=3))
    turns.clear()
    drain(lanes, 10)
    assert turns[:3] == ["plan", "claim", "nothing to claim"]
    assert turns.count("plan") == 3  # and still the same drain plans all
    assert only_reminder(live).state == State.HANDED_OVER
    assert [only_reminder(other).state for other in others] == [State.PLANNED] * 3


def test_what_a_drain_plans_late_goes_in_the_same_drain(live: World, lanes: Lanes, turns: list[str]) -> None:
    other = open_at_all_hours(make_world("otra", smtp_port=live.sender.port or 0))
    book(live)
    book(other)
    assert drain(lanes, 10) == 2
    assert turns.count("plan") == 2


def test_what_another_drain_has_planned_meanwhile_is_not_planned_again(
    live: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    book_many(live, 3)
    behind, planned = queue.behind(), list[int]()

    def plan(clinic: Clinic, ids: Sequence[int], moment: datetime) -> int:
        planned.extend(ids)
        return bring_up_to_date(clinic, ids, moment)

    plan_what_is_behind()
    monkeypatch.setattr(the_drain, "bring_up_to_date", plan)
    monkeypatch.setattr(queue, "behind", lambda: behind)
    plan_what_is_behind()
    assert (planned, len(reminders(live))) == ([], 3)
