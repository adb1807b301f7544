"""What leaves after six hours in which nothing ran? What is still of use, once, by day, with words that are still true.

RELIABILITY.md scorecard 11, F31. The steps that were due are known from the load itself; what should have become of
each is counted here, by DESIGN.md 2.6 and 5, and compared with what the sandbox received and what the product says.
"""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.faults import ground
from tests.faults.outage_load import BEGINS, HOUR, OUTAGE, Visit, awake, visits
from tests.faults.passing import pass_over
from tests.faults.registry import BUSY, Campaign
from tests.faults.report import Order, Outcome
from tests.faults.senders import start_senders
from tests.faults.stack import UNHURRIED, Stack, stack
from tests.faults.waiting import TooLate, until
from tests.faults.walk import Walk

WORKERS = 2
#: Within which what may still go must have gone, in seconds, at scale 1; and however few they are.
CLEARED_SECONDS, _LEAST_SECONDS = 30 * 60.0, 240.0
_MINUTE = timedelta(minutes=1)
#: Words that are true on one day alone, in the language of the clinics.
_RELATIVE = ("mañana", "hoy", "ayer", "pasado mañana")
_ROWS = """
SELECT p.email AS address, extract(epoch FROM a.start - make_interval(mins => u.amount::int))::bigint AS due, r.state,
       jsonb_array_length(r.gates) AS gates
FROM reminders_reminder r
JOIN appointments_appointment a ON a.id = r.appointment_id
JOIN patients_patient p ON p.id = a.patient_id
JOIN reminders_rule u ON u.id = r.rule_id
"""
#: What was due and is open, unless it waits for longer than any try again: the night through, which it may not.
_STILL_OPEN = """
SELECT 1 FROM reminders_reminder
WHERE due_at < %s AND (state IN ('claimed', 'sending') OR state IN ('planned', 'held') AND look_at
    < clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0') + interval '2 hours') LIMIT 1
"""
_NOW = "SELECT clock_timestamp() + (SELECT shift FROM clinics_clock) AS now"
_MONTHS = ("enero", "febrero")


@dataclass(frozen=True)
class Mail:
    """What a patient received, and when by the product's clock."""

    at: datetime
    subject: str


@dataclass
class Verdict:
    """What was found wrong, by kind."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def note(self, kind: str, visit: Visit, words: str) -> None:
        """One fault."""
        self.counts[kind] += 1
        self.findings.append(f"{kind}: visit {visit.number} in {visit.zone} at {visit.start.isoformat()}: {words}")


def run(order: Order) -> Outcome:
    """10,000 due at scale 1."""
    began = time.monotonic()
    count = max(40, round(10_000 * order.scale))
    every = visits(count, order.seed)
    with stack(UNHURRIED) as product:
        product.start_sandbox()
        walk = Walk(product, BEGINS)
        walk.go_to(BEGINS)
        product.run("-m", "tests.faults.outage_load", str(count), str(order.seed))
        walk.go_to(BEGINS + OUTAGE)
        returned = time.monotonic()
        start_senders(product, WORKERS)
        within = max(CLEARED_SECONDS * order.scale, _LEAST_SECONDS)
        findings: list[str] = []
        try:
            until(lambda: _at_rest(product), within, "everything that was due has ended")
        except TooLate as late:
            findings.append(str(late))
        cleared = time.monotonic() - returned
        ended = _clock(product)
        verdict, listed = _judge(product, every, ended)
        findings += [*verdict.findings, *ground.overdue(product.database, 900)]
        findings += [f"died by itself: {name}" for name in product.dead()]
    figures: dict[str, object] = {"runs": 1, "seed": order.seed, "due": sum(len(list(one.due())) for one in every)}
    kinds = ("lost", "duplicated", "past", "late", "quiet", "relative", "series", "unexplained")
    figures |= {kind: verdict.counts[kind] for kind in kinds} | {"unknown": listed["uncertain"]}
    figures |= {state: listed[state] for state in ("handed_over", "expired", "superseded")}
    figures |= {"cleared_seconds": round(cleared, 1), "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings, findings)


def _at_rest(product: Stack) -> bool:
    """Whether nothing of what was due is left open. A wait of minutes, which there should not be, is passed over."""
    time.sleep(0.2)
    if not product.database.rows(_STILL_OPEN, [BEGINS + OUTAGE]):
        return True
    pass_over(product)
    return False


def _clock(product: Stack) -> datetime:
    found: datetime = product.database.rows("SELECT clock_timestamp() + (SELECT shift FROM clinics_clock) AS now")[0][
        "now"
    ]
    return found


def _judge(product: Stack, every: list[Visit], ended: datetime) -> tuple[Verdict, Counter[str]]:
    received: dict[str, list[Mail]] = defaultdict(list)
    for one in product.outside.messages():
        if one["kept"]:
            at = datetime.fromisoformat(one["received_at_clock"])
            received[one["recipient"].lower()].append(Mail(at, one["subject"]))
    states: dict[tuple[str, int], tuple[str, int]] = {
        (row["address"], row["due"]): (row["state"], row["gates"]) for row in product.database.rows(_ROWS)
    }
    verdict, counted = Verdict(), Counter[str]()
    for visit in every:
        mails = sorted(received.pop(visit.address, []), key=lambda one: one.at)
        for mail in mails:
            _judge_mail(verdict, visit, mail)
        _judge_series(verdict, visit, mails, ended)
        for _lead, due in visit.due():
            state, gates = states.get((visit.address, int(due.timestamp())), ("missing", 0))
            counted[state] += 1
            if state not in ("handed_over", "expired", "superseded") or not gates:
                verdict.note("unexplained", visit, f"{state} with {gates} gates")
    for address in received:
        verdict.findings.append(f"mail to nobody's address, {len(received[address])} times")
    return verdict, counted


def _judge_mail(verdict: Verdict, visit: Visit, mail: Mail) -> None:
    if mail.at >= visit.start:
        verdict.note("past", visit, f"a mail at {mail.at.isoformat()}")
    if not awake(mail.at, visit.zone):
        verdict.note("quiet", visit, f"a mail at {mail.at.isoformat()}")
    if not any(mail.at < useful_until(lead, due) for lead, due in visit.due()):
        verdict.note("late", visit, f"a mail at {mail.at.isoformat()}")
    local = visit.start.astimezone(ZoneInfo(visit.zone))
    said = f"{local.day} de {_MONTHS[local.month - 1]} de {local.year}"
    absolute = said in mail.subject and f"{local:%H:%M}" in mail.subject
    if not absolute or any(word in mail.subject.lower() for word in _RELATIVE):
        verdict.note("relative", visit, mail.subject)


def useful_until(lead: timedelta, due: datetime) -> datetime:
    """From when on an e-mail of that step is of no use: 6 hours late, 45 minutes of a short lead, or as near to the
    start as an hour, or half the lead."""
    latest = due + (6 * HOUR if lead >= 12 * HOUR else 45 * _MINUTE)
    return min(latest, due + lead - min(HOUR, lead / 2))


def _judge_series(verdict: Verdict, visit: Visit, mails: list[Mail], ended: datetime) -> None:
    """Of all that was due and is still of use, one mail: the step nearest the start stands for the others."""
    sure = [due for lead, due in visit.due() if useful_until(lead, due) > ended and awake(ended, visit.zone)]
    if len(mails) > 1:
        kind = "series" if len(list(visit.due())) > 1 else "duplicated"
        verdict.note(kind, visit, f"{len(mails)} mails")
    elif sure and awake(BEGINS + OUTAGE, visit.zone) and not mails:
        verdict.note("lost", visit, "no mail, though it was still of use")


CAMPAIGNS = (
    Campaign(
        "outage",
        run,
        (11,),
        "0 past, late, by night, double; each unsent explained; done in 30 min",
        share=BUSY,
        minutes=3,
    ),
)
