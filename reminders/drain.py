"""What happens at each ring? Take up the news, plan, then claim, prepare, send and settle until nothing is due.

Several drains may run side by side, in one process and in many: claims skip what others hold, a clinic has one lane a
process, and whatever a drain leaves unfinished the next one takes up.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError

from clinics.clock import now as clock_now
from clinics.fetch import fetch_id
from clinics.models import Clinic
from clinics.scope import in_clinic
from messaging.delivery import Begun
from reminders import heartbeats, queue
from reminders.lanes import Lanes
from reminders.news import take_up
from reminders.plan import bring_up_to_date
from reminders.poison import strike_claims
from reminders.prepare import prepare
from reminders.settle import give_back, settle_calls
from reminders.walk import walk_on

log = logging.getLogger(__name__)

#: What the database does while it is away, slow, or others hold a row.
_NOT_ITS_FAULT = (OperationalError, InterfaceError)
#: How long a drain that has nothing to claim waits for a lane to finish before it looks again.
LOOK_SECONDS = 0.25
#: How many batches of appointments are planned in one go.
PLAN_ROUNDS = 20
#: How long a drain plans new and changed appointments before it sends, and then whenever nothing is to be claimed: what
#: one clinic brings with an import of thousands holds nobody's messages up.
PLAN_SECONDS = 1.0
#: How long a drain makes whole plans again before it sends: the soonest come first, and small clinics are done.
WALK_FIRST_SECONDS = 0.5
#: How long one does so that has nothing left to send: longer than a ring, so that several do. The drain of the next
#: ring sends meanwhile.
WALK_SECONDS = 5.0


def work_off(lanes: Lanes, seconds: float, own: list[int] | None = None) -> None:
    """Answers a ring: drains. The process's last drain then stays until its lanes are done, or until their leases are
    over: the next ring may be another worker's, and what was called is to be on record at once."""
    until, left = time.monotonic() + seconds + settings.LEASE_SECONDS, False
    lanes.enter()
    try:
        drain(lanes, seconds, own)
        while lanes.busy() and not lanes.stopping and time.monotonic() < until and not left:
            left = lanes.leave(unless_last=True)
            if not left:
                settle_finished(lanes, timeout=LOOK_SECONDS)
    finally:
        if not left:
            lanes.leave()


def drain(lanes: Lanes, seconds: float, own: list[int] | None = None) -> int:
    """Works off what is due for at most `seconds` (then only ends what it began); gives how many attempts it began.
    `own` are the slots of clinics that this worker takes first (reminders.shares); None: it prefers none.

    Returns at once when nothing is due. A lane that hangs is not waited for: a later drain settles it.
    """
    until = time.monotonic() + seconds
    heartbeats.beat(heartbeats.DRAIN, apart=0)
    planned = _take_up_and_plan(lanes, own)
    walk_on(time.monotonic() + WALK_FIRST_SECONDS, lambda: not lanes.stopping)
    began = 0
    while True:
        settle_finished(lanes, timeout=0)
        claiming = time.monotonic() < until and not lanes.stopping
        if claiming and time.monotonic() > lanes.news_at + settings.RING_SECONDS:
            planned = _take_up_and_plan(lanes, own)
        taken, fresh = _claim_and_start(lanes, own) if claiming else (0, 0)
        began += fresh
        if taken == 0 and claiming and not planned:
            planned = _plan_for_a_while(lanes)
        elif taken == 0:
            if not claiming or not lanes.busy():
                break
            _wait_for_work(lanes, until)
    settle_finished(lanes, timeout=0)
    walk_on(min(until, time.monotonic() + WALK_SECONDS), lambda: not lanes.stopping)
    return began


def _wait_for_work(lanes: Lanes, until: float) -> None:
    """Settles the next lane that ends. One of the process's drains waits for it LOOK_SECONDS only: it alone looks
    meanwhile for what has come due, not each of them."""
    settled = False
    while not settled and lanes.busy() and not lanes.stopping and time.monotonic() < until:
        looks = lanes.looking.acquire(blocking=False)
        try:
            settled = settle_finished(lanes, timeout=LOOK_SECONDS)
        finally:
            if looks:
                lanes.looking.release()
        if looks:
            return


def _take_up_and_plan(lanes: Lanes, own: list[int] | None) -> bool:
    """What a ring is for. While all of a process's drains send, or wait for servers that hang, none answers a ring:
    then one of them does this as often as they are rung for. Gives whether nothing is left to plan."""
    lanes.news_at = time.monotonic()
    take_up(lanes, own)
    return _plan_for_a_while(lanes)


def _plan_for_a_while(lanes: Lanes) -> bool:
    """Gives whether nothing is left to plan."""
    until = time.monotonic() + PLAN_SECONDS
    return plan_what_is_behind(lambda: not lanes.stopping and time.monotonic() < until)


def plan_what_is_behind(keep_going: Callable[[], bool] = lambda: True) -> bool:
    """Plans the appointments whose revision the plan has not seen; what somebody is just changing stays for later. No
    further clinic is begun once `keep_going` says no. Gives whether nothing is left that could be planned now."""
    for _ in range(PLAN_ROUNDS):
        behind = queue.behind()
        for clinic_id, appointment_ids in behind.items():
            try:
                with in_clinic(clinic_id):
                    still = queue.still_behind(appointment_ids)  # a drain beside this one may have planned them by now
                    bring_up_to_date(Clinic.objects.get(pk=clinic_id), still, clock_now())
            except Exception:  # one clinic's trouble is not another's
                log.exception("clinic %s: its plan stays behind for now", clinic_id)
            if not keep_going():
                return False
        if sum(map(len, behind.values())) < queue.BATCH:
            return True
    return True


def _claim_and_start(lanes: Lanes, own: list[int] | None) -> tuple[int, int]:
    """One claim, of as many clinics as there are lanes free; gives how many reminders it took, and how many attempts
    began."""
    with lanes.claiming:
        free = lanes.free()
        claims = queue.claim(clock_now(), lanes.busy(), free, own) if free else {}
        lanes.reserve(claims)
    began = sum(_prepare_and_start(lanes, clinic_id, own_claims) for clinic_id, own_claims in claims.items())
    return sum(map(len, claims.values())), began


def _prepare_and_start(lanes: Lanes, clinic_id: int, claims: list[queue.Claim]) -> int:
    """Prepares one clinic's claims and starts its lane; gives how many attempts began. One clinic's trouble is not
    another's: what could not be prepared for the database's sake comes back when its lease is over."""
    begun: list[tuple[int, Begun]] = []
    try:
        begun = _prepare(lanes, clinic_id, claims)
    except _NOT_ITS_FAULT as error:
        log.warning("clinic %s: its claims are not prepared now: %s", clinic_id, type(error).__name__)
    except Exception:
        log.exception("clinic %s: its claims cannot be prepared together", clinic_id)
        begun = _prepare_one_by_one(lanes, clinic_id, claims)
    if begun:
        lanes.start(clinic_id, begun)
    else:
        lanes.release(clinic_id)
    return len(begun)


def _prepare(lanes: Lanes, clinic_id: int, claims: list[queue.Claim]) -> list[tuple[int, Begun]]:
    with in_clinic(clinic_id):
        if lanes.stopping:
            give_back(claims)
            return []
        return prepare(fetch_id(Clinic, clinic_id), claims, clock_now())


def _prepare_one_by_one(lanes: Lanes, clinic_id: int, claims: list[queue.Claim]) -> list[tuple[int, Begun]]:
    """One of them keeps the others from being begun: it alone is to pay for it."""
    begun: list[tuple[int, Begun]] = []
    broken: list[queue.Claim] = []
    try:
        for claim in claims:
            try:
                begun += _prepare(lanes, clinic_id, [claim])
            except _NOT_ITS_FAULT:
                raise
            except Exception:
                log.exception("reminder %s cannot be prepared", claim.reminder_id)
                broken.append(claim)
        whole_clinic = len(broken) == len(claims) > 1
        if whole_clinic:
            log.error("ALERT clinic %s: none of %d due reminders can be prepared", clinic_id, len(claims))
        with in_clinic(clinic_id):
            strike_claims(broken, clock_now(), whole_clinic=whole_clinic)
    except _NOT_ITS_FAULT as error:
        log.warning("clinic %s: its claims are not prepared now: %s", clinic_id, type(error).__name__)
    return begun


def settle_finished(lanes: Lanes, timeout: float) -> bool:
    """Settles the lanes that have finished; waits up to `timeout` seconds for the first of them. Gives whether there
    was one."""
    found = False
    while (finished := lanes.finished(timeout)) is not None:
        clinic_id, reminder_ids = finished
        try:
            with in_clinic(clinic_id):
                settle_calls(reminder_ids, clock_now())
        except Exception:  # one clinic's trouble is not another's
            log.exception("clinic %s: a finished lane was not settled; its lease brings it back", clinic_id)
        finally:
            lanes.release(clinic_id)
        found, timeout = True, 0
    return found
