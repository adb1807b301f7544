"""Short words for the stories: a visit on a day at a time in Madrid, what left, and how a visit's rows stand."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.forecast.entities import Row
from tests.forecast.pair import Pair
from tests.forecast.wall import instant, shown_at

MADRID = "Europe/Madrid"
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def at(text: str) -> datetime:
    """A moment in Madrid in January 2027, as "15 10:00": Wednesday is the 13th."""
    return instant(datetime.strptime(f"2027-01-{text}", "%Y-%m-%d %H:%M"), MADRID)  # noqa: DTZ007 - a wall clock's


def the_patient(pair: Pair) -> int:
    """The only one there is."""
    [key] = pair.model.world.patients
    return key


def visit(pair: Pair, start: datetime, **fields: Any) -> int:
    """Books the patient with the first practitioner at the first place."""
    given = {
        "patient": the_patient(pair),
        "practitioner": pair.product.practitioners[0],
        "location": pair.product.locations[0],
        **fields,
    }
    return pair.book(start, **given)


def left(pair: Pair) -> list[str]:
    """What arrived: kind, channel, and when in Madrid, as "reminder email 14 10:00"."""
    return [
        f"{one.kind} {one.channel} {shown_at(one.at.astimezone(UTC), MADRID):%d %H:%M}"
        for one in sorted(pair.arrived, key=lambda one: (one.at, one.kind, one.channel))
    ]


def row_of(pair: Pair, key: int) -> Row:
    """The appointment's first row."""
    return next(row for row in pair.model.world.rows if row.appointment == key)


def states(pair: Pair, key: int) -> list[str]:
    """The rows of an appointment on both sides (they agree), as "o1 skipped" or "o1 fallback planned"."""
    pair.compare_states()
    rows = [row for row in pair.model.world.rows if row.appointment == key]
    return [" ".join(filter(None, (row.trigger, "fallback" * (row.route == "fallback"), row.state))) for row in rows]
