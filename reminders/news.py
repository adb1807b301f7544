"""What did the outside say since the last ring? Callbacks in the inbox, providers' answers, and leases that ran out.

Each drain takes this up first, so that a decision looks at what is known. One clinic's trouble is not another's.
"""

import logging
from collections.abc import Callable
from functools import partial

from django.db import transaction

from clinics.clock import now as clock_now
from clinics.scope import in_clinic
from messaging import orphans, receipts, unheard
from messaging.evidence import Question, note_look, questions
from messaging.marks import Ended, write_marks
from messaging.outcomes import Accepted
from messaging.providers import Absent, CannotTell, Found, Report
from messaging.unheard import Unheard
from reminders import queue, senders
from reminders.asking import Answer
from reminders.fallback import open_undelivered
from reminders.lanes import Lanes
from reminders.settle import settle_lost, settle_messages
from reminders.shares import OTHERS_LATER, SLOTS

log = logging.getLogger(__name__)

#: How many batches of receipts one drain applies.
RECEIPT_ROUNDS = 10


def take_up(lanes: Lanes, own: list[int] | None = None) -> None:
    """Applies receipts and answers, settles what was lost, and asks anew about what stayed unknown, or unheard of.
    `own` are the slots of the worker's share (reminders.shares); None: all."""
    for clinic_id, orphan_ids in orphans.due().items():
        _for_clinic(clinic_id, partial(orphans.settle, clinic_id, orphan_ids))
    take_receipts(own)
    for answer in lanes.asking.answered():
        _for_clinic(answer.clinic_id, partial(_take_answer, answer))
    now = clock_now()
    for clinic_id, reminder_ids in queue.undelivered(now).items():
        _for_clinic(clinic_id, partial(open_undelivered, reminder_ids, now))
    for clinic_id, question in settle_what_was_lost():
        lanes.asking.ask(clinic_id, question)
    for clinic_id, attempt_ids in unheard.overdue(lanes.asking.room()).items():
        _for_clinic(clinic_id, partial(_ask_about, lanes, clinic_id, attempt_ids))
    senders.take_up(now)


def take_receipts(own: list[int] | None = None) -> None:
    """Applies what providers said, up to so many batches: it may have come faster than drains are rung. What another
    drain is just applying, or cannot be applied, is not asked for again and again. That of other workers' clinics is
    left to them for a while: all would lock the same attempts, and wait for each other."""
    before: dict[int, list[int]] = {}
    for _ in range(RECEIPT_ROUNDS):
        waiting = receipts.waiting(own, SLOTS, OTHERS_LATER)
        if waiting == before:
            return
        for clinic_id, receipt_ids in waiting.items():
            _for_clinic(clinic_id, partial(_apply, receipt_ids))
        before = waiting


def settle_what_was_lost() -> list[tuple[int, Question]]:
    """Settles claims and attempts whose worker died, and waits for evidence that are over. Gives what the providers
    can still be asked, with the clinic."""
    found: list[tuple[int, Question]] = []
    for clinic_id, reminder_ids in queue.lost().items():
        _for_clinic(clinic_id, partial(_settle_lost, clinic_id, reminder_ids, found))
    return found


def _for_clinic(clinic_id: int, work: Callable[[], object]) -> None:
    try:
        with in_clinic(clinic_id):
            work()
    except Exception:
        log.exception("clinic %s: what was said is not taken up for now", clinic_id)


def _apply(receipt_ids: list[int]) -> None:
    now = clock_now()
    settle_messages(receipts.apply(receipt_ids, now), now)


def _ask_about(lanes: Lanes, clinic_id: int, attempt_ids: list[int]) -> None:
    for question in unheard.take(attempt_ids):
        transaction.on_commit(partial(lanes.asking.ask, clinic_id, question))


def _take_answer(answer: Answer) -> None:
    if isinstance(answer.question, Unheard):
        said = answer.said if isinstance(answer.said, Report) else CannotTell()
        unheard.take_answer(answer.clinic_id, answer.question, said)
        return
    attempt_id = answer.question.attempt_id
    if isinstance(answer.said, Found):
        write_marks([Ended(attempt_id, Accepted(answer.said.provider_ref))], [])
    else:
        note_look(attempt_id, clock_now(), absent=isinstance(answer.said, Absent))
    settle_messages([answer.question.message_id], clock_now())


def _settle_lost(clinic_id: int, reminder_ids: list[int], found: list[tuple[int, Question]]) -> None:
    unknown = settle_lost(reminder_ids, clock_now())
    found += [(clinic_id, question) for question in questions(unknown)]
