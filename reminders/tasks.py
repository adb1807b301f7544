"""What can Celery ring? One bell; it carries nothing but the ring itself."""

from celery import shared_task
from django.conf import settings

from reminders.drain import drain as work_off
from reminders.lanes import lanes


@shared_task(name="reminders.tasks.drain")
def drain() -> None:
    """Works off what is due now."""
    work_off(lanes(), settings.DRAIN_SECONDS)
