"""Is one clinic another's problem? A hung mail server, a slow SMS provider, a clinic with 200,000 reminders.

RELIABILITY.md scorecard 17, 18, 19. The waits of the product are those of real life, as seconds are what is judged.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.faults.arrivals import Waits, came, count, waits
from tests.faults.registry import ALONE, BUSY, Campaign
from tests.faults.report import Order, Outcome
from tests.faults.senders import Watch, know_sizes, open_up, start_senders, watched
from tests.faults.stack import UNHURRIED, Stack, stack
from tests.faults.throng import SMS, Group, words
from tests.faults.waiting import TooLate, until

WORKERS = 2
#: Longest waits of the other clinics, in seconds: for 95 and 99 of a hundred.
_P95, _P99 = 10.0, 30.0
#: Database sessions of a worker: its four threads, the writer of marks, and its main thread.
_SESSIONS = 6
_FLOOD_SECONDS = 60.0
_CLAIM_MILLISECONDS = 50.0
_A_MONTH = 30 * 86_400.0


@dataclass
class Neighbours:
    """What the clinics beside the one at fault saw of it."""

    waits: Waits
    watch: Watch
    dead: list[str]
    figures: dict[str, object]

    def judge(self, p95: float = _P95, p99: float = _P99) -> list[str]:
        """What speaks against the product."""
        found = [f"p95 is over {p95:g} s"] if self.waits.percentile(95) > p95 else []
        found += [f"p99 is over {p99:g} s"] if self.waits.percentile(99) > p99 else []
        found += [f"{self.waits.missing} of the others never came"] if self.waits.missing else []
        found += [f"{self.waits.twice} of the others came twice"] if self.waits.twice else []
        return [*found, *(f"died by itself: {name}" for name in self.dead)]


def run_hung(order: Order) -> Outcome:
    """20,000 mails of a clinic whose server takes 60 s for each; 499 other clinics with 3 each over 90 s."""
    noisy = Group("noisy", 1, _sized(20_000, order))
    others = Group("other", _sized(499, order), 3, over=90)

    def hang(product: Stack) -> None:
        product.outside.fault("slow", account="citas@noisy-1.example", seconds=60)

    found = _beside(order, [noisy, others], hang)
    findings = found.judge()
    return Outcome({**found.figures, "queued": noisy.reminders}, not findings, findings)


def run_slow(order: Order) -> Outcome:
    """1,200 SMS of 40 clinics whose provider takes 10 s for each; 100 other clinics with 15 mails each over 90 s."""
    texts = Group("texting", _sized(40, order), 30, channel=SMS)
    others = Group("other", _sized(100, order), 15, over=90)

    def slow(product: Stack) -> None:
        product.outside.fault("sms_slow", seconds=10)
        product.outside.fault("callback_none")

    found = _beside(order, [texts, others], slow)
    findings, most = found.judge(), WORKERS * _SESSIONS
    findings += [f"idle in a transaction for {words}" for words in found.watch.idle_in_transaction]
    findings += [f"{found.watch.most} database sessions, of {most}"] if found.watch.most > most else []
    figures = {"queued": texts.reminders, "sessions": f"{found.watch.most}/{most}"}
    figures["idle_in_transaction"] = str(len(found.watch.idle_in_transaction))
    return Outcome({**found.figures, **figures}, not findings, findings)


def run_flood(order: Order) -> Outcome:
    """200,000 reminders of one clinic, 10 of each of 499 others, all due at one moment; a claim is timed meanwhile, a
    million reminders being planned."""
    noisy = Group("noisy", 1, _sized(200_000, order))
    asleep = Group("asleep", 8, 1, after=_A_MONTH, asleep=_sized(100_000, order))
    others = Group("other", _sized(499, order), 10)
    claims: list[float] = []

    def time_claims(product: Stack) -> None:
        claims.extend(float(one) for one in product.run("-m", "tests.faults.claim_times", "40").split())

    found = _beside(order, [noisy, asleep, others], lambda product: None, time_claims)
    slowest = found.waits.percentile(100)
    findings = found.judge(_FLOOD_SECONDS, _FLOOD_SECONDS)
    findings += [f"the last of the small ones took {slowest} s"] if slowest > _FLOOD_SECONDS else []
    p95 = sorted(claims)[int(len(claims) * 0.95) - 1]
    findings += [f"a claim takes {p95:.0f} ms"] if p95 > _CLAIM_MILLISECONDS else []
    rows = noisy.reminders + asleep.clinics * asleep.asleep + others.reminders
    figures = {"queued": noisy.reminders, "rows": rows, "last": slowest, "claim_p95_ms": round(p95, 1)}
    return Outcome({**found.figures, **figures}, not findings, findings)


def _sized(count: int, order: Order) -> int:
    return max(2 if count > 2 else 1, round(count * order.scale))


def _beside(
    order: Order,
    groups: Sequence[Group],
    misbehave: Callable[[Stack], None],
    meanwhile: Callable[[Stack], None] = lambda product: None,
) -> Neighbours:
    """Runs the product until the last group's reminders have all come, or a minute after the last should have."""
    began, others = time.monotonic(), groups[-1]
    with stack(UNHURRIED) as product:
        product.start_sandbox()
        product.run(*words(groups))
        know_sizes(product)
        misbehave(product)
        start_senders(product, WORKERS)
        with watched(product) as watch:
            open_up(product)
            meanwhile(product)
            with suppress(TooLate):
                until(lambda: _all_came(product, others), others.over + 2 * _FLOOD_SECONDS, "the others are done")
        seen = waits(product, others.name, came(product))
        dead = product.dead()
    figures: dict[str, object] = {"runs": 1, "seed": order.seed, "workers": WORKERS, "clinics": others.clinics}
    figures |= {"reminders": others.reminders, "lost": seen.missing, "duplicated": seen.twice, "unknown": 0}
    figures |= seen.figures() | {"seconds": round(time.monotonic() - began, 1)}
    return Neighbours(seen, watch, dead, figures)


def _all_came(product: Stack, group: Group) -> bool:
    time.sleep(0.5)  # the record is read as a whole
    return count(product, f"%@{group.name}-%") >= group.reminders


CAMPAIGNS = (
    Campaign("hung", run_hung, (17,), "the others' p95 <= 10 s, p99 <= 30 s", share=BUSY, minutes=5),
    Campaign(
        "slow",
        run_slow,
        (18,),
        "e-mail p95 <= 10 s, sessions <= pool, none idle in a transaction",
        share=BUSY,
        minutes=2,
    ),
    Campaign("flood", run_flood, (19,), "the small ones <= 60 s, a claim's p95 <= 50 ms", share=ALONE),
)
