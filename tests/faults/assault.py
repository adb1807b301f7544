"""How does a campaign strike at senders while they send? One loop: flush the broker, strike at a moment, go on.

A strike falls when so many mails have arrived, and a little later by chance, so that the strikes spread over the whole
campaign however fast the machine is. The seed decides moments and victims.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults import ground
from tests.faults.closing import close
from tests.faults.passing import pass_over
from tests.faults.report import Outcome
from tests.faults.stack import Pace, Stack, stack
from tests.faults.waiting import APART, PATIENCE, rest

#: The longest chance delay of a strike after its mail arrived, in seconds.
_CHANCE = 0.6
#: The product's own bound on lanes a worker (settings.SENDER_THREADS); a clinic has one lane a worker.
_LANES = 16
_DROP = "drop_after_dot"
#: How the outside world cuts calls of SMS off: without and with having sent. A few are struck early in the campaign, so
#: that none is struck again when it is tried again, which takes minutes.
_CUTS = ("sms_reset_not_sent", "sms_reset_sent")
_CUT_PROBABILITY = 0.05


@dataclass(frozen=True)
class Shape:
    """How big a campaign is. `delay` is how long the outside world takes for a mail, so that strikes hit calls."""

    reminders: int
    strikes: int
    clinics: int = 5
    workers: int = 3
    delay: float = 0.15
    pace: Pace = field(default_factory=Pace)
    #: The share of mails after whose final dot the server drops the connection without an answer; it keeps the mail.
    drops: float = 0.0
    #: The share of reminders that go by SMS.
    sms: float = 0.0
    #: Whether the SMS provider calls back; without that, asking it is all that tells.
    callbacks: bool = True
    #: Whether it can be asked; without that too, nothing tells.
    askable: bool = True
    #: So many calls of SMS are cut off with, and so many without having sent.
    cuts: int = 0
    #: Every so many seconds the broker forgets everything; 0: never.
    flush_every: float = 1.0
    #: How many mails may stay unknown a strike; None: one a connection that a worker may have in a call.
    unknown_each: int | None = None
    #: Whether the database server is the campaign's own.
    own_server: bool = False
    #: Seconds that a strike and the recovery from it may take, beside the sending.
    strike_seconds: float = 6.0

    @property
    def seconds(self) -> float:
        """Within which the campaign must have ended."""
        sending = self.strike_seconds * self.strikes + 2 * self.delay * self.reminders / self.clinics
        return 90 + sending + (_TRIED_AGAIN if self.sms else 0)

    @property
    def allowed(self) -> int:
        """How many mails the strikes may leave unknown: a worker has as many calls under way as it has lanes."""
        each = min(self.clinics, _LANES) if self.unknown_each is None else self.unknown_each
        return self.strikes * each


#: Seconds in which an SMS that the provider does not have is asked for twice and goes again, its wait passed over.
_TRIED_AGAIN = 40.0


class Assault:
    """The strikes and flushes of one campaign."""

    def __init__(self, product: Stack, shape: Shape, chance: random.Random) -> None:
        """`chance` is seeded by the campaign."""
        self.product, self.shape, self.chance = product, shape, chance
        self.strikes = 0
        self._workers = [f"worker-{number + 1}" for number in range(shape.workers)]
        self._next_flush = time.monotonic() + shape.flush_every

    def wait(self, seconds: float) -> None:
        """Lets so much time pass; the flushes go on meanwhile."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._flush()
            time.sleep(min(APART, max(0.0, until - time.monotonic())))

    def run(self, strike: Callable[["Assault", str], None]) -> bool:
        """Starts the senders and strikes at them until everything has ended; whether it did, in time, with every
        strike made. `strike` is given this assault and the victim's name, and leaves it running. After the last one,
        the waits before another try, minutes long, are passed over by the clock."""
        deadline = time.monotonic() + self.shape.seconds * PATIENCE
        self.product.start(*self._workers, "beat-1", "beat-2")
        moments = self._moments()
        at_mails, delay = next(moments, (0, 0.0))
        while (asked := time.monotonic()) < deadline:
            self._flush()
            if self.strikes < self.shape.strikes and self.product.outside.taken() >= at_mails:
                self.wait(delay)
                if victim := self._victim(deadline):
                    strike(self, victim)
                    self.strikes += 1
                at_mails, delay = next(moments, (0, 0.0))
            elif self.strikes == self.shape.strikes:
                if self._all_ended():
                    return True
                pass_over(self.product)
            rest(asked)
        return False

    def _moments(self) -> Iterator[tuple[int, float]]:
        """(after how many mails, then how many seconds later) of each strike. The last tenth is left to recover in."""
        mails = range(int(self.shape.reminders * 0.9))
        for after in sorted(self.chance.choices(mails, k=self.shape.strikes)):
            yield after, self.chance.uniform(0, _CHANCE)

    def _victim(self, deadline: float) -> str | None:
        """A worker that works. None when there is none until the end."""
        chosen = self.chance.choice(self._workers)
        order = [chosen, *(name for name in self._workers if name != chosen)]
        while time.monotonic() < deadline:
            if working := self.product.working(order):
                return working[0]
            self.wait(APART)
        return None

    def _flush(self) -> None:
        if self.shape.flush_every and time.monotonic() >= self._next_flush:
            self.product.flush_broker()
            self._next_flush = time.monotonic() + self.shape.flush_every

    def _all_ended(self) -> bool:
        """Whether every reminder is planned, and ended."""
        unfinished = sorted(ground.UNFINISHED)
        found = self.product.database.rows(
            "SELECT count(*) AS ended FROM reminders_reminder WHERE NOT state = ANY (%s)", [unfinished]
        )
        return bool(found[0]["ended"] >= self.shape.reminders)


@contextmanager
def loaded(shape: Shape, seed: int, *, through: Iterable[str] = ()) -> Iterator[Stack]:
    """The product with its load, in an outside world that behaves as the shape says; no worker runs yet."""
    with stack(shape.pace, own_server=shape.own_server, through=through) as product:
        product.start_sandbox()
        product.run("-m", "tests.faults.load", str(shape.clinics), str(shape.reminders), str(shape.sms))
        _misbehave(product, shape, seed)
        if shape.sms and shape.callbacks:
            product.start_web()
        yield product


def assail(seed: int, shape: Shape, strikes: str, strike: Callable[[Assault, str], None]) -> Outcome:
    """A whole campaign: the product, its load, the strikes (called so in the line), the judgement.

    Unknown may stay one mail a connection that was in a call at a strike, and one a dropped answer; everything else,
    and every SMS, must have arrived once.
    """
    began = time.monotonic()
    with loaded(shape, seed) as product:
        assault = Assault(product, shape, random.Random(seed))
        sends = time.monotonic()
        ended = assault.run(strike)
        sending_seconds = round(time.monotonic() - sends, 1)
        closing = close(product, askable=shape.askable)
    findings, unknown = closing.findings, closing.judgement.unknown
    if not ended:
        findings.insert(0, "not finished in its time")
    allowed = shape.allowed + sum(one.fault == _DROP for one in closing.arrivals)
    figures: dict[str, object] = {"runs": 1, "seed": seed, "reminders": shape.reminders}
    figures |= {"sms": sum(row.channel == ground.SMS for row in closing.rows), strikes: assault.strikes}
    figures |= closing.figures() | {"allowed": allowed, "sending_seconds": sending_seconds}
    figures["seconds"] = round(time.monotonic() - began, 1)
    return Outcome(figures, not findings and len(unknown) <= allowed, findings, listed=unknown)


def _misbehave(product: Stack, shape: Shape, seed: int) -> None:
    """Tells the outside world how it is to behave."""
    fault = product.outside.fault
    fault("slow", seconds=shape.delay)
    fault("sms_slow", seconds=shape.delay)
    if shape.drops:
        fault(_DROP, probability=shape.drops, seed=seed)
    if not shape.callbacks:
        fault("callback_none")
    if not shape.askable:
        fault("sms_lookup_500")
    if shape.cuts:
        for kind in _CUTS:
            fault(kind, probability=_CUT_PROBABILITY, seed=seed, times=shape.cuts)
