"""First of all: do both sides agree on the plain cases? A reminder that goes, and one that does not."""

from datetime import timedelta

import pytest

from tests.forecast.pair import Pair

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_reminder_goes_when_both_sides_say(pair: Pair) -> None:
    pair.rule()
    [patient] = pair.model.world.patients
    practitioner, place = pair.product.practitioners[0], pair.product.locations[0]
    start = pair.now + timedelta(days=2, hours=1)
    pair.book(start, patient=patient, practitioner=practitioner, location=place)
    pair.go(timedelta(days=1))
    assert pair.arrived == []
    pair.go(timedelta(hours=2))
    assert [(one.kind, one.channel) for one in pair.arrived] == [("reminder", "email")]
    pair.go(timedelta(days=2))
    assert len(pair.arrived) == 1
