"""How long may the database take to answer a callback? What it has not said by then, it is not waited for."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

#: Between two looks at the limits, in seconds.
_APART = 0.2


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """The link to the database is cut when the block has run for so long: whoever waits for an answer there gets an
    OperationalError at once, however many answers were slow and whatever lies between. Raises OperationalError."""
    limit = _Limit(connections[DEFAULT_DB_ALIAS], time.monotonic() + seconds)
    _watch.begin(limit)
    try:
        limit.wrapper.close_if_health_check_failed()
        limit.wrapper.ensure_connection()
        if limit.reached:  # while it was let in
            _refuse()
        yield
    finally:
        _watch.end(limit)
        limit.lift()


class _Limit:
    """Of one block. Once it is reached this thread is let into the database no more, until the block has ended: the
    end of a transaction that broke would have it connect anew, and wait for that."""

    def __init__(self, wrapper: BaseDatabaseWrapper, at: float) -> None:
        """Reached at that moment of the monotonic clock."""
        self.wrapper, self.at = wrapper, at
        self.reached = self._lifted = False
        self._changing = threading.Lock()

    def reach(self) -> None:
        """In the watch's thread."""
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


class _Watch:
    """One thread that looks at the limits of all blocks. To start one for each block costs more than the block's own
    work where many threads are busy: Python hands the processor over before the new one has begun."""

    def __init__(self) -> None:
        self._limits: set[_Limit] = set()
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, limit: _Limit) -> None:
        """Looks at it from now on. A process that was forked has no thread yet."""
        with self._changing:
            self._limits.add(limit)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="database limits", daemon=True)
                self._thread.start()

    def end(self, limit: _Limit) -> None:
        """Looks at it no more."""
        with self._changing:
            self._limits.discard(limit)

    def _run(self) -> None:
        while True:
            time.sleep(_APART)  # the pace of the looks
            now = time.monotonic()
            with self._changing:
                over = [one for one in self._limits if one.at <= now and not one.reached]
            for limit in over:
                limit.reach()


_watch = _Watch()


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
