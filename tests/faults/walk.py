"""How is the product's clock moved step by step, without passing over anything that is due?

As /sandbox/clock does it: forward only, and only while nothing is claimed or sending. The sandbox is told first, so
that whatever arrives is stamped with the step in which it was sent.
"""

from datetime import datetime, timedelta
from typing import Any

from tests.faults.passing import at_rest
from tests.faults.stack import Stack
from tests.faults.waiting import until

STEP = timedelta(minutes=15)
_SETTLE_SECONDS = 120.0

_MOVE = """
INSERT INTO clinics_clock (id, shift) VALUES (1, %s * interval '1 second')
ON CONFLICT (id) DO UPDATE SET shift = excluded.shift WHERE clinics_clock.shift <= excluded.shift
RETURNING id
"""


class Walk:
    """The steps from a moment on; step 0 is the moment itself."""

    def __init__(self, product: Stack, begins: datetime) -> None:
        """`begins` lies in the future of the real clock, as every offset is one forward."""
        self.product, self.begins = product, begins

    def moment(self, step: int) -> datetime:
        """When a step is."""
        return self.begins + step * STEP

    def step_of(self, moment: datetime) -> int:
        """The first step at whose moment that one has come."""
        return max(0, -((self.begins - moment) // STEP))

    def go_to(self, moment: datetime) -> None:
        """The clock stands there, and runs on. Raises RuntimeError if that would be back."""
        offset = (moment - self._rows("SELECT clock_timestamp() AS now")[0]["now"]).total_seconds()
        self.product.outside.control("POST", "clock", {"offset_seconds": offset})
        if not self._rows(_MOVE, [offset]):
            raise RuntimeError(f"the clock is past {moment.isoformat()}")

    def settle(self) -> None:
        """Waits until nothing that is due is left to do. Raises TooLate."""
        until(lambda: at_rest(self.product), _SETTLE_SECONDS, "nothing due is unsettled")

    def next_step(self) -> int | None:
        """The step in which something is to be looked at next, by the product's own answer; None when never."""
        look_at = self._rows("SELECT look_at FROM reminders_next()")[0]["look_at"]
        return None if look_at is None else self.step_of(look_at)

    def _rows(self, statement: str, values: tuple[object, ...] | list[object] = ()) -> list[dict[str, Any]]:
        return self.product.database.rows(statement, values)
