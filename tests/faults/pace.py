"""How long does the product wait in a campaign? A tenth of real life, so that campaigns end soon."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """The product's own waits, in seconds. What rings and drains do is not slowed down by them."""

    lease: int = 6
    reconcile: int = 10
    drain: int = 5
    ring: float = 1.0
    smtp_timeout: int = 5
    look: int = 6
    #: For how long a failing account is let be at first; 0: never.
    breaker: int = 6
    #: How long a worker that is told to stop waits for the calls under way.
    stop: float = 2.0
    #: After which a worker that takes up no ring counts as mute.
    silent: int = 12
    #: How long after the hand-over a provider is asked what became of a message.
    receipts: tuple[int, ...] = (90, 360, 2160, 8640, 25_920)

    def variables(self) -> dict[str, str]:
        """The same as environment variables."""
        return {
            "LEASE_SECONDS": str(self.lease),
            "RECONCILE_SECONDS": str(self.reconcile),
            "DRAIN_SECONDS": str(self.drain),
            "RING_SECONDS": str(self.ring),
            "SMTP_TIMEOUT_SECONDS": str(self.smtp_timeout),
            "LOOK_SECONDS": str(self.look),
            "BREAKER_SECONDS": str(self.breaker),
            "STOP_SECONDS": str(self.stop),
            "WORKER_SILENT_SECONDS": str(self.silent),
            "RECEIPT_SECONDS": ",".join(map(str, self.receipts)),
        }


#: The waits of real life, for tests that look at the product as a newcomer does.
UNHURRIED = Pace(
    lease=60, reconcile=900, drain=20, ring=2.0, smtp_timeout=15, look=60, breaker=60, stop=20, silent=120,
    receipts=(900, 3600, 21_600, 86_400, 259_200),
)  # fmt: skip
