"""Who waits for whom? Another session beside the test's, and a look whether it waits."""

import threading
import time
from collections.abc import Callable

from django.db import connection

from clinics.scope import in_clinic

#: In this database: tests run side by side on one server.
_WAITS = """
SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
               WHERE NOT l.granted AND a.datname = current_database())
"""


def beside(clinic_id: int, work: Callable[[], object]) -> threading.Thread:
    """Does it in a transaction of another session, which waits for no lock for longer than five seconds."""

    def run() -> None:
        try:
            with in_clinic(clinic_id), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '5s'")
                work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_until_somebody_waits() -> None:
    """For a lock that this transaction holds."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(_WAITS)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited")
