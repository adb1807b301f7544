"""The people at the desk who press "Send now", at given moments, in a process of their own.

Runs as a program with the stack's environment, as the app role. `python -m tests.faults.clicks book CLINICS PAIRS
DOUBLES` books and prints [[kind, clinic id, appointment id, when its reminder is due]]; `… click FILE` reads [[clinic
id, appointment id, token of the form, when]] from there, presses, and prints how often it came to what.
"""

import json
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

PAIR, DOUBLE = "pair", "double"
#: Pairs a second; seconds until the first one, so that the drain has planned it.
A_SECOND, _LEAD_SECONDS = 20, 10
#: When the reminders of double clicks would go by themselves.
_LATER = timedelta(days=2)
_THREADS = 8


def book_all(clinics: int, pairs: int, doubles: int) -> None:
    """A pair's reminder is due within this run, one a moment; that of a double click is not."""
    from clinics.clock import now
    from clinics.models import User
    from tests.faults.booked import book, open_clinic

    User.objects.create(email="recepcion@clinica.example", name="Recepción")
    worlds, found = [open_clinic(index) for index in range(clinics)], []
    first = now() + timedelta(seconds=_LEAD_SECONDS + (pairs + doubles) / 300)
    for index, world in enumerate(worlds):
        dues = {
            PAIR: [(n, first + timedelta(seconds=n / A_SECOND)) for n in range(index, pairs, clinics)],
            DOUBLE: [(pairs + n, first + _LATER) for n in range(index, doubles, clinics)],
        }
        for kind, wanted in dues.items():
            rows = book(world, wanted) if wanted else []
            moments = (due.timestamp() for _, due in wanted)
            found += [[kind, world.clinic.pk, row.pk, at] for row, at in zip(rows, moments, strict=True)]
    print(json.dumps(found))


def click_all(wanted: list[tuple[int, int, str, float]]) -> None:
    """Each at its moment."""
    with ThreadPoolExecutor(_THREADS) as pool:
        print(json.dumps(Counter(pool.map(_click, sorted(wanted, key=lambda one: one[3])))))


def _click(wanted: tuple[int, int, str, float]) -> str:
    from clinics.clock import now
    from clinics.models import Clinic, User
    from clinics.scope import in_clinic
    from messaging.channels import Channel
    from reminders.send_now import Ask, send_now

    clinic_id, appointment_id, token, at = wanted
    by, clinic = User.objects.get(), Clinic.objects.get(pk=clinic_id)
    time.sleep(max(0.0, at - time.time()))
    with in_clinic(clinic_id):
        return str(send_now(clinic, Ask(appointment_id, Channel.EMAIL, by, UUID(token)), now()).outcome)


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1] == "book":
        book_all(*map(int, sys.argv[2:]))
    else:
        click_all(json.loads(Path(sys.argv[2]).read_text()))
