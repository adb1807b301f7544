"""What can Celery ring? One bell; it carries nothing but the ring itself."""

from typing import Any

from celery import Task, shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings

from reminders import heartbeats, leaving, shares
from reminders.drain import work_off
from reminders.lanes import lanes


@shared_task(name="reminders.tasks.drain", bind=True)
def drain(ring: "Task[Any, Any]") -> None:
    """Works off what is due now; notes that this worker takes up rings."""
    worker = heartbeats.part_of_worker(ring.request.hostname or "in-process")
    heartbeats.beat(worker, apart=min(heartbeats.APART, settings.WORKER_SILENT_SECONDS / 12))
    if not lanes().stopping:
        work_off(lanes(), settings.DRAIN_SECONDS, shares.own_slots(worker))


@worker_ready.connect
def begin_to_beat(sender: Any, **_: Any) -> None:
    """A worker that has just started is alive until it has had the time to prove it."""
    heartbeats.forget_gone_workers()
    heartbeats.beat(heartbeats.part_of_worker(sender.hostname), apart=0)


@worker_shutting_down.connect
def stop_sending(**_: Any) -> None:
    """A worker told to stop begins no further call."""
    leaving.stop(lanes())


@worker_shutdown.connect
def leave_in_order(**_: Any) -> None:
    """Its drains have ended: what it had begun goes back to the plan, what is under way ends."""
    leaving.leave(lanes())
