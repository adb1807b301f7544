"""How does a worker start whose own clock is wrong? The product's Celery app, with this process's clock moved first.

`celery -A tests.faults.skewed worker`; SKEW_HOURS in the environment says by how much. All of Python's clocks but the
monotonic one are moved; PostgreSQL's, beat's and the other workers' are not.
"""

import os
from datetime import UTC, datetime, timedelta

import time_machine

# Celery knows the app by this name.
time_machine.travel(datetime.now(UTC) + timedelta(hours=float(os.environ["SKEW_HOURS"])), tick=True).start()

from config.celery import app as app  # noqa: E402
