"""Is a mail sent twice, or given up, when its server misbehaves? RELIABILITY.md scorecard 10.

Each misbehaviour strikes the first try of so many mails. What the server provably did not take goes again, with the
same Message-ID; what it refused for good is not tried again; what it may have taken is uncertain and never sent again.
The product closes its connections without a QUIT, so that nothing can go wrong there: it is looked at all the same.

A mail as small as a reminder is written whole, its final dot with it, before a drop amid it can be noticed. Such a one
may be called unknown, which is safe; so the drop that must be told apart comes before the first byte of the text.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.faults import ground
from tests.faults.courses import Course, arrivals, read_courses, tried
from tests.faults.crowd import EMAIL, Group
from tests.faults.passing import TOGETHER, run_out
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.waiting import until

_PACE = Pace(reconcile=6, smtp_timeout=2)
_EACH = 100
#: How many mails an account sends where the fault is not the account's.
_A_CLINIC = 4
_SECONDS = 300.0
_SENDERS = ("worker-1", "worker-2", "beat-1")
_HANG_SECONDS = 30
_HALVES = (6, 13, 14, 15)
#: What strikes before anything is said: whom it strikes is chosen by when.
CONNECT, ACCOUNT, RECIPIENT = "connect", "account", "recipient"


@dataclass(frozen=True)
class Misbehaviour:
    """What a server does, and to whom it is done; which failure the first try must name, at which phase, with which
    code; how the reminder ends, and how often the mail arrived."""

    fault: str
    whom: str
    failure: str
    phase: str
    code: str = ""
    ends: str = ground.HANDED_OVER
    arrives: int = 1


#: By the number of their group; two pairs are one misbehaviour of the scorecard's thirteen each.
MISBEHAVIOURS = {
    1: Misbehaviour("refuse_connect", CONNECT, "unreachable", "connect"),
    2: Misbehaviour("silent_banner", CONNECT, "unreachable", "connect"),
    3: Misbehaviour("reply_421", CONNECT, "unreachable", "connect"),
    4: Misbehaviour("auth_535", ACCOUNT, "auth_refused", "auth", "535"),
    5: Misbehaviour("drop_at_mail", ACCOUNT, "unreachable", "mail"),
    6: Misbehaviour("drop_at_data", ACCOUNT, "unreachable", "data"),
    7: Misbehaviour("defer_rcpt", RECIPIENT, "deferred", "rcpt", "450"),
    8: Misbehaviour("refuse_rcpt", RECIPIENT, "address_refused", "rcpt", "550", "failed", 0),
    9: Misbehaviour("defer_after_dot", RECIPIENT, "deferred", "reply", "451"),
    10: Misbehaviour("refuse_after_dot", RECIPIENT, "content_refused", "reply", "554", "failed", 0),
    11: Misbehaviour("drop_after_dot", RECIPIENT, "", "dot", "", ground.UNCERTAIN),
    12: Misbehaviour("hang_after_dot", RECIPIENT, "", "dot", "", ground.UNCERTAIN),
    13: Misbehaviour("drop_at_quit", RECIPIENT, "", "reply", "250"),
    14: Misbehaviour("hang_at_quit", RECIPIENT, "", "reply", "250"),
    15: Misbehaviour("drop_mid_data", ACCOUNT, "unreachable", "data"),
}

#: What a drop amid the text may be taken for as well.
_UNNOTICED = Misbehaviour("drop_mid_data", ACCOUNT, "", "dot", "", ground.UNCERTAIN, 0)


def run(order: Order) -> Outcome:
    """100 mails of each of the 13 at scale 1."""
    began, each = time.monotonic(), max(4, round(_EACH * order.scale))
    groups = {number: _group(number, each) for number in MISBEHAVIOURS}
    with stack(_PACE) as product:
        product.variables |= {"BREAKER_SECONDS": "0"}  # each account's calls fail on purpose
        product.start_sandbox()
        for group in groups.values():
            if MISBEHAVIOURS[group.number].whom == CONNECT:
                _strike_first_tries(product, group)
        product.start(*_SENDERS)
        others = [group for group in groups.values() if MISBEHAVIOURS[group.number].whom != CONNECT]
        for group in others:
            _command(product, group, each=1)
        _book(product, others)
        run_out(product, _SECONDS, TOGETHER)
        courses, has, mails = read_courses(product.database), arrivals(product.outside), product.outside.messages()
        findings = ground.overdue(product.database, _PACE.reconcile)
    ids = _message_ids(mails)
    findings += [words for course in courses for words in _wrong(course, has[course.address], ids[course.address])]
    again = sum(len(ids[one.address]) > 1 for one in courses)
    wanted = sum(group.reminders for group in groups.values())
    findings += [f"lost: {wanted - len(courses)} reminders were never planned"] if wanted != len(courses) else []
    figures: dict[str, object] = {"runs": len(courses), "right": len(courses) - _count(findings, "misjudged")}
    figures |= {"lost": _count(findings, "lost"), "duplicated": _count(findings, "duplicated")}
    figures |= {"unknown": sum(one.state == ground.UNCERTAIN for one in courses), "seen_twice": again}
    figures |= {"seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings, findings)


def _group(number: int, each: int) -> Group:
    """A clinic each where the account is at fault; the two at QUIT share a hundred, and so do those at DATA."""
    mails = each // 2 if number in _HALVES else each
    own = MISBEHAVIOURS[number].whom != RECIPIENT
    return Group(number, EMAIL, mails if own else max(1, mails // _A_CLINIC), mails)


def _command(product: Stack, group: Group, **limits: int) -> None:
    one = MISBEHAVIOURS[group.number]
    whom = {ACCOUNT: {"account": group.accounts}, RECIPIENT: {"recipient": group.recipients}, CONNECT: {}}[one.whom]
    hangs = one.fault.startswith(("hang", "silent"))
    wait: dict[str, int] = {"seconds": _HANG_SECONDS} if hangs else {}
    product.outside.fault(one.fault, **whom, **wait, **limits)


def _strike_first_tries(product: Stack, group: Group) -> None:
    """The fault strikes whoever comes first: all are there before the first is sent, and each is tried once before one
    is tried again."""
    _command(product, group, times=group.reminders)
    _book(product, [group])
    product.start(*_SENDERS)
    until(lambda: tried(product.database, group.slugs) >= group.reminders, _SECONDS, "all have met the fault")
    run_out(product, _SECONDS, TOGETHER)
    product.kill(*_SENDERS)


def _book(product: Stack, groups: list[Group]) -> None:
    product.run("-m", "tests.faults.crowd", *(group.word for group in groups))


def _message_ids(mails: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The Message-IDs of what came to each address, also of what was then refused."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in mails:
        found[one["recipient"].lower()].append(one["message_id"])
    return found


def _wrong(course: Course, arrived: int, ids: list[str]) -> Iterator[str]:
    wanted = MISBEHAVIOURS[int(course.slug[1:3])]
    if wanted.fault == "drop_mid_data" and course.state == ground.UNCERTAIN:
        wanted = _UNNOTICED
    first, *rest = course.calls or (None,)
    if first is None or (first.failure, first.phase) != (wanted.failure, wanted.phase) or wanted.code != first.code:
        yield f"misjudged ({wanted.fault}): {course.named()}"
    elif wanted.failure and [one.state for one in rest] != ["accepted"] * (wanted.ends == ground.HANDED_OVER):
        yield f"misjudged ({wanted.fault}): after it: {course.named()}"
    if arrived > wanted.arrives:
        yield f"duplicated ({wanted.fault}): {course.named()}; arrived {arrived} times"
    if arrived < wanted.arrives or course.state != wanted.ends or not course.in_time:
        yield f"lost ({wanted.fault}): {course.named()}; arrived {arrived} times"
    if any(not one.startswith(f"<{course.token}@") for one in ids) or len(set(ids)) > 1:
        yield f"misjudged ({wanted.fault}): another Message-ID: {course.named()}"


def _count(findings: list[str], word: str) -> int:
    return sum(words.startswith(word) for words in findings)


CAMPAIGNS = (Campaign("smtp", run, (10,), "each class right, 0 twice, the same Message-ID", minutes=6),)
