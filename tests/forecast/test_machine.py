"""What it forecasts is what it does: any sequence of what people do, against the independent model and the sandbox.

A few sequences, always the same ones; `run.py faults forecast` runs thousands.
"""

import pytest

from clinics.models import User
from reminders.lanes import Lanes
from sandbox.server import Sandbox
from tests.forecast.running import run_the_same
from tests.forecast.sequence import Ground

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.feature("N1", "X5", "X6", "X7", "X10", "X16", "X17", "B2", "B3", "B4", "B5", "B6", 36, 42)
def test_what_arrives_is_what_was_forecast_and_what_the_model_says(user: User, lanes: Lanes, outside: Sandbox) -> None:
    run_the_same(Ground(user, lanes, outside), sequences=8)
