"""Who asks providers what became of messages? A few threads a process, apart from those that send.

A provider that hangs keeps no lane from sending, and one clinic's account no other's from being asked: a clinic has one
thread at a time. No more than so many questions are under way; what there is no room for is asked at its next look.
The threads hold no database connection; what was said waits until a drain takes it up.
"""

import logging
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from messaging.evidence import Question
from messaging.providers import Absent, CannotTell, Found, Report
from messaging.unheard import Unheard

log = logging.getLogger(__name__)

#: The threads that ask, and how many questions of each kind a process has under way at most, and of one clinic.
ASKERS = 4
MOST_UNANSWERED = 20
MOST_OF_A_CLINIC = 200
MOST_QUESTIONS = 1000


@dataclass(frozen=True)
class Answer:
    """What a provider said when it was asked whether it has a message (Question), or what became of it (Unheard)."""

    clinic_id: int
    question: Question | Unheard
    said: Found | Absent | Report | CannotTell


class Asking:
    """The asking threads of this process."""

    def __init__(self) -> None:
        """No thread is started before the first question."""
        self._askers = ThreadPoolExecutor(ASKERS, thread_name_prefix="asking")
        self._lock = threading.Lock()
        #: Clinic id → what is still to be asked; a clinic stands here while a thread is busy with it.
        self._waiting: dict[int, deque[Question | Unheard]] = {}
        #: The attempts that are asked about.
        self._doubtful: set[int] = set()
        self._unheard: set[int] = set()
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._closed = False

    def ask(self, clinic_id: int, question: Question | Unheard) -> None:
        """Asks a provider in a thread; `answered` gives the answer later. What is being asked already is not asked
        beside it, and what there is no room for not at all: it is not noted as a look, so the next one comes."""
        with self._lock:
            if self._closed or not self._has_room(clinic_id, question):
                return
            self._under_way(question).add(question.attempt_id)
            if clinic_id in self._waiting:
                self._waiting[clinic_id].append(question)
                return
            self._waiting[clinic_id] = deque([question])
            self._askers.submit(self._ask_in_turn, clinic_id)

    def room(self) -> int:
        """How many more questions about what was taken over may be asked now."""
        with self._lock:
            return max(0, MOST_UNANSWERED - len(self._unheard))

    def answered(self) -> list[Answer]:
        """The answers that have come since."""
        found = []
        try:
            while True:
                found.append(self._answers.get_nowait())
        except Empty:
            return found

    def close(self) -> None:
        """Waits for the questions under way and asks no more."""
        with self._lock:
            self._closed = True
        self._askers.shutdown(cancel_futures=True)

    def _under_way(self, question: Question | Unheard) -> set[int]:
        return self._unheard if isinstance(question, Unheard) else self._doubtful

    def _has_room(self, clinic_id: int, question: Question | Unheard) -> bool:
        if question.attempt_id in self._under_way(question):
            return False
        if isinstance(question, Unheard):
            return True  # `room` says how many are taken; each is noted as asked, and must be
        return len(self._doubtful) < MOST_QUESTIONS and len(self._waiting.get(clinic_id, ())) < MOST_OF_A_CLINIC

    def _ask_in_turn(self, clinic_id: int) -> None:
        """One clinic's questions, until none is left."""
        while True:
            with self._lock:
                waiting = self._waiting[clinic_id]
                if not waiting or self._closed:
                    del self._waiting[clinic_id]
                    return
                question = waiting.popleft()
            said: Found | Absent | Report | CannotTell = CannotTell()
            try:
                said = question.ask()
            except Exception:
                log.exception("attempt %s: unforeseen error while asking the provider", question.attempt_id)
            with self._lock:
                self._under_way(question).discard(question.attempt_id)
            self._answers.put(Answer(clinic_id, question, said))
