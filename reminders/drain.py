"""What happens at each ring? Take up the news, plan, then claim, prepare, send and settle until nothing is due.

Several drains may run side by side, in one process and in many: claims skip what others hold, a clinic has one lane a
process, and whatever a drain leaves unfinished the next one takes up.
"""

import logging
import time
from collections.abc import Callable

from clinics.clock import now as clock_now
from clinics.models import Clinic
from clinics.scope import in_clinic
from reminders import heartbeats, queue
from reminders.lanes import Lanes
from reminders.news import take_up
from reminders.plan import bring_up_to_date
from reminders.prepare import prepare
from reminders.settle import give_back, settle_calls
from reminders.walk import walk_on

log = logging.getLogger(__name__)

#: How long a drain that has nothing to claim waits for a lane to finish before it looks again.
LOOK_SECONDS = 0.25
#: How many batches of appointments one drain plans before it turns to sending.
PLAN_ROUNDS = 20
#: How long a drain makes whole plans again before it sends: the soonest come first, and small clinics are done.
WALK_FIRST_SECONDS = 0.5
#: How long one does so that has nothing left to send: longer than a ring, so that several do. The drain of the next
#: ring sends meanwhile.
WALK_SECONDS = 5.0


def drain(lanes: Lanes, seconds: float) -> int:
    """Works off what is due for at most `seconds` (then only ends what it began); gives how many attempts it began.

    Returns at once when nothing is due. A lane that hangs is not waited for: a later drain settles it.
    """
    until = time.monotonic() + seconds
    heartbeats.beat(heartbeats.DRAIN, apart=0)
    take_up(lanes)
    plan_what_is_behind(lambda: not lanes.stopping)
    walk_on(time.monotonic() + WALK_FIRST_SECONDS, lambda: not lanes.stopping)
    began, after = 0, 0
    while True:
        settle_finished(lanes, timeout=0)
        claiming = time.monotonic() < until and not lanes.stopping
        came_from = after
        taken, fresh, after = _claim_and_start(lanes, after) if claiming else (0, 0, 0)
        began += fresh
        if taken == 0 and came_from == 0:
            if not claiming or not lanes.busy():
                break
            settle_finished(lanes, timeout=LOOK_SECONDS)
    settle_finished(lanes, timeout=0)
    walk_on(min(until, time.monotonic() + WALK_SECONDS), lambda: not lanes.stopping)
    return began


def plan_what_is_behind(keep_going: Callable[[], bool] = lambda: True) -> None:
    """Plans the appointments whose revision the plan has not seen; what somebody is just changing stays for later. No
    further batch is begun once `keep_going` says no."""
    for _ in range(PLAN_ROUNDS):
        behind = queue.behind()
        for clinic_id, appointment_ids in behind.items():
            try:
                with in_clinic(clinic_id):
                    bring_up_to_date(Clinic.objects.get(pk=clinic_id), appointment_ids, clock_now())
            except Exception:  # one clinic's trouble is not another's
                log.exception("clinic %s: its plan stays behind for now", clinic_id)
        if sum(map(len, behind.values())) < queue.BATCH or not keep_going():
            return


def _claim_and_start(lanes: Lanes, after: int) -> tuple[int, int, int]:
    """One claim; gives how many reminders it took, how many attempts began, and the clinic after which the next claim
    goes on (0: from the first, when this one came to the end)."""
    with lanes.claiming:
        claims = queue.claim(clock_now(), after, lanes.busy())
        lanes.reserve(claims)
    began = sum(_prepare_and_start(lanes, clinic_id, own) for clinic_id, own in claims.items())
    taken = sum(map(len, claims.values()))
    return taken, began, max(claims) if taken >= queue.CLAIM_LIMIT else 0


def _prepare_and_start(lanes: Lanes, clinic_id: int, claims: list[queue.Claim]) -> int:
    try:
        with in_clinic(clinic_id):
            if lanes.stopping:
                give_back(claims)
                begun = []
            else:
                begun = prepare(Clinic.objects.get(pk=clinic_id), claims, clock_now())
        if begun:
            lanes.start(clinic_id, begun)
            return len(begun)
    except Exception:  # one clinic's trouble is not another's: its claims come back when their lease is over
        log.exception("clinic %s: its claims could not be prepared", clinic_id)
    lanes.release(clinic_id)
    return 0


def settle_finished(lanes: Lanes, timeout: float) -> None:
    """Settles the lanes that have finished; waits up to `timeout` seconds for the first of them."""
    while (finished := lanes.finished(timeout)) is not None:
        clinic_id, reminder_ids = finished
        try:
            with in_clinic(clinic_id):
                settle_calls(reminder_ids, clock_now())
        except Exception:  # one clinic's trouble is not another's
            log.exception("clinic %s: a finished lane was not settled; its lease brings it back", clinic_id)
        finally:
            lanes.release(clinic_id)
        timeout = 0
