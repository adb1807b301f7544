"""The people who move appointments, edit rules and wordings, in campaigns. Programs with the stack's environment.

`python -m tests.faults.editor book CLINICS FILE` books [[name of the story, seconds from now until its reminder is
due]] and prints [[name, clinic id, appointment id, address, start in seconds since 1970]]; `… move FILE` moves
[[clinic id, appointment id, by so many seconds]] one after the other; `… rules MINUTES` makes every reminder rule of
every clinic so many minutes before the start; `… words SUBJECT` gives each clinic's wording another subject.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path


def book_all(clinics: int, stories: list[tuple[str, float]]) -> None:
    """Evenly over so many clinics."""
    from clinics.clock import now
    from tests.faults.booked import book, open_clinic

    moment, found = now(), []
    for index in range(clinics):
        world, numbers = open_clinic(index), range(index, len(stories), clinics)
        rows = book(world, [(number, moment + timedelta(seconds=stories[number][1])) for number in numbers])
        for number, row in zip(numbers, rows, strict=True):
            found.append([stories[number][0], world.clinic.pk, row.pk, row.patient.email, row.start.timestamp()])
    print(json.dumps(found))


def move_all(wanted: list[tuple[int, int, float]]) -> None:
    """As the agenda does it."""
    from appointments.models import Appointment
    from appointments.writing import write_appointments
    from clinics.clock import now
    from clinics.models import Clinic
    from clinics.rows import Change
    from clinics.scope import in_clinic
    from reminders.plan import bring_up_to_date

    for clinic_id, appointment_id, seconds in wanted:
        clinic, by = Clinic.objects.get(pk=clinic_id), timedelta(seconds=seconds)
        with in_clinic(clinic_id):
            row, moment = Appointment.objects.get(pk=appointment_id), now()
            write_appointments(clinic, [Change(row, {"start": row.start + by, "end": row.end + by})], moment)
            bring_up_to_date(clinic, [appointment_id], moment)


def edit_rules(minutes: int) -> None:
    """As the settings do it: what is planned already follows."""
    from dataclasses import replace

    from clinics.clock import now
    from clinics.models import Clinic
    from clinics.scope import in_clinic
    from clinics.setting_log import Act
    from reminders.models import Rule
    from reminders.rule_writing import described, write_rule

    for clinic in Clinic.objects.order_by("pk"):
        with in_clinic(clinic.pk):
            for rule in Rule.objects.order_by("pk"):
                wanted = described(rule)
                timing = replace(wanted.timing, amount=minutes)
                write_rule(clinic, rule, replace(wanted, timing=timing), Act(None, now()))


def edit_words(subject: str) -> None:
    """As the settings do it."""
    from clinics.clock import now
    from clinics.models import Clinic
    from clinics.scope import in_clinic
    from messaging.channels import Channel
    from reminders.kinds import Kind
    from reminders.wordings import NewWording, write_wording

    for clinic in Clinic.objects.order_by("pk"):
        with in_clinic(clinic.pk):
            words = NewWording(Kind.REMINDER, Channel.EMAIL, "es", subject, "Hola, [CLIENTFIRSTNAME]: [APPOINTMENT].")
            write_wording(clinic, words, None, now())


def _read(file: str) -> list[tuple]:  # type: ignore[type-arg]  # JSON
    return [tuple(one) for one in json.loads(Path(file).read_text(encoding="utf-8"))]


if __name__ == "__main__":
    import django

    django.setup()
    match sys.argv[1:]:
        case ["book", clinics, file]:
            book_all(int(clinics), _read(file))
        case ["move", file]:
            move_all(_read(file))
        case ["rules", minutes]:
            edit_rules(int(minutes))
        case ["words", subject]:
            edit_words(subject)
