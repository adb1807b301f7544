"""Does a rule contradict itself, and what would be better? Asks no database; its words are for the reader.

A refusal names the field, the reason and a value to try. Whether quiet hours and closed days leave a moment is asked
of `reminders.timing` itself, for appointments at every hour of two weeks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.utils.translation import gettext as _

from appointments.models import Status
from messaging.channels import Channel
from reminders.kinds import LatePolicy, TimingKind
from reminders.rule_defaults import ELIGIBLE
from reminders.timing import Hours, Known, Schedule, Timing, at_wall, nominal_due, schedule

#: A reminder longer ahead than this is a slip of the finger.
MOST_DAYS = 365
#: An instant from which the hours of two whole weeks are tried: a Monday far from changes of the clocks.
_MONDAY = datetime(2027, 1, 11, tzinfo=UTC).date()
_VISIT_HOURS = range(7, 22)
#: A delivery that is not reported within a day is not waited for any longer.
MOST_MINUTES = 24 * 60


@dataclass(frozen=True)
class Wrong:
    """Something that cannot be: the field, and words with the reason and a proposal."""

    field: str
    words: str

    @classmethod
    def no_status(cls) -> "Wrong":
        """A rule for no status would never send."""
        return cls("statuses", _("Choose at least one status, as Scheduled: without any the rule would never send."))

    @classmethod
    def twice(cls) -> "Wrong":
        """Two active rules that say the same would send twice."""
        return cls("amount", _("Another rule that is on does the same for some of these appointments: those patients "
                               "would be reminded twice. Choose another moment or channel, or switch one of the two "
                               "off."))  # fmt: skip

    @classmethod
    def told_twice(cls) -> "Wrong":
        """Two active notices of one kind over one channel would tell twice."""
        return cls("channel", _("Another notice of this kind that is on goes over the same channel: patients would be "
                                "told twice. Choose another channel, or switch one of the two off."))  # fmt: skip

    @classmethod
    def not_ours(cls, field: str) -> "Wrong":
        """A filter names a row that the clinic does not have."""
        return cls(field, _("Select a valid choice. One of these is not there any more."))


@dataclass(frozen=True)
class Fallback:
    """The channel that opens when a rule's own fails: also after so many minutes without a delivery (None: not), and
    also where nobody can tell whether the first one went."""

    channel: str
    minutes: int | None = None
    on_uncertain: bool = False


def wrong_with(timing: Timing, hours: Hours, channel: str) -> list[Wrong]:
    """Everything that contradicts itself in a timing, given when the clinic lets something leave."""
    if found := _amount(timing):
        return [found]
    if timing.kind is TimingKind.DAYS_BEFORE_AT and timing.at is None:
        words = _("At what time of day should it go? Try %(time)s.") % {"time": _proposed_time(hours)}
        return [Wrong("at_time", words)]
    if not any_open(hours) or not leaves_a_moment(timing, hours, Channel(channel)):
        words = _(
            "The clinic's quiet hours and closed days leave no moment to send it: leave at least half an hour of a day "
            "open under “Clinic” first."
        )
        return [Wrong("amount", words)]
    return []


def wrong_statuses(statuses: Collection[str], stop_when_confirmed: bool) -> list[Wrong]:
    """What contradicts itself in the statuses that a rule is for."""
    if not statuses:
        return [Wrong.no_status()]
    if not set(statuses) <= set(ELIGIBLE):
        return [Wrong("statuses", _("Nothing is sent for appointments that are arrived, completed, cancelled or a "
                                    "no-show. Choose among the others, as Scheduled."))]  # fmt: skip
    if stop_when_confirmed and set(statuses) == {Status.CONFIRMED}:
        words = _("It is for confirmed appointments only and stops once they are confirmed: it would never send. Tick "
                  "Scheduled too, or do not stop it.")  # fmt: skip
        return [Wrong("stop_when_confirmed", words)]
    return []


def wrong_fallback(fallback: Fallback, channel: str, timing: Timing) -> list[Wrong]:
    """What contradicts itself in a fallback, given the rule's own channel ("" for the preferred one) and timing."""
    if fallback.channel == channel:
        words = _("This is the rule's own channel: where it fails, it would fail again. Choose another, or none.")
        return [Wrong("fallback_channel", words)]
    minutes = fallback.minutes
    if minutes is None:
        return []
    if not 0 < minutes <= MOST_MINUTES:
        words = _("Wait at least a minute and at most a day (%(most)s minutes). Try 30.") % {"most": MOST_MINUTES}
        return [Wrong("fallback_minutes", words)]
    if timing.kind is TimingKind.BEFORE_ELAPSED and 0 < timing.amount <= minutes:
        words = _("The reminder itself goes %(lead)s minutes before the appointment: after so long a wait the fallback "
                  "would be too late. Try %(minutes)s.")  # fmt: skip
        proposal = {"lead": timing.amount, "minutes": max(1, timing.amount // 4)}
        return [Wrong("fallback_minutes", words % proposal)]
    return []


def any_open(hours: Hours) -> bool:
    """Whether anything may ever leave: some minute of some weekday is neither quiet nor closed."""
    week = [_MONDAY + timedelta(days=number) for number in range(7)]
    minutes = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
    return any(hours.open_on(day) for day in week) and any(not hours.quiet_at(wall) for wall in minutes)


def leaves_a_moment(timing: Timing, hours: Hours, channel: Channel) -> bool:
    """Whether it can go for at least one appointment at a full hour of an open day. A notice looks at no hours."""
    if timing.kind is TimingKind.ON_EVENT:
        return True
    return any(schedule_of(start, timing, hours, channel).due is not None for start in _starts(hours))


def same_moment(one: Timing, other: Timing, hours: Hours) -> bool:
    """Whether two timings name the same moment for every appointment, apart from changes of the clocks: 24 hours
    before and the day before do."""
    return all(nominal_due(start, one, hours) == nominal_due(start, other, hours) for start in _starts(hours))


def _starts(hours: Hours) -> list[datetime]:
    """Appointments at every full hour of the open days of two weeks."""
    days = [_MONDAY + timedelta(days=number) for number in range(14)]
    return [at_wall(day, time(hour), hours.zone) for day in days if hours.open_on(day) for hour in _VISIT_HOURS]


def schedule_of(start: datetime, timing: Timing, hours: Hours, channel: Channel) -> Schedule:
    """What timing says of an appointment that was booked long before."""
    booked = start - timedelta(days=2 * MOST_DAYS)
    return schedule(start, timing, hours, channel, Known(booked, booked, LatePolicy.NEXT_ALLOWED))


def _amount(timing: Timing) -> Wrong | None:
    minutes = timing.kind is TimingKind.BEFORE_ELAPSED
    if timing.amount < 0:
        return Wrong("amount", _("A reminder goes before the appointment, not after it. Try 24 hours or 1 day."))
    if timing.amount == 0 and minutes:
        return Wrong(
            "amount", _("With 0 it would go when the appointment starts, too late to be of use. Try 24 hours.")
        )
    if timing.amount == 0:
        return Wrong("amount", _("With 0 it would go on the day itself. Try 1 day, or count in hours instead."))
    if timing.amount > MOST_DAYS * (24 * 60 if minutes else 1):
        return Wrong("amount", _("That is more than a year before the appointment. Try 1 to 7 days."))
    return None


def _proposed_time(hours: Hours) -> str:
    """Ten o'clock, or the first full hour after it that is not quiet."""
    wanted = next((time(hour % 24) for hour in range(10, 34) if not hours.quiet_at(time(hour % 24))), time(10))
    return f"{wanted:%H:%M}"
