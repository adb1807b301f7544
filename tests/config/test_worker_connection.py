"""A worker's thread keeps its database connection from one ring to the next, and gets another where that is broken."""

from collections.abc import Callable

import psycopg2
import pytest
from celery.fixups import django as celery_django
from celery.signals import task_prerun
from django.db import connection

from config.celery import app
from reminders.tasks import drain

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ring() -> Callable[[], int]:
    """What Celery does around a task that asks the database; gives the number of the session."""
    celery = celery_django.DjangoWorkerFixup(app)  # type: ignore[attr-defined]  # not in its types

    def session() -> int:
        celery.on_task_prerun(drain)
        task_prerun.send(sender=drain, task_id="1", task=drain, args=(), kwargs={})
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found = int(cursor.fetchone()[0])
        celery.on_task_postrun(drain)
        return found

    return session


def test_it_is_the_same_ring_after_ring(ring: Callable[[], int]) -> None:
    assert len({ring() for _ in range(5)}) == 1


def test_one_that_the_server_has_ended_is_replaced_before_the_next_task(ring: Callable[[], int]) -> None:
    first = ring()
    other = psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None})
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    finally:
        other.close()
    assert ring() != first
