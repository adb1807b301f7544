"""How is the whole plan of a clinic made again while its reminders go on being sent? By a walk through its appointments
to come, those that start soonest first, a chunk a transaction.

Whoever changes what reminders rest on asks for it (`reminders.replanning.plan_again`): by the clinic's stamps, and no
appointment is touched. Each stamp stands for a part of the appointments, which one worker walks at a time. A chunk's
plans and how far the walk has come are committed together, so a kill repeats a chunk. Appointments that are booked or
moved meanwhile are planned by their own revision, wherever the walk stands.
"""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from appointments.models import Appointment
from clinics.clock import now as clock_now
from clinics.models import Clinic
from clinics.scope import in_clinic
from reminders import queue
from reminders.models import PlanStamp
from reminders.plan import write_plan
from reminders.replanning import PARTS

log = logging.getLogger(__name__)

#: Appointments a transaction: a message of one of them waits that long before it begins, well under a second.
CHUNK = 500


def walk_on(until: float, keep_going: Callable[[], bool] = lambda: True) -> None:
    """Takes one chunk of every clinic that is being walked, and goes on until that moment of `time.monotonic`, or until
    `keep_going` says no. A part that another worker has is passed over."""
    clinics = queue.walking()
    while clinics and keep_going():
        clinics = [one for one in clinics if keep_going() and _step_in(one)]
        if time.monotonic() >= until:
            return


def _step_in(clinic_id: int) -> bool:
    try:
        with in_clinic(clinic_id):
            return step(clock_now())
    except Exception:  # one clinic's trouble is not another's
        log.exception("clinic %s: its plan cannot be made again for now", clinic_id)
        return False


def step(now: datetime) -> bool:
    """Plans the next chunk of a part that nobody else has; inside `in_clinic`. Whether there was one."""
    free = PlanStamp.objects.select_for_update(skip_locked=True).filter(done=False)
    stamp = free.order_by("walked", "part").first()
    if stamp is None:
        return False
    clinic = Clinic.objects.get(pk=stamp.clinic_id)  # read after the stamp is held: as whoever asked has left it
    rows = _next_rows(stamp)
    chunk = {*stamp.left, *(pk for pk, _start in rows)}
    planned = write_plan(clinic, sorted(chunk), now).planned
    stamp.left = _passed_over(chunk.difference(planned))
    if rows:
        stamp.reached_id, stamp.reached_start = rows[-1]
        stamp.walked += len(rows)
    stamp.done = len(rows) < CHUNK and not stamp.left
    stamp.save(update_fields=["left", "reached_id", "reached_start", "walked", "done"])
    return bool(planned) or stamp.done


def _next_rows(stamp: PlanStamp) -> list[tuple[int, datetime]]:
    beyond = Q(start__gt=stamp.reached_start) | Q(pk__gt=stamp.reached_id)
    own = Appointment.objects.annotate(part=F("pk") % PARTS).filter(part=stamp.part)
    rows = own.filter(beyond, start__gte=stamp.reached_start).order_by("start", "pk")
    return list(rows.values_list("pk", "start")[:CHUNK])


def _passed_over(ids: Collection[int]) -> list[int]:
    """Of the appointments that were not planned those that somebody else holds: they are met again in the next chunk.
    The others are marked as behind, as their facts could not be made; the drain meets them until somebody mends it."""
    if not ids:
        return []
    free = Appointment.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
    unplanned = set(free.values_list("pk", flat=True))
    Appointment.objects.filter(pk__in=unplanned).update(planned_revision=0)
    there = Appointment.objects.filter(pk__in=set(ids) - unplanned)
    return sorted(there.values_list("pk", flat=True))


@dataclass(frozen=True)
class Progress:
    """How far the walk of a clinic has come, in appointments."""

    walked: int
    total: int


def progress() -> Progress | None:
    """How far the plan has been made again; None while nobody asks for it. Inside `in_clinic`."""
    stamps = list(PlanStamp.objects.all())
    if all(one.done for one in stamps):
        return None
    walked = sum(one.total if one.done else min(one.walked, one.total) for one in stamps)
    return Progress(walked, sum(one.total for one in stamps))
