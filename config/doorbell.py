"""How does a ring reach the workers? It says nothing but that it is time to look, so a few that wait are enough.

A ring has no time of expiry: Celery would compare it with the clock of the worker that takes it up, and a worker whose
clock is wrong would pass every ring over. Instead nobody rings while a few rings wait untaken, so however long all
workers were away, and however many beats there are, no pile of rings awaits them.
"""

import logging
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import schedstate, schedule

log = logging.getLogger(__name__)

#: So many rings may wait; the drains of a few workers, each of which works off whatever is due.
MOST_WAITING = 8


def there_is_room(app: Celery, channel: Any) -> bool:
    """Whether another ring is of any use: not so where enough of them wait in the broker. Raises what the broker
    raises."""
    return bool(channel.queue_declare(app.conf.task_default_queue).message_count < MOST_WAITING)


class Every(schedule):
    """Every so many seconds by this process's clock, also where that is set back: Celery's own would then stay silent
    until the clock has come again to where it was."""

    def is_due(self, last_run_at: Any) -> Any:
        """(whether it is due, after how many seconds to look again)."""
        state = super().is_due(last_run_at)
        return schedstate(True, self.seconds) if state.next > self.seconds else state


class Scheduler(PersistentScheduler):
    """Beat's scheduler; it does not ring where enough rings wait."""

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **options: Any) -> Any:
        """Rings, or passes it over. A broker that cannot say how many wait is rung all the same, so that Celery's own
        way to connect again is taken."""
        try:
            if producer is not None and not there_is_room(self.app, producer.channel):
                return None
        except Exception as error:  # whatever a broker may raise
            log.warning("rings are not counted (%s)", type(error).__name__)
        return super().apply_async(entry, producer=producer, advance=advance, **options)
