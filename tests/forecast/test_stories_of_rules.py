"""Further stories of rules that change, as worked examples that the product and the model both pass."""

from datetime import time

import pytest

from tests.forecast.pair import Pair
from tests.forecast.scene import at, left, visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.feature("B2")
def test_story_4_an_edit_that_puts_a_moment_before_a_booking_in_the_night_makes_it_late_from_the_edit_on(
    pair: Pair,
) -> None:
    pair.clinic_hours(time(21), time(8))
    rule = pair.rule(amount=90, late_policy="send_now")
    pair.go_to(at("14 01:45"))
    visit(pair, at("14 22:00"))
    pair.go_to(at("14 17:45"))
    pair.rule(rule, amount=2 * 24 * 60)
    assert left(pair) == ["reminder email 14 17:45"]
