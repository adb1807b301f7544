"""What can Celery ring? One bell; it carries nothing but the ring itself."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down
from django.conf import settings

from reminders.drain import drain as work_off
from reminders.lanes import lanes


@shared_task(name="reminders.tasks.drain")
def drain() -> None:
    """Works off what is due now."""
    work_off(lanes(), settings.DRAIN_SECONDS)


@worker_shutting_down.connect
def stop_sending(**_: Any) -> None:
    """A worker told to stop begins no further call; what it had begun goes back to the plan."""
    lanes().stop()
