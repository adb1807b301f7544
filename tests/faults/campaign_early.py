"""Is a callback lost that comes before the provider's own answer? RELIABILITY.md scorecard 26.

The sandbox tells everything of a message before it answers the call that made it. Each callback must find its attempt.
True orphans, whose token names nothing although their account's signature is right, are kept for a day (here seconds),
and then reported; a stranger's are refused.
"""

import secrets
import time

from tests.faults import ground
from tests.faults.caller import Caller, signed_post
from tests.faults.courses import arrivals, once, read_courses
from tests.faults.crowd import SMS, Group
from tests.faults.passing import run_out
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.texted import Sent
from tests.faults.waiting import until

_MESSAGES, _ORPHANS = 1000, 50
_CLINICS = 20
_SECONDS = 300.0
_KEPT_SECONDS = 4
#: Of so many messages the answer comes so late that what was called back is applied before: by a drain that begins
#: meanwhile, so they are short and often rung for.
_LATE_SHARE, _LATE_SECONDS = 0.2, 3.0
_PACE = Pace(reconcile=30, drain=1, ring=0.5)
#: What the provider told of each message: sending, sent and delivered.
_TOLD = 3
_STORED = """
SELECT a.id, a.state, (SELECT count(*) FROM messaging_receipt e
    WHERE e.clinic_id = a.clinic_id AND e.attempt_id = a.id AND e.applied_at IS NOT NULL) AS applied
FROM messaging_attempt a WHERE a.called_at IS NOT NULL ORDER BY a.id
"""
_APPLIED = "SELECT NOT EXISTS (SELECT 1 FROM messaging_receipt WHERE applied_at IS NULL) AS done"
_KEPT = "SELECT count(*) AS n, count(reported_at) AS reported FROM messaging_orphan"


def run(order: Order) -> Outcome:
    """1,000 messages and 50 orphans at scale 1."""
    began = time.monotonic()
    messages, orphans = max(10, round(_MESSAGES * order.scale)), max(2, round(_ORPHANS * order.scale))
    with stack(_PACE) as product:
        product.variables |= {"ORPHAN_SECONDS": str(_KEPT_SECONDS)}
        product.start_sandbox()
        product.start_web()
        product.outside.fault("callback_before_response")
        product.outside.fault("sms_slow", probability=_LATE_SHARE, seed=order.seed, seconds=_LATE_SECONDS)
        product.run("-m", "tests.faults.crowd", Group(1, SMS, min(_CLINICS, messages), messages).word)
        product.start("worker-1", "worker-2", "beat-1")
        findings = _orphans(product, orphans)
        run_out(product, _SECONDS)
        until(lambda: product.database.rows(_APPLIED)[0]["done"], _SECONDS, "every callback is applied")
        courses, has = read_courses(product.database), arrivals(product.outside)
        matched = ("delivered", _TOLD)
        unmatched = [row for row in product.database.rows(_STORED) if (row["state"], row["applied"]) != matched]
        findings += ground.refused_callbacks(product.outside) + ground.overdue(product.database, _PACE.reconcile)
    lost, twice = once(courses, has)
    if len(courses) != messages:
        lost.append(f"lost: {messages - len(courses)} reminders were never planned")
    findings += [*lost, *twice]
    findings += [f"unmatched: attempt {row['id']}: {row['state']}, {row['applied']} told" for row in unmatched]
    figures: dict[str, object] = {"runs": messages, "matched": messages - len(unmatched), "orphans": orphans}
    figures |= {"lost": len(lost), "duplicated": len(twice)}
    figures |= {"unknown": sum(one.state == ground.UNCERTAIN for one in courses)}
    figures |= {"seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings, findings)


def _orphans(product: Stack, count: int) -> list[str]:
    """Callbacks, each twice, about messages that nobody here knows: kept once, and reported when their time is over."""
    caller, secret = Caller(product.web_url), product.variables["SANDBOX_SMTP_PASSWORD"]
    accounts = product.database.rows("SELECT username FROM messaging_sender WHERE channel = 'sms' ORDER BY id LIMIT 1")
    lost = [
        Sent(0, secrets.token_hex(16), f"SM{secrets.token_hex(16)}", accounts[0]["username"], "+34670000000", 0)
        for _ in range(count)
    ]
    posts = [signed_post(product.web_url, one.path, one.said("delivered"), secret) for one in lost]
    answers = {caller.post(one) for one in [*posts, *posts]}
    kept = product.database.rows(_KEPT)[0]
    findings = [] if answers == {204} else [f"orphans are answered with {sorted(answers)}"]
    if (kept["n"], kept["reported"]) != (count, 0):
        findings.append(f"of {count} orphans {kept['n']} are kept and {kept['reported']} reported at once")
    until(lambda: product.database.rows(_KEPT)[0]["reported"] == count, _SECONDS, "every orphan is reported")
    stranger = lost[0].said("delivered") | {"AccountSid": f"AC{'9' * 32}"}
    if (status := caller.post(signed_post(product.web_url, lost[0].path, stranger, secret))) != 403:
        findings.append(f"a stranger's orphan is answered with {status}")
    return findings


CAMPAIGNS = (Campaign("early", run, (26,), "1,000/1,000 matched, orphans reported"),)
