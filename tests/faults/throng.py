"""Who is to be written to when load is what counts? Many clinics, or one big one, with reminders planned long ago.

Runs as a program with the stack's environment, as the app role: `python -m tests.faults.throng GROUPS`, JSON of a list
of groups. The first appointment of each clinic is planned by the product; the others are copies of its rows: to plan
hundreds of thousands takes minutes, and is not what these campaigns look at.
"""

import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model

    from appointments.models import Appointment
    from patients.models import Patient, Phone
    from reminders.models import Reminder
    from tests.world import World

EMAIL, SMS = "email", "sms"
LEAD_HOURS = 24
#: By so much the first reminder is due later than the loading began: whatever that takes, nothing is due by then.
AHEAD = timedelta(hours=1)
#: Between the last reminder of a turn and the first of the next.
TURNS_APART = timedelta(hours=1)
#: So many clinics are filled at a time: the server's work is what takes long.
_SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Group:
    """Clinics alike, `NAME-1` and so on, with `each` reminders, the first due `after` seconds after the opening, the
    last `over` seconds later; every one to an address of its own. The opening is AHEAD of the loading: see
    `senders.open_up`."""

    name: str
    clinics: int
    each: int
    after: float = 0.0
    over: float = 0.0
    channel: str = EMAIL
    #: So many more in each clinic that are due a month later: they only stand there.
    asleep: int = 0
    #: All of it so many times, one after the other.
    turns: int = 1

    @property
    def reminders(self) -> int:
        """How many in all."""
        return self.clinics * self.each * self.turns


def words(groups: Sequence[Group]) -> list[str]:
    """The words with which Python runs this program for these groups."""
    return ["-m", "tests.faults.throng", json.dumps([asdict(group) for group in groups])]


def main(groups: Sequence[Group]) -> None:
    """Makes the clinics with all they need, and their reminders."""
    from clinics.clock import now

    moment, number, filling = now() + AHEAD, 0, list[Future[None]]()
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        for group in groups:
            for index in range(group.clinics):
                phase = index / group.clinics * group.over / group.each
                first = moment + timedelta(seconds=group.after + phase)
                filling.append(pool.submit(_fill, group, index + 1, first, number))
                number += group.each * group.turns
    for filled in filling:
        filled.result()


def _fill(group: Group, index: int, first: datetime, number: int) -> None:
    """One clinic; `number` is that of its first phone."""
    from clinics.clock import now
    from clinics.scope import in_clinic
    from reminders.models import Reminder
    from reminders.plan import bring_up_to_date

    slug = f"{group.name}-{index}"
    world = _world(slug, group, account=f"AC{number:032x}")
    with in_clinic(world.clinic.pk):
        patient = world.patient
        patient.email, patient.consent_sms = f"p000000@{slug}.example", True
        patient.save()
        booked = first - timedelta(days=7)
        start = first + timedelta(hours=LEAD_HOURS)
        appointment = world.appointment(start, booked_at=booked, start_set_at=booked)
        bring_up_to_date(world.clinic, [appointment.pk], now())
        appointment.refresh_from_db()
        phone = _phone(world, number) if group.channel == SMS else None
        copied = _Copied(patient, phone, appointment, number)
        for turn in range(group.turns):
            numbers = range(turn * group.each or 1, (turn + 1) * group.each)
            copied.once_more(Copies(numbers, group.over / group.each, turn * TURNS_APART))
        for reminder in Reminder.objects.filter(appointment=appointment):
            _let_sleep(reminder, group.asleep)


@dataclass(frozen=True)
class _Copied:
    """What stands in a clinic for one patient, planned."""

    patient: "Patient"
    phone: "Phone | None"
    appointment: "Appointment"
    #: Of the phone.
    number: int

    def once_more(self, rows: "Copies") -> None:
        """The same for others."""
        from django.db.models import F

        from appointments.models import Appointment
        from reminders.models import Reminder, Told

        slug = self.patient.email.partition("@")[2]
        patients = rows.copy(self.patient, email=f"'p' || lpad(g.n::text, 6, '0') || '@{slug}'")
        if self.phone is not None:
            e164 = f"'+346' || lpad(({self.number} + g.n)::text, 8, '0')"
            rows.copy(self.phone, patient_id="g.one", e164=e164, given=patients)
        later = {name: f"t.{name} + g.later" for name in ("start", "end")}
        made = rows.copy(self.appointment, patient_id="g.one", **_quoted(later), given=patients)
        Appointment.objects.filter(pk__any_of=made).update(planned_revision=F("revision"))  # a copy begins unplanned
        later = {name: f"t.{name} + g.later" for name in ("due_at", "deadline", "look_at")}
        for reminder in Reminder.objects.filter(appointment=self.appointment):
            rows.copy(reminder, appointment_id="g.one", **later, given=made)
        for told in Told.objects.filter(appointment=self.appointment):
            rows.copy(told, appointment_id="g.one", given=made)


def _let_sleep(reminder: "Reminder", count: int) -> None:
    """Copies that are due a month later, a second apart, each of another trigger of the same appointment."""
    later = {name: f"t.{name} + interval '30 days' + g.later" for name in ("due_at", "deadline", "look_at")}
    Copies(range(1, count + 1), 1.0).copy(reminder, given=None, trigger="'h' || g.n", **later)


def _quoted(columns: dict[str, str]) -> dict[str, str]:
    return {name: words.replace("t.end", 't."end"') for name, words in columns.items()}


def _world(slug: str, group: Group, account: str) -> "World":
    from clinics.scope import in_clinic
    from messaging.models import Sender
    from reminders.kinds import Kind, LatePolicy
    from reminders.wordings import NewWording, write_wording
    from tests.world import NOW, make_world

    host, port = os.environ["SANDBOX_SMTP"].split(":")
    world = make_world(slug, smtp_port=int(port))
    clinic = world.clinic
    clinic.quiet_until = clinic.quiet_from  # load is measured at any hour
    clinic.channels_on = [EMAIL, SMS]
    clinic.save()
    with in_clinic(clinic.pk):
        world.rule.late_policy, world.rule.channel = LatePolicy.SEND_NOW, group.channel
        world.rule.save()
        sender = world.sender
        sender.host = host
        if group.channel == SMS:
            body = "[CLIENTFIRSTNAME]: [APPOINTMENT]. [CLINIC]"
            write_wording(clinic, NewWording(Kind.REMINDER, SMS, "es", "", body), None, NOW)  # type: ignore[arg-type]
            sender = Sender.objects.create(
                clinic=clinic, channel=SMS, provider="twilio", address="Clinica", username=account
            )
        sender.set_secret(os.environ["SANDBOX_SMTP_PASSWORD"])
        sender.save()
    return world


def _phone(world: "World", number: int) -> "Phone":
    from patients.models import LineType, Phone

    e164 = f"+346{number:08d}"
    phone: Phone = Phone.objects.create(
        clinic=world.clinic, patient=world.patient, position=1, as_typed=e164, e164=e164, line_type=LineType.MOBILE,
        use_for_reminders=True,
    )  # fmt: skip
    return phone


class Copies:
    """Copies of rows, one for each number, each so many times `apart` seconds later than the row, and `after` that."""

    def __init__(self, numbers: range, apart: float, after: timedelta = timedelta()) -> None:
        self._numbers, self._apart, self._after = list(numbers), apart, after

    def copy(self, row: "Model", *, given: Sequence[int] | None = None, **columns: str) -> list[int]:
        """Inserts the copies of a saved row; gives their ids in the order of the numbers. `columns` is SQL for what
        differs: `t` is the row, `g` has the number `n`, `later` (an interval), and `one` of the given ids."""
        from django.db import connection

        if not self._numbers:
            return []
        names = [field.column for field in row._meta.concrete_fields if field.column and not field.primary_key]
        values = ", ".join(columns.get(name, f't."{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        numbers = list(given or self._numbers)
        given_here: list[Any] = [self._after, self._apart, self._numbers, numbers, row.pk]
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{row._meta.db_table}" ({quoted}) SELECT {values} FROM "{row._meta.db_table}" t, '
                "(SELECT n, one, %s + n * interval '1 second' * %s::float AS later "
                "FROM unnest(%s::bigint[], %s::bigint[]) AS u(n, one)) AS g "
                "WHERE t.id = %s ORDER BY g.n RETURNING id",
                given_here,
            )
            return sorted(found for (found,) in cursor.fetchall())


if __name__ == "__main__":
    import django

    django.setup()
    main([Group(**one) for one in json.loads(sys.argv[1])])
