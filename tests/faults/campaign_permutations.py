"""Does the right end stand in whatever order a provider tells of it? RELIABILITY.md scorecard 25, for SMS.

Every order of every selection of queued, sent, delivered, undelivered and read, each told once, twice and three times,
over the real pages while drains go on. E-mail's bounce after a delivery comes with the providers that report it.
"""

import random
import time
from collections.abc import Iterator
from itertools import permutations

from tests.faults import ground
from tests.faults.caller import Caller, signed_post
from tests.faults.crowd import SMS, Group
from tests.faults.passing import all_ended
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.texted import Sent, send
from tests.faults.waiting import until

_SECONDS = 300.0
#: The provider is not asked meanwhile: it would say what the sandbox thinks, and not what is told here.
_PACE = Pace(receipts=(86_400,))
_CLINICS = 10
_CODES = {"undelivered": "30003"}
#: What stands in the end (DESIGN.md 4): the first of these that was told. State of the attempt, of the reminder, code.
_STANDS = {
    "read": ("read", "handed_over", ""),
    "delivered": ("delivered", "handed_over", ""),
    "undelivered": ("failed", "failed", "30003"),
    "sent": ("accepted", "handed_over", ""),
    "queued": ("accepted", "handed_over", ""),
}
_ORDERS = [order for size in range(1, len(_STANDS) + 1) for order in permutations(_STANDS, size)]
_COPIES = (1, 2, 3)
_ENDS = """
SELECT a.id, a.state, r.state AS reminder, CASE WHEN a.state = 'failed' THEN a.code ELSE '' END AS code,
       (SELECT count(*) FROM messaging_receipt e WHERE e.clinic_id = a.clinic_id AND e.attempt_id = a.id) AS stored
FROM messaging_attempt a JOIN reminders_reminder r ON r.clinic_id = a.clinic_id AND r.message_id = a.message_id
"""
_APPLIED = "SELECT NOT EXISTS (SELECT 1 FROM messaging_receipt WHERE applied_at IS NULL) AS done"


def run(order: Order) -> Outcome:
    """All 325 orders, each with 1, 2 and 3 copies, at scale 1; fewer, chosen by chance, below."""
    began, chance = time.monotonic(), random.Random(order.seed)
    cases = [(told, copies) for told in _ORDERS for copies in _COPIES]
    if order.scale < 1:
        cases = chance.sample(cases, max(5, round(len(cases) * order.scale)))
    with stack(_PACE) as product:
        product.start_sandbox()
        product.start_web()
        sent = send(product, [Group(1, SMS, min(_CLINICS, len(cases)), len(cases))], _SECONDS)
        stories = [(one, _story(told, copies, chance)) for one, (told, copies) in zip(sent, cases, strict=False)]
        refused = _tell(product, stories)
        until(lambda: product.database.rows(_APPLIED)[0]["done"], _SECONDS, "every callback is applied")
        until(lambda: all_ended(product), _SECONDS, "everything has ended")
        ends = {row["id"]: row for row in product.database.rows(_ENDS)}
        arrived = ground.read_texts(product.outside)
    findings = [words for one, told in stories for words in _wrong(one, told, ends[one.id])]
    findings += [f"answered with {status}" for status in refused]
    if len(sent) != len(cases) or len(arrived) != len(cases):
        findings.append(f"{len(cases)} messages were to go, {len(sent)} went, {len(arrived)} arrived")
    figures: dict[str, object] = {"runs": len(stories), "callbacks": sum(len(told) for _, told in stories)}
    figures |= {"wrong": len(findings), "lost": len(cases) - len(sent), "duplicated": len(arrived) - len(cases)}
    figures |= {"unknown": 0, "seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings, findings)


def _story(told: tuple[str, ...], copies: int, chance: random.Random) -> list[str]:
    """The first tellings in this order; each further copy at any place after its first."""
    story = list(told)
    for status in told:
        for _ in range(copies - 1):
            story.insert(chance.randint(story.index(status) + 1, len(story)), status)
    return story


def _tell(product: Stack, stories: list[tuple[Sent, list[str]]]) -> list[int]:
    """Posts them, the callbacks of one message one after the other; the answers that were not "stored"."""
    caller, secret, refused = Caller(product.web_url), product.variables["SANDBOX_SMTP_PASSWORD"], list[int]()

    def tell(one: tuple[Sent, list[str]]) -> None:
        sent, story = one
        for status in story:
            said = sent.said(status, _CODES.get(status, ""))
            answer = caller.post(signed_post(product.web_url, sent.path, said, secret))
            if answer != 204:
                refused.append(answer)

    caller.many(tell, stories)
    return refused


def _wrong(sent: Sent, story: list[str], end: dict[str, object]) -> Iterator[str]:
    wanted = _STANDS[next(status for status in _STANDS if status in story)]
    if (end["state"], end["reminder"], end["code"]) != wanted:
        yield f"attempt {sent.id}: {end['state']}, reminder {end['reminder']}, code {end['code']} after {story}"
    if end["stored"] != len(set(story)):
        yield f"attempt {sent.id}: {end['stored']} callbacks are stored of {len(set(story))} different ones"


CAMPAIGNS = (Campaign("permutations", run, (25,), "the right end in 100 % (SMS)"),)
