"""Is an SMS sent twice, or not at all, when its provider's answer is lost or is an error? RELIABILITY.md scorecard 9.

Each way in which a call can end strikes the first call of so many messages: with and without the message sent, and
where the product can know that nothing was sent. Of half of the messages no callback tells: the provider's list does.
Some are told to come later twice before: that must not use up the looks at what became of an unknown one.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from config.local.ports import HOST, free_port
from tests.faults import ground
from tests.faults.courses import Course, Step, arrivals, once, read_courses, tried
from tests.faults.crowd import SMS, Group
from tests.faults.passing import TOGETHER, run_out
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.waiting import until

#: An SMS that nobody knows of is asked for after two seconds and again after two more.
_PACE = Pace(reconcile=30, look=2)
_TIMEOUT_SECONDS = 2
#: Messages of each way at scale 1.
_EACH = 200
#: How many messages an account sends: so few that no pace of an account slows them down. It has one where the provider
#: answers that this is too much, or where it is out of reach: that is a matter of the account.
_A_CLINIC = 4
_SECONDS = 420.0


@dataclass(frozen=True)
class Way:
    """How a call can end: the faults that make it (the last one given first), how often it strikes, whether the
    message went out, and what the failed attempts must say: (failure, phase, code)."""

    name: str
    faults: tuple[tuple[str, int], ...]
    sent: bool
    failed: tuple[tuple[str, str, str], ...] = ()


_NOT_THERE = ("not_found_there", "reply", "")
_CUT_OFF = ("not_found_there", "data", "")
_LATER = ("rate_limited", "reply", "20429")
_UNREACHABLE = ("unreachable", "connect", "")
#: By the number of their group. The last two cannot reach the provider at all.
WAYS = {
    1: Way("500-sent", (("sms_500_sent", 1),), True),
    2: Way("500-not", (("sms_500_not_sent", 1),), False, (_NOT_THERE,)),
    3: Way("timeout-sent", (("sms_timeout_sent", 1),), True),
    4: Way("timeout-not", (("sms_timeout_not_sent", 1),), False, (_CUT_OFF,)),
    5: Way("reset-sent", (("sms_reset_sent", 1),), True),
    6: Way("reset-not", (("sms_reset_not_sent", 1),), False, (_CUT_OFF,)),
    7: Way("429", (("sms_429", 1),), False, (_LATER,)),
    8: Way("429-then-500-not", (("sms_500_not_sent", 1), ("sms_429", 2)), False, (_LATER, _LATER, _NOT_THERE)),
    9: Way("dns", (), False, (_UNREACHABLE,)),
    10: Way("refused", (), False, (_UNREACHABLE,)),
}
#: Of these the provider cannot be reached.
_AWAY = {9: "http://provider.invalid", 10: f"http://{HOST}:{{port}}"}


def run(order: Order) -> Outcome:
    """200 messages of each way at scale 1."""
    began, each = time.monotonic(), max(4, round(_EACH * order.scale))
    groups = {number: _group(number, each) for number in WAYS}
    with stack(_PACE) as product:
        # A name that does not resolve is known at once.
        product.variables |= {"TWILIO_TIMEOUT_SECONDS": str(_TIMEOUT_SECONDS), "RES_OPTIONS": "timeout:1 attempts:1"}
        product.variables |= {"BREAKER_SECONDS": "0"}  # each account's calls fail on purpose
        product.start_sandbox()
        product.start_web()
        for number, url in _AWAY.items():
            _while_away(product, groups[number], url.format(port=free_port()))
        product.outside.fault("callback_none", probability=0.5, seed=order.seed)
        for number in WAYS.keys() - _AWAY.keys():
            for kind, times in WAYS[number].faults:
                product.outside.fault(kind, recipient=groups[number].recipients, each=times)
        mixed = [group.word for number, group in groups.items() if number not in _AWAY]
        random.Random(order.seed).shuffle(mixed)
        product.run("-m", "tests.faults.crowd", *mixed)
        product.start("worker-1", "worker-2", "beat-1")
        run_out(product, _SECONDS, TOGETHER)
        courses, has = read_courses(product.database), arrivals(product.outside)
        overdue = ground.overdue(product.database, _PACE.reconcile)
        overdue += ground.refused_callbacks(product.outside)
    lost, twice = once(courses, has)
    wrong = [words for course in courses for words in _misjudged(course)]
    if len(courses) != each * len(WAYS):
        lost.append(f"lost: {each * len(WAYS) - len(courses)} reminders were never planned")
    figures: dict[str, object] = {"runs": len(courses), "lost": len(lost), "duplicated": len(twice)}
    figures |= {"unknown": sum(one.state == ground.UNCERTAIN for one in courses), "misjudged": len(wrong)}
    figures |= {"seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
    findings = [*lost, *twice, *wrong, *overdue]
    return Outcome(figures, not findings, findings)


def _group(number: int, each: int) -> Group:
    of_the_account = number in _AWAY or any(kind == "sms_429" for kind, _times in WAYS[number].faults)
    return Group(number, SMS, each if of_the_account else max(1, each // _A_CLINIC), each)


def _while_away(product: Stack, group: Group, url: str) -> None:
    """The workers cannot reach the provider until each reminder of the group has met that."""
    there = product.variables["TWILIO_BASE_URL"]
    product.variables["TWILIO_BASE_URL"] = url
    product.run("-m", "tests.faults.crowd", group.word)
    product.start("worker-1", "beat-1")
    until(lambda: tried(product.database, group.slugs) >= group.reminders, _SECONDS, "all have met the fault")
    product.kill("beat-1")
    product.terminate("worker-1")  # a kill in a call would be another matter
    product.variables["TWILIO_BASE_URL"] = there


def _misjudged(course: Course) -> Iterator[str]:
    """Whether each attempt says what the call came to."""
    way = WAYS[int(course.slug[1:3])]
    *failed, last = course.calls or (Step("none", "", "", "", False),)
    said = tuple((one.failure, one.phase, one.code) for one in failed)
    if last.state not in ("accepted", "delivered"):
        yield f"misjudged ({way.name}): the last attempt did not go: {course.named()}"
    elif way.failed and way.failed[0] is _UNREACHABLE:  # as often as it was tried meanwhile
        if not said or set(said) != {_UNREACHABLE}:
            yield f"misjudged ({way.name}): {course.named()}"
    elif said != way.failed:
        yield f"misjudged ({way.name}): {course.named()}"


CAMPAIGNS = (Campaign("ambiguity", run, (9,), "0 twice, each not sent goes in time, each class right", minutes=13),)
