"""What rings, and how often? Celery and Redis are a doorbell: the queue and the record are PostgreSQL.

A ring carries nothing, and only a few of them wait (config.doorbell). Beat may run twice: a ring that finds nothing due
does nothing.
"""

import gc
import os
import sys
from typing import Any

from celery import Celery
from celery.signals import task_prerun, worker_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("CELERY_SKIP_CHECKS", "yes")  # they load every page, and nobody would read what they find
os.environ.setdefault("PLAN_ONCE", "yes")
os.environ.setdefault("STATEMENT_SECONDS", "60")  # a drain ends its part sooner or later, and the next one goes on

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections

from config.doorbell import Every

app = Celery("avisa")
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        # For how many seconds a worker waits in the broker's queue of workers: whoever has waited longest gets the next
        # ring. One that asked anew every second would lose its place each time, and could come away empty for minutes.
        "polling_interval": 30,
    },
    task_ignore_result=True,
    result_expires=None,  # there are no results: beat would ring for their removal every night
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_soft_shutdown_timeout=25,
    timezone="UTC",
    enable_utc=True,
    beat_scheduler="config.doorbell:Scheduler",
    beat_schedule={"drain": {"task": "reminders.tasks.drain", "schedule": Every(settings.RING_SECONDS)}},
    # Celery closes a thread's database connection before and after every task otherwise. It reads the setting by this
    # name alone (celery.fixups.django).
    CELERY_DB_REUSE_MAX=1_000_000,
)
app.autodiscover_tasks(["reminders"])


@worker_init.connect
def refuse_mighty_role(**_: Any) -> None:
    """A worker with a role that passes by the clinics' walls does not start. (Celery swallows exceptions here.)"""
    from clinics import serving

    try:
        serving.refuse_mighty_role()
    except ImproperlyConfigured as error:
        sys.exit(str(error))


@task_prerun.connect
def renew_connection(**_: Any) -> None:
    """A thread keeps its database connection from one task to the next, as long as that works and is not too old."""
    close_old_connections()


@worker_ready.connect
def spare_what_stays(**_: Any) -> None:
    """What a worker has loaded when it is ready stays until it ends: the collector of garbage passes it over from now
    on, which made a sixth of the work of planning a clinic again."""
    gc.collect()
    gc.freeze()
