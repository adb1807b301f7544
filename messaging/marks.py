"""How does each call leave its own mark, just before it starts and when it ends? In one small commit for many calls.

A mark is committed before the call starts, so an attempt without one was provably never called; it is refused when
the attempt was settled meanwhile, or its account is let be (messaging.sender_state), which is the last fence before the
network. The threads that call hold no database connection: one writer thread a process gathers what they bring and
commits it together.
"""

import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from django.db import connection

from messaging.outcomes import Accepted, AttemptState, Failed, Outcome, Phase, Unknown
from messaging.sender_state import note_of

log = logging.getLogger(__name__)

#: An end that could not be written is offered again after so many seconds: it is the truth of a call.
RETRY_SECONDS = 0.5
_SQL = "SELECT * FROM messaging_mark(%s, %s)"


@dataclass(frozen=True)
class Ended:
    """How the call of an attempt ended."""

    attempt_id: int
    outcome: Outcome


def write_marks(ended: Sequence[Ended], starting: Sequence[int]) -> set[int]:
    """Writes how calls ended, then marks the attempts whose calls are about to start; gives those that may.

    One statement on the current connection. Raises DatabaseError, and then nothing was written.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [list(starting), json.dumps([_row(end) for end in ended])])
        return {row[0] for row in cursor.fetchall()}


#: Columns that hold a vendor's words, and their lengths.
_LENGTHS = {"code": 20, "detail": 500, "provider_ref": 120}


def _row(end: Ended) -> dict[str, object]:
    row: dict[str, str] = {"phase": "", "failure": "", "code": "", "detail": "", "provider_ref": ""}
    match end.outcome:
        case Accepted(provider_ref, code):
            row |= {"state": AttemptState.ACCEPTED, "phase": Phase.REPLY, "provider_ref": provider_ref, "code": code}
        case Failed(kind, phase, code, detail):
            row |= {"state": AttemptState.FAILED, "phase": phase, "failure": kind, "code": code, "detail": detail}
        case Unknown(phase, detail):
            row |= {"state": AttemptState.UNKNOWN, "phase": phase, "detail": detail}
    # The vendor's words must not keep an end, and with it those of other clinics, from being written: PostgreSQL's
    # text holds no NUL, and its columns no more than their length.
    words = {name: row[name].replace("\x00", "")[:length] for name, length in _LENGTHS.items()}
    return {"id": end.attempt_id, **row, **words, **note_of(end.outcome)}


@dataclass
class _Request:
    ended: list[Ended]
    starting: list[int]
    last: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    may_start: set[int] | None = None


class MarkWriter:
    """One thread with one database connection; a commit carries whatever the callers brought meanwhile."""

    def __init__(self) -> None:
        """Starts the thread; it ends with `close` or with the process."""
        self._requests: SimpleQueue[_Request] = SimpleQueue()
        self._unwritten: list[Ended] = []
        self._thread = threading.Thread(target=self._run, name="marks", daemon=True)
        self._thread.start()

    def exchange(self, ended: list[Ended], starting: list[int]) -> set[int]:
        """Brings ends, asks for starts; returns when both are committed. Where the database is away the ends are
        kept and written later, and nothing may start: the answer is then empty."""
        request = _Request(ended, starting)
        self._requests.put(request)
        request.done.wait()
        return request.may_start or set()

    def close(self) -> None:
        """Writes what was brought, ends the thread and its database connection."""
        self._requests.put(_Request([], [], last=True))
        self._thread.join()

    def _run(self) -> None:
        closing = False
        while not closing:
            group = self._next_group()
            closing = any(request.last for request in group)
            ended = self._unwritten + [end for request in group for end in request.ended]
            try:
                may_start = write_marks(ended, [one for request in group for one in request.starting])
                self._unwritten = []
            except Exception as error:  # whatever it is, the callers wait for an answer: nothing may start
                log.warning("marks not written, %d ends kept: %s", len(ended), type(error).__name__)
                connection.close()
                self._unwritten, may_start = ended, set()
            for request in group:
                request.may_start = may_start.intersection(request.starting)
                request.done.set()
        connection.close()

    def _next_group(self) -> list[_Request]:
        group = []
        try:
            group.append(self._requests.get(timeout=RETRY_SECONDS if self._unwritten else None))
            while True:
                group.append(self._requests.get_nowait())
        except Empty:
            return group
