"""The people who change their minds at the last moment: appointments with a reminder due, each changed around then.

`python -m tests.faults.last_moment CLINICS COUNT SEED` with the stack's environment, as the app role. Books with due
moments spread over the run, then moves, cancels, deletes or withdraws a consent: half of them within half a second
around the due moment, half up to half a second after a worker has claimed the reminder, which it sees in the database
at WATCH_URL. Prints what it did as JSON: [[clinic id, appointment id, what, when it had committed]], the time as the
database's own clock told right after the commit, in seconds since 1970.
"""

import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import psycopg2

MOVE, CANCEL, DELETE, WITHDRAW = WHAT = ("move", "cancel", "delete", "withdraw")
#: By how much an appointment is moved: its reminder says another time, and is due later.
MOVED_BY = timedelta(hours=1)
#: Reminders a second; seconds until the first one, so that the drain has planned it.
_A_SECOND, _LEAD_SECONDS = 30, 6
_AROUND_SECONDS = 0.5
_THREADS = 8


#: Reminders that are no longer just planned, by clinic and appointment.
_TAKEN = "SELECT clinic_id, appointment_id FROM reminders_reminder WHERE state <> 'planned'"
_LOOK_APART = 0.06


@dataclass(frozen=True)
class Deed:
    """What is done to whom."""

    clinic_id: int
    appointment_id: int
    what: str
    #: Whether the page's transaction plans at once, as it does where a person waits; else the drain does it.
    plans: bool


def main(clinics: int, count: int, seed: int) -> None:
    """Books, changes, tells."""
    from clinics.clock import now
    from tests.faults.booked import book, open_clinic

    chance, worlds = random.Random(seed), [open_clinic(index) for index in range(clinics)]
    first = now() + timedelta(seconds=_LEAD_SECONDS + count / 300)
    begins = time.time() + (first - now()).total_seconds()
    timed, watched = list[tuple[float, Deed]](), dict[tuple[int, int], Deed]()
    for index, world in enumerate(worlds):
        numbers = range(index, count, clinics)
        rows = book(world, [(number, first + timedelta(seconds=number / _A_SECOND)) for number in numbers])
        for number, row in zip(numbers, rows, strict=True):
            deed = Deed(world.clinic.pk, row.pk, chance.choice(WHAT), chance.random() < 0.5)
            if chance.random() < 0.5:
                watched[world.clinic.pk, row.pk] = deed
            else:
                timed.append((begins + number / _A_SECOND + chance.uniform(-0.5, 1) * _AROUND_SECONDS, deed))
    print(json.dumps(_act(timed, watched, chance)))


def _act(
    timed: list[tuple[float, Deed]], watched: dict[tuple[int, int], Deed], chance: random.Random
) -> list[tuple[int, int, str, float]]:
    """Each at its moment; those that are watched a little after their claim."""
    link = psycopg2.connect(os.environ["WATCH_URL"].replace("postgres://", "postgresql://", 1))
    link.autocommit = True
    done = []
    with ThreadPoolExecutor(_THREADS) as pool, link.cursor() as cursor:
        while timed or watched:
            cursor.execute(_TAKEN)
            taken = [watched.pop(row) for row in cursor.fetchall() if row in watched]
            timed += [(time.time() + chance.uniform(0, _AROUND_SECONDS), deed) for deed in taken]
            now = time.time()
            done += [pool.submit(_do, deed) for at, deed in timed if at <= now]
            timed = [one for one in timed if one[0] > now]
            time.sleep(_LOOK_APART)
    link.close()
    return [one.result() for one in done]


def _do(deed: Deed) -> tuple[int, int, str, float]:
    from clinics.clock import real_now

    _change(deed)
    return deed.clinic_id, deed.appointment_id, deed.what, real_now().timestamp()


def _change(deed: Deed) -> None:
    """As the pages do it: through the one writer of each row."""
    from appointments.models import Appointment, Status
    from appointments.writing import write_appointments
    from clinics.clock import now
    from clinics.models import Clinic
    from clinics.rows import Change
    from clinics.scope import in_clinic
    from patients.writing import PatientChange, Said, write_patients
    from reminders.plan import bring_up_to_date

    clinic = Clinic.objects.get(pk=deed.clinic_id)
    with in_clinic(clinic.pk):
        row, moment = Appointment.objects.select_related("patient").get(pk=deed.appointment_id), now()
        if deed.what == WITHDRAW:
            write_patients(clinic, [PatientChange(row.patient, {"consent_email": False})], Said(moment, "page"))
            return
        fields = {
            MOVE: {"start": row.start + MOVED_BY, "end": row.end + MOVED_BY},
            CANCEL: {"status": Status.CANCELLED},
            DELETE: {"deleted": True},
        }[deed.what]
        write_appointments(clinic, [Change(row, fields)], moment)
        if deed.plans:
            bring_up_to_date(clinic, [row.pk], moment)


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
