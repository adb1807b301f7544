"""How is a difference told, so that somebody sees why? Both sides' rows of the visits that differ, in short."""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any

from tests.forecast.plan import World


def describe(world: World, rows: list[dict[str, Any]], visits: Collection[int]) -> str:
    """The clinic, its rules, and everything of these visits: the model's rows with their schedule, the product's."""
    lines = [f"clinic {_short(vars(world.clinic))}"]
    lines += [f"rule {_short(vars(rule))}" for rule in world.rules.values()]
    for key in sorted(visits):
        one = world.appointments[key]
        lines.append(f"visit {_short(vars(one))}")
        if one.patient:
            lines.append(f"  patient {_short(vars(world.patients[one.patient]))}")
        for row in world.of(one):
            lines += [f"  model {_short(vars(row))}", f"        {_short(vars(world.schedule(row)))}"]
        lines += [f"  product {_short(row)}" for row in rows if row["appointment_id"] == key]
    return "\n".join(lines)


def _short(fields: dict[str, Any]) -> str:
    """What is not empty, with moments as day and time (UTC)."""
    return " ".join(f"{name}={_value(value)}" for name, value in fields.items() if value not in _EMPTY)


_EMPTY: tuple[Any, ...] = (None, "", False, [], {}, set(), frozenset(), ())


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%a%d/%H:%M:%S}"
    if isinstance(value, date | time):
        return f"{value:%d}" if isinstance(value, date) else f"{value:%H:%M}"
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ",".join(_value(one) for one in value) + "]"
    return str(value)
