"""What if years lie behind? Copies of reminders that went, with their messages and attempts.

Runs as a program with the stack's environment, as the app role: `python -m tests.faults.old_log ROWS`; so many of each,
spread over the clinics that have sent something. Two clinics at a time: the server's work is what takes long. Half of
that is to look up what each row refers to; copies refer to what is there (`without_references`).
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from psycopg2 import sql

from tests.faults.database import Database
from tests.faults.throng import Copies

_REFERENCES = """
SELECT relname AS table, conname AS name, pg_get_constraintdef(k.oid) AS words
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
WHERE contype = 'f' AND relname IN ('messaging_message', 'messaging_attempt', 'reminders_reminder')
"""


@contextmanager
def without_references(database: Database) -> Iterator[None]:
    """The references of the log's tables are not looked at meanwhile; those of what is written later are, as before."""
    found = database.rows(_REFERENCES)
    try:
        for one in found:
            database.change(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*_names(one)))
        yield
    finally:
        for one in found:
            words = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID")
            database.change(words.format(*_names(one), sql.SQL(one["words"])))


def _names(constraint: dict[str, str]) -> Iterator[sql.Identifier]:
    yield sql.Identifier(constraint["table"])
    yield sql.Identifier(constraint["name"])


def main(count: int) -> None:
    """Writes them."""
    from clinics.models import Clinic

    clinics = list(Clinic.objects.order_by("pk").values_list("pk", flat=True))
    numbers = range(1, count // len(clinics) + 1)
    with ThreadPoolExecutor(2) as pool:
        for filled in [pool.submit(_fill, clinic_id, numbers) for clinic_id in clinics]:
            filled.result()


def _fill(clinic_id: int, numbers: range) -> None:
    from clinics.scope import in_clinic
    from messaging.models import Attempt
    from reminders.models import Reminder

    with in_clinic(clinic_id):
        gone = Reminder.objects.filter(state="handed_over").first()
        if gone is None or gone.message is None:
            return
        attempt = Attempt.objects.get(message=gone.message)
        copies, token = Copies(numbers, apart=-600.0), "md5(g.n::text || t.token)"
        messages = copies.copy(gone.message, token=token)
        copies.copy(attempt, token=token, message_id="g.one", given=messages)
        earlier = {name: f"t.{name} + g.later" for name in ("due_at", "deadline", "look_at")}
        copies.copy(gone, message_id="g.one", trigger="'h' || g.n", **earlier, given=messages)


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]))
