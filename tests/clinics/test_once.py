"""One form makes one row, also when it is sent twice at the same moment."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from clinics.clock import real_now
from clinics.models import Submission
from clinics.once import REMEMBERED, claim, made_by, remember
from clinics.scope import in_clinic
from tests.world import World


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first_fails", [False, True])
def test_of_two_at_once_the_second_waits_and_finds_what_the_first_made(world: World, first_fails: bool) -> None:
    token, claimed, answers = uuid4(), threading.Event(), []

    def second() -> None:
        try:
            claimed.wait(10)
            with in_clinic(world.clinic.pk):
                answers.append((claim(world.clinic, token), made_by(token)))
        finally:
            connection.close()

    twin = threading.Thread(target=second)
    twin.start()
    try:
        with in_clinic(world.clinic.pk):
            assert claim(world.clinic, token)
            claimed.set()
            twin.join(0.3)
            assert twin.is_alive(), "it waits until the first is done"
            remember(token, 4711)
            if first_fails:
                raise RuntimeError("the first did not get through")
    except RuntimeError:
        assert first_fails
    twin.join(10)
    assert answers == [(True, None) if first_fails else (False, 4711)]


@pytest.mark.django_db
def test_a_form_is_forgotten_after_a_time(world: World) -> None:
    old = uuid4()
    with in_clinic(world.clinic.pk):
        Submission.objects.create(
            clinic=world.clinic, token=old, made=1, sent_at=real_now() - REMEMBERED - timedelta(minutes=1)
        )
        assert claim(world.clinic, uuid4())
        assert [row.token == old for row in Submission.objects.all()] == [False]
