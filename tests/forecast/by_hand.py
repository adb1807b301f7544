"""What does "Send now" send? The model's answer, from the design's 2.8 and its story of sending twice.

Imports nothing of the product. The row that goes is left to the next look, as the product leaves it to the next drain.
"""

from dataclasses import replace
from datetime import datetime

from tests.forecast.entities import (
    CANCELLATION,
    CANCELLED,
    NOTICES,
    OPEN,
    PLANNED,
    REMINDER,
    SENDING,
    SENT,
    UNCERTAIN,
    Appointment,
    Row,
)
from tests.forecast.gates import closed
from tests.forecast.plan import World, fits
from tests.forecast.wall import MINUTE

GOES, ON_ITS_WAY, REFUSED = "goes", "on_its_way", "refused"
_RECENT = 10 * MINUTE


def send_now(world: World, appointment: Appointment, channel: str, token: str, now: datetime) -> str:
    """What becomes of it; where it goes, the row is there afterwards, to leave at once."""
    own = [row for row in world.of(appointment) if row.channel == channel and row.occurrence == appointment.occurrence]
    if any(_on_its_way(row, now) for row in own):
        return ON_ITS_WAY
    row = _chosen(world, appointment, [one for one in own if _is_meant(appointment, one)])
    row = row or Row(appointment.key, None, f"h{token}", REMINDER, channel, appointment.occurrence, now)
    if _refuses(world, appointment, row, now):
        return REFUSED
    row.by_hand, row.event_at, row.meant, row.state, row.waits = True, now, now, PLANNED, None
    if row not in world.rows:
        world.rows.append(row)
    return GOES


def _is_meant(appointment: Appointment, row: Row) -> bool:
    """Of a cancelled visit there is its cancellation to tell, if nobody has; of any other its steps are meant."""
    if appointment.status == "cancelled":
        return row.kind == CANCELLATION and appointment.facts() != appointment.told
    return row.kind not in NOTICES


def _on_its_way(row: Row, now: datetime) -> bool:
    recent = row.sent_at is not None and now - row.sent_at < _RECENT
    return row.state == SENDING or (row.state in (SENT, UNCERTAIN) and recent)


def _chosen(world: World, appointment: Appointment, steps: list[Row]) -> Row | None:
    """The earliest that waits; else a further round of the newest that was missed, or went long ago: the one meant for
    the latest moment. Of two for the same moment the one that was there first waits first, and was missed first."""
    waiting = [row for row in steps if row.state in OPEN]
    if waiting:
        return min(waiting, key=lambda row: world.schedule(row).looked_at)
    missed = [row for row in steps if row.state != CANCELLED and _still_for(world, appointment, row)]
    if not missed:
        return None
    newest = max(reversed(missed), key=lambda row: row.meant or row.first_seen)
    rounds = [row.round for row in world.rows if row.name[:4] == newest.name[:4]]
    fresh = {"state": PLANNED, "why": (), "sent_at": None, "fallback_at": None, "by_move": False, "number": None}
    return replace(newest, round=max(rounds) + 1, **fresh)  # type: ignore[arg-type]  # mypy sees one type for all


def _still_for(world: World, appointment: Appointment, row: Row) -> bool:
    """Whether its rule, on or off, is still for this practitioner, place, type and status."""
    return fits(replace(world.rule(row), active=True), appointment)


def _refuses(world: World, appointment: Appointment, row: Row, now: datetime) -> bool:
    """Whether a gate is closed that nobody waives by hand."""
    clinic, rule = world.clinic, world.rule(row)
    paused = clinic.paused_until is not None and now < clinic.paused_until
    gone = now >= appointment.start or not fits(replace(rule, active=True), appointment)
    patient = world.patients.get(appointment.patient or 0)
    sent = replace(row, by_hand=True, event_at=now)
    too_late = world.schedule(sent).due is None
    return paused or gone or too_late or bool(closed(clinic, rule, appointment, patient, sent))
