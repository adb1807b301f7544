"""How does a page ring the drain, so that what a person started need not wait for the next beat?"""

import logging

from django.db import transaction

from config.celery import app
from config.doorbell import there_is_room
from reminders.tasks import drain

log = logging.getLogger(__name__)

#: A page waits no longer than this for a broker that is away; the beat rings anyway.
PATIENCE_SECONDS = 0.2


def ring_after_commit() -> None:
    """Rings once what the page wrote is there to be found. A broker that is away is no fault of the page."""
    transaction.on_commit(_ring)


def _ring() -> None:
    once = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS, "max_retries": 0}
    try:
        with app.connection_for_write(transport_options=once) as connection:
            if there_is_room(app, connection.default_channel):
                app.send_task(drain.name, connection=connection, retry=False)
    except Exception as error:  # whatever a broker may raise: PostgreSQL has the record
        log.warning("the drain could not be rung (%s); the beat will", type(error).__name__)
