"""Is what a worker keeps of a clinic always what stands in the database?"""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from appointments.models import AppointmentType
from clinics.fetch import fetch_together
from clinics.models import ClosedDay, Location, Practitioner
from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.models import Sender
from reminders.drain import drain
from reminders.house import ROWS, VERSIONS, House, Houses
from reminders.kinds import Kind, State
from reminders.lanes import Lanes
from reminders.models import PackageSwitch, Rule, Template
from reminders.plan import bring_up_to_date
from reminders.wordings import NewWording, write_wording
from tests.reminders.sending import book, change_reminders, now, only_reminder
from tests.world import NOW, World, make_world


def _look(kept: Houses, world: World) -> House:
    _, versions = fetch_together(beside=VERSIONS)
    return kept.of(world.clinic.pk, versions)


def _words(world: World) -> None:
    write_wording(world.clinic, NewWording(Kind.REMINDER, Channel.EMAIL, "es", "Cita", "[APPOINTMENT]"), None, NOW)


def _new_type(world: World) -> None:
    AppointmentType.objects.create(clinic=world.clinic, name="Cura")


CHANGES: list[tuple[Callable[[World], object], Callable[[House, World], object]]] = [
    (lambda w: Rule.objects.update(amount=60), lambda h, w: h.rules[w.rule.pk].amount),
    (lambda w: Rule.objects.all().delete(), lambda h, w: len(h.rules)),
    (_words, lambda h, w: h.wordings[(Kind.REMINDER, Channel.EMAIL, "es")].subject),
    (lambda w: Template.objects.update(version=7), lambda h, w: len(h.wordings)),
    (lambda w: Sender.objects.update(active=False), lambda h, w: len(h.senders)),
    (lambda w: Sender.objects.update(host="mx.example"), lambda h, w: h.senders["email"].host),
    (
        lambda w: PackageSwitch.objects.create(
            clinic=w.clinic, practitioner=w.practitioner, kind=Kind.REMINDER, on=False
        ),
        lambda h, w: (w.practitioner.pk, Kind.REMINDER) in h.switched_off,
    ),
    (
        lambda w: ClosedDay.objects.create(clinic=w.clinic, day=date(2027, 1, 14), closed=True),
        lambda h, w: h.own_days.at(None).get(date(2027, 1, 14)),
    ),
    (lambda w: Practitioner.objects.update(name="Dr. No"), lambda h, w: h.practitioners[w.practitioner.pk].name),
    (lambda w: Location.objects.update(time_zone="Atlantic/Canary"), lambda h, w: h.locations[w.location.pk].time_zone),
    (_new_type, lambda h, w: len(h.types)),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "seen"), CHANGES)
def test_every_change_is_seen_at_the_next_look(
    world: World, change: Callable[[World], object], seen: Callable[[House, World], object]
) -> None:
    kept = Houses()
    with in_clinic(world.clinic.pk):
        before = _look(kept, world)
        assert _look(kept, world) is before
        former = seen(before, world)
        with transaction.atomic():
            change(world)
            assert seen(_look(kept, world), world) != former
            transaction.set_rollback(True)
        assert seen(_look(kept, world), world) == former
        change(world)
        after = _look(kept, world)
        assert seen(after, world) != former
        assert after == _look(Houses(), world)


@pytest.mark.django_db
def test_the_database_names_exactly_the_rows_that_are_read(world: World) -> None:
    for change, _ in CHANGES[2:]:
        with in_clinic(world.clinic.pk):
            change(world)
    name = "(SELECT string_agg(t.ctid::text || t.xmin::text, ' ') FROM {} t WHERE {})"
    expected = ", ".join(name.format(one.model._meta.db_table, one.where) for one in ROWS)
    with in_clinic(world.clinic.pk), connection.cursor() as cursor:
        cursor.execute(f"SELECT {VERSIONS}, ARRAY[{expected}]")
        given, wanted = cursor.fetchone()
    assert given == wanted and None not in given[:2]


@pytest.mark.django_db
def test_only_so_many_clinics_are_kept_and_none_has_anothers(world: World) -> None:
    kept, other = Houses(most=1), make_world("otra")
    with in_clinic(world.clinic.pk):
        first = _look(kept, world)
    with in_clinic(other.clinic.pk):
        assert set(_look(kept, other).rules) == {other.rule.pk}
    with in_clinic(world.clinic.pk):
        again = _look(kept, world)
    assert again is not first and again == first


#: BEGIN and COMMIT among them. A steady stream of due reminders is spread over many clinics: what one of them costs
#: bounds how many there may be.
PREPARED, SETTLED = 15, 9


@pytest.mark.django_db(transaction=True)
def test_a_clinic_with_one_due_reminder_costs_few_statements(live: World, lanes: Lanes) -> None:
    appointment = book(live)
    with in_clinic(live.clinic.pk):
        bring_up_to_date(live.clinic, [appointment.pk], now())
    drain(lanes, 10)  # the first turn reads the house
    change_reminders(live, state=State.PLANNED, message=None, look_at=now())
    with CaptureQueriesContext(connection) as asked:
        drain(lanes, 10)
    assert only_reminder(live).state == State.HANDED_OVER
    statements = [one["sql"] for one in asked.captured_queries]
    [begin, settle] = _turns(statements)
    assert (len(begin), len(settle)) <= (PREPARED, SETTLED), "\n".join([*begin, "", *settle])


def _turns(statements: list[str]) -> list[list[str]]:
    """Those of each transaction that is about the clinic's reminders."""
    turns, own = [], list[str]()
    for sql in statements:
        own = [sql] if sql == "BEGIN" else [*own, sql]
        if sql == "COMMIT" and any("reminders_reminder" in one for one in own) and "set_config" in own[1]:
            turns.append(own)
    return turns
