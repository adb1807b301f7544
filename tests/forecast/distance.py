"""How near to others may a message go? Nobody gets two by themselves within ten minutes, nor a fourth within a day.

Per patient and channel; a message counts from when it last began, whatever became of it, and not for itself. Imports
nothing of the product.
"""

from datetime import datetime

from tests.forecast.entities import Row
from tests.forecast.plan import World
from tests.forecast.wall import DAY, MINUTE, Hours, first_allowed

_APART, _MOST = 10 * MINUTE, 3


def begin(world: World, row: Row, now: datetime) -> None:
    """The row's message begins."""
    world.began[row.name] = (world.appointments[row.appointment].patient, row.channel, now)


def may_go(world: World, row: Row, moment: datetime, hours: Hours) -> datetime | None:
    """The first moment from that one on at which it may leave by itself; None where a month has none."""
    others = _others(world, row)
    opens = [moment, *(at + wait for at in others for wait in (_APART, DAY) if at + wait > moment)]
    found = [at for at in (first_allowed(one, hours) for one in opens) if at is not None and _is_free(others, at)]
    return min(found, default=None)


def _others(world: World, row: Row) -> list[datetime]:
    patient = world.appointments[row.appointment].patient
    return [
        at
        for name, (whom, channel, at) in world.began.items()
        if name != row.name and (whom, channel) == (patient, row.channel)
    ]


def _is_free(others: list[datetime], moment: datetime) -> bool:
    ages = [moment - at for at in others]
    return all(age >= _APART for age in ages) and sum(age < DAY for age in ages) < _MOST
