"""How long may the database take to answer a callback? What it has not said by then, it is not waited for."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """The link to the database is cut when the block has run for so long: whoever waits for an answer there gets an
    OperationalError at once, however many answers were slow and whatever lies between. Raises OperationalError."""
    limit = _Limit(connections[DEFAULT_DB_ALIAS])
    timer = threading.Timer(seconds, limit.reach)
    timer.daemon = True
    timer.start()
    try:
        limit.wrapper.close_if_health_check_failed()
        limit.wrapper.ensure_connection()
        if limit.reached:  # while it was let in
            _refuse()
        yield
    finally:
        timer.cancel()
        limit.lift()


class _Limit:
    """Of one block. Once it is reached this thread is let into the database no more, until the block has ended: the
    end of a transaction that broke would have it connect anew, and wait for that."""

    def __init__(self, wrapper: BaseDatabaseWrapper) -> None:
        self.wrapper = wrapper
        self.reached = self._lifted = False
        self._changing = threading.Lock()

    def reach(self) -> None:
        """In a thread of its own."""
        with self._changing:
            if not self._lifted:
                self.reached = True
                self.wrapper.connect = _refuse  # type: ignore[method-assign]
                _cut(self.wrapper)

    def lift(self) -> None:
        """The block has ended."""
        with self._changing:
            self._lifted = True
            vars(self.wrapper).pop("connect", None)


def _refuse() -> None:
    raise OperationalError("the database takes too long")


def _cut(wrapper: BaseDatabaseWrapper) -> None:
    """The other thread, which waits in the driver, sees a server that has ended the connection."""
    link = wrapper.connection
    with (
        suppress(OSError, AttributeError, ValueError, psycopg2.Error),  # there is none
        socket.socket(fileno=os.dup(link.fileno())) as same,
    ):
        same.shutdown(socket.SHUT_RDWR)
