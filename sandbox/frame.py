"""What stands around every page? The navigation, and the bar with the product's clock."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.markup import Html, fill, flag


def moment(seconds: float) -> str:
    """A moment of the shifted clock in words."""
    return f"{datetime.fromtimestamp(seconds, UTC):%a %d %b %Y, %H:%M} UTC"


class Frame:
    """The frame of every page."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock

    def page(self, request: web.Request, title: str, content: Html, status: int = 200) -> web.Response:
        """The content inside the frame."""
        here = request.path
        page = fill(
            "page",
            title=title,
            content=content,
            clock=self._bar(request),
            at_mailboxes=flag('aria-current="page"', not here.startswith("/failures")),
            at_failures=flag('aria-current="page"', here.startswith("/failures")),
            in_force=len(self._faults.active()) or "",
        )
        return web.Response(text=page, content_type="text/html", status=status)

    def _bar(self, request: web.Request) -> Html:
        reading = self._clock.reading
        if not self._clock.asks:
            due = "no product to ask"
        elif reading is None:
            due = "the product does not answer"
        elif reading.next_due is None:
            due = "nothing is due"
        else:
            due = f"next due {reading.next_due:%a %d %b, %H:%M:%S}"
        now = datetime.fromtimestamp(self._clock.stamp().clock, UTC)
        return fill(
            "clock",
            now=f"{now:%a %d %b %Y, %H:%M:%S}",
            due=due,
            busy=" · sending" if reading is not None and reading.busy else "",
            disabled=flag("disabled", reading is None or reading.next_due is None),
            back=request.path_qs,
            notice=self._clock.notice,
        )
