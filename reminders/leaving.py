"""How does a worker leave that is told to stop? Within 25 seconds, and nothing waits for a lease because of it.

It begins no further call and claims nothing more. What it has begun and not called goes back to the plan at once; the
calls under way end, and are settled. A call that outlasts settings.STOP_SECONDS is left to its mark, like that of a
worker that was killed: the next drain after its lease settles it.
"""

import logging
import os
import threading

from django.conf import settings
from django.db import connection

from clinics.clock import now as clock_now
from clinics.scope import in_clinic
from reminders.drain import LOOK_SECONDS, settle_finished
from reminders.lanes import Lanes
from reminders.settle import settle_stopped

log = logging.getLogger(__name__)

#: So many seconds after STOP_SECONDS the process ends, whatever hangs: a call, the database, the broker.
LAST_RESORT_SECONDS = 4.0


def stop(lanes: Lanes) -> None:
    """From now on no call begins; the process ends in time even where it cannot end by itself. For a signal handler."""
    if lanes.stopping:
        return
    lanes.stop()
    last_resort = threading.Timer(settings.STOP_SECONDS + LAST_RESORT_SECONDS, _end)
    last_resort.daemon = True
    last_resort.start()


def leave(lanes: Lanes) -> None:
    """Gives back what was not called, and waits for the calls under way, until STOP_SECONDS after `stop`."""
    for clinic_id, begun in lanes.under_way().items():
        try:
            with in_clinic(clinic_id):
                settle_stopped(begun, clock_now())
        except Exception:  # one clinic's trouble is not another's
            log.exception("clinic %s: what was begun is not given back; its lease brings it back", clinic_id)
    while lanes.busy() and lanes.stopping_for < settings.STOP_SECONDS:
        settle_finished(lanes, timeout=LOOK_SECONDS)
    if left := lanes.busy():
        log.warning("stopped with calls of %d clinics under way; their marks tell", len(left))
    connection.close()


def _end() -> None:
    log.warning("stopped the hard way: something did not end in its time")
    logging.shutdown()
    os._exit(1)
