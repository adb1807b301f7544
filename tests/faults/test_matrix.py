"""The judges of the campaigns on calls, changes and edits find what is wrong, and nothing where all is right."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.faults.campaign_ambiguity import _misjudged
from tests.faults.campaign_change import Story
from tests.faults.campaign_permutations import _wrong as wrong_end
from tests.faults.campaign_smtp import _wrong as wrong_mail
from tests.faults.courses import Course, Step, once
from tests.faults.crowd import SMS, Group, read
from tests.faults.texted import Sent

pytestmark = pytest.mark.feature("B14", enters="command")

WENT = Step("delivered", "", "reply", "queued", called=True)
NOT_THERE = Step("failed", "not_found_there", "reply", "", called=True)
COURSE = Course("g02c0000", 7, "handed_over", in_time=True, address="+34670200000", token="t", steps=(NOT_THERE, WENT))


def test_a_group_is_read_from_its_word() -> None:
    group = Group(3, SMS, 4, 16)
    assert read(group.word) == group
    assert group.address(5, "").startswith(group.recipients.rstrip("*"))


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        ((NOT_THERE, WENT), 0),
        ((Step("failed", "never_called", "begun", "", called=False), NOT_THERE, WENT), 0),
        ((WENT,), 1),
        ((NOT_THERE,), 1),
        ((NOT_THERE, NOT_THERE, WENT), 1),
        ((replace(NOT_THERE, failure="deferred"), WENT), 1),
        ((), 1),
    ],
)
def test_each_attempt_must_say_what_its_call_came_to(steps: tuple[Step, ...], count: int) -> None:
    assert len(list(_misjudged(replace(COURSE, steps=steps)))) == count


@pytest.mark.parametrize(
    ("state", "in_time", "arrived", "found"),
    [
        ("handed_over", True, 1, (0, 0)),
        ("handed_over", True, 0, (1, 0)),
        ("handed_over", True, 2, (0, 1)),
        ("handed_over", False, 1, (1, 0)),
        ("uncertain", True, 1, (1, 0)),
    ],
)
def test_every_reminder_must_arrive_once_and_in_time(
    state: str, in_time: bool, arrived: int, found: tuple[int, int]
) -> None:
    lost, twice = once([replace(COURSE, state=state, in_time=in_time)], Counter({COURSE.address: arrived}))
    assert (len(lost), len(twice)) == found


def story(what: str, calls: tuple[float, ...], told: dict[str, int], other: int = 0) -> list[str]:
    return [words.partition(":")[0] for words in Story("x", what, 10.0, calls, other, Counter(told), ()).faults()]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (story("cancel", (9.9,), {"old": 1}), []),
        (story("cancel", (), {}), []),
        (story("cancel", (10.1,), {"old": 1}), ["after the change"]),
        (story("move", (9.9,), {"old": 1, "new": 1}, 1), []),
        (story("move", (), {"new": 1}, 1), []),
        (story("move", (), {}), ["lost"]),
        (story("move", (), {"old": 1, "new": 1}, 2), ["wrong"]),
        (story("move", (9.9,), {"old": 1, "new": 2}, 2), ["duplicated", "lost"]),
    ],
)
def test_a_call_after_the_change_or_with_the_old_time_is_found(found: list[str], expected: list[str]) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("arrived", "state", "ids", "words"),
    [
        (1, "handed_over", ["<t@a>", "<t@a>"], []),
        (2, "handed_over", ["<t@a>", "<t@a>"], ["duplicated"]),
        (0, "failed", [], ["lost"]),
        (1, "handed_over", ["<u@a>", "<t@a>"], ["misjudged"]),
    ],
)
def test_a_mail_that_is_put_off_goes_once_under_one_id(
    arrived: int, state: str, ids: list[str], words: list[str]
) -> None:
    put_off = Step("failed", "deferred", "reply", "451", called=True)
    course = replace(COURSE, slug="g09c0001", state=state, steps=(put_off, replace(WENT, state="accepted")))
    assert [one.partition(" ")[0] for one in wrong_mail(course, arrived, ids)] == words


def test_a_lower_end_or_a_callback_stored_twice_is_found() -> None:
    sent = Sent(1, "t", "SM1", "AC1", "+34670100000", 1)
    right = {"state": "delivered", "reminder": "handed_over", "code": "", "stored": 2}
    assert list(wrong_end(sent, ["delivered", "sent", "sent"], right)) == []
    assert len(list(wrong_end(sent, ["delivered", "sent", "sent"], {**right, "state": "accepted", "stored": 3}))) == 2
