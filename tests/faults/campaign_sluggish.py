"""What if the database answers, and each answer takes three seconds longer? In the midst of sending, for a minute.

RELIABILITY.md F11: a callback has its answer within five seconds all the same, 503 where it could not be stored, so
that the provider comes again. Sending crawls meanwhile, and goes on as before when it is over: nothing is lost, nothing
goes twice.
"""

import time

from tests.faults.assault import Shape, loaded
from tests.faults.closing import close
from tests.faults.posting import Answers, post
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.senders import settled, start_senders
from tests.faults.stack import DATABASE, UNHURRIED, Stack
from tests.faults.statuses import about, taken_over
from tests.faults.waiting import TooLate, until

_SLOWER_SECONDS, _SLOW_FOR_SECONDS, _RATE = 3.0, 60, 10
_STATUSES = ("queued", "sending", "sent", "delivered")
_MUST_SECONDS = 5.0
_REMINDERS, _CLINICS = 2_000, 10
_END_SECONDS = 300.0
#: How a callback may be answered: stored, or come again.
_RIGHTLY = (204, 503)


def run(order: Order) -> Outcome:
    """1,000 mails and 1,000 SMS, and a minute of slowness, at scale 1."""
    began, scale = time.monotonic(), min(1.0, order.scale)
    due = max(200, round(_REMINDERS * order.scale))
    shape = Shape(due, strikes=0, clinics=_CLINICS, delay=0.5, sms=0.5, callbacks=False, pace=UNHURRIED)
    findings, answers = list[str](), Answers()
    with loaded(shape, order.seed, through=[DATABASE]) as product:
        product.start_web()  # the callbacks are this campaign's own
        start_senders(product, 2)
        try:
            answers = _slowly(product, max(15, round(_SLOW_FOR_SECONDS * scale)))
            until(lambda: product.outside.taken() >= due and settled(product), _END_SECONDS, "all is out")
        except TooLate as late:
            findings.append(str(late))
        closing = close(product)
    findings += closing.findings
    findings += [
        f"answered with {code}: {count}" for code, count in answers.counts.items() if count and code not in _RIGHTLY
    ]
    slowest = answers.percentile(1)
    findings += [f"a callback had its answer after {slowest:.1f} s"] if slowest > _MUST_SECONDS else []
    figures: dict[str, object] = {"runs": 1, "seed": order.seed, "reminders": due, **closing.figures()}
    figures |= {"callbacks": answers.counts.total(), "refused_503": answers.counts[503], "slowest": round(slowest, 1)}
    figures |= {"must": f"<={_MUST_SECONDS:g}", "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings and not closing.judgement.unknown, findings, closing.judgement.unknown)


def _slowly(product: Stack, seconds: int) -> Answers:
    """Has each answer of the database take longer for so long; what the callbacks of that time are answered."""
    count = seconds * _RATE
    until(lambda: len(taken_over(product)) * len(_STATUSES) >= count, _END_SECONDS, "some SMS are out")
    made = about(product, taken_over(product), _STATUSES, _RATE)[:count]
    product.proxies[DATABASE].delay(_SLOWER_SECONDS)
    answers = post(product.web_port, made)
    product.proxies[DATABASE].pass_on()
    return answers


CAMPAIGNS = (Campaign("sluggish", run, (), "0 lost, 0 twice, each callback answered within 5 s", minutes=2),)
