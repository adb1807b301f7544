"""With what does a rule begin, and which appointments may it be for? The presets, and the statuses of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType

from appointments.models import Status
from reminders.kinds import Kind, TimingKind
from reminders.timing import Timing

#: What a notice counts from: staff's answer that the patient is told.
ON_EVENT = Timing(TimingKind.ON_EVENT, 0)
#: Statuses in which an appointment is still to come; nothing is ever sent for arrived, completed or no-show.
ELIGIBLE = (Status.SCHEDULED, Status.CONFIRMED, Status.REQUESTED)
_STANDING = (Status.SCHEDULED, Status.CONFIRMED)
#: Whoever has confirmed is not asked to.
DEFAULT_STATUSES: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.REMINDER: _STANDING,
        Kind.CONFIRMATION: (Status.SCHEDULED,),
        Kind.BOOKING: _STANDING,
        Kind.CHANGE: _STANDING,
        Kind.CANCELLATION: (Status.CANCELLED,),
    }
)


@dataclass(frozen=True)
class Preset:
    """A usual rule, by a code that stands in addresses."""

    code: str
    kind: Kind
    timing: Timing


PRESETS = (
    Preset("24-hours", Kind.REMINDER, Timing(TimingKind.BEFORE_ELAPSED, 24 * 60)),
    Preset("day-before", Kind.REMINDER, Timing(TimingKind.DAYS_BEFORE_SAME_TIME, 1)),
    Preset("day-before-at", Kind.REMINDER, Timing(TimingKind.DAYS_BEFORE_AT, 1, time(18))),
    Preset("working-days-before", Kind.REMINDER, Timing(TimingKind.DAYS_BEFORE_AT, 2, time(10), working_days=True)),
    Preset("2-hours", Kind.REMINDER, Timing(TimingKind.BEFORE_ELAPSED, 2 * 60)),
    Preset("booking", Kind.BOOKING, ON_EVENT),
    Preset("change", Kind.CHANGE, ON_EVENT),
    Preset("cancellation", Kind.CANCELLATION, ON_EVENT),
)
