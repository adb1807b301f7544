"""A drain applies what providers said, however fast it came, and leaves to others what they are at."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from clinics.scope import in_clinic
from messaging import receipts
from messaging.models import Attempt, Receipt
from reminders import news
from reminders.shares import SLOTS
from tests.messaging.test_receipts_order import EVENTS, begun
from tests.world import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)


def say(world: World, attempt_ids: list[int]) -> None:
    with in_clinic(world.clinic.pk):
        for attempt_id in attempt_ids:
            receipts.store(world.clinic.pk, attempt_id, EVENTS["delivered"])


def delivered(world: World) -> int:
    with in_clinic(world.clinic.pk):
        return int(Attempt.objects.filter(state="delivered").count())


def test_one_drain_applies_more_than_a_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "BATCH", 2)
    say(world, begun(world, 7))
    news.take_receipts()
    assert delivered(world) == 7
    assert receipts.waiting() == {}


def test_what_another_drain_is_at_is_left_to_it_and_keeps_nobody_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "BATCH", 2)
    say(world, begun(world, 3))
    taken, may_end = threading.Event(), threading.Event()

    def other_drain() -> None:
        with in_clinic(world.clinic.pk):
            list(Receipt.objects.select_for_update(of=("self",)).order_by("pk")[:2])
            taken.set()
            may_end.wait(20)
        connection.close()

    other = threading.Thread(target=other_drain)
    other.start()
    assert taken.wait(20)
    news.take_receipts()
    assert delivered(world) == 0
    may_end.set()
    other.join(20)
    news.take_receipts()
    assert delivered(world) == 3


def test_a_callback_is_stored_while_its_attempt_is_being_applied(world: World) -> None:
    [attempt_id] = begun(world, 1)
    say(world, [attempt_id])
    waited: list[str] = []

    def callback() -> None:
        with in_clinic(world.clinic.pk), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            receipts.store(world.clinic.pk, attempt_id, EVENTS["read"])
            waited.append("stored")
        connection.close()

    with in_clinic(world.clinic.pk):
        [ids] = receipts.waiting().values()
        receipts.apply(ids, NOW)
        storing = threading.Thread(target=callback)
        storing.start()
        storing.join(20)
    assert waited == ["stored"]


def test_a_worker_leaves_the_receipts_of_others_clinics_to_them_for_a_while(world: World) -> None:
    say(world, begun(world, 2))
    others = [slot for slot in range(SLOTS) if slot != world.clinic.pk % SLOTS]
    news.take_receipts(others)
    assert delivered(world) == 0
    with in_clinic(world.clinic.pk):
        first = Receipt.objects.order_by("pk").first()
        assert first is not None
        first.received_at -= timedelta(seconds=11)
        first.save()
    news.take_receipts(others)
    assert delivered(world) == 1  # it had waited for long: its own worker may be dead
    news.take_receipts([world.clinic.pk % SLOTS])
    assert delivered(world) == 2
