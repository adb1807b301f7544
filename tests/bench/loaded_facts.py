"""What does the benchmark of the decision decide? Reminders of fully loaded rules, no two of them alike.

Clinics in many zones, on all channels, with quiet hours, closed days, holidays and a pause that is over; rules with
filters, statuses, a fallback and an end at confirmation; marks, flags and consents. One in eight is a notice, so that
every gate has something to look at. Half are asked for long before, as by the agenda, half about when they fall due.
"""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from messaging.channels import Channel
from reminders.decision_facts import (
    AppointmentFacts,
    ClinicFacts,
    Facts,
    NoticeFacts,
    PatientFacts,
    ReminderFacts,
    RuleFacts,
)
from reminders.kinds import Kind, LatePolicy, TimingKind
from reminders.timing import GRACE, Hours, Timing

Question = tuple[Facts, datetime]

_FIRST = date(2027, 1, 11)
_ZONES = ("Europe/Madrid", "Europe/Rome", "Europe/Lisbon", "Atlantic/Canary", "America/Sao_Paulo", "America/Manaus",
          "America/Mexico_City", "America/Buenos_Aires")  # fmt: skip
_HOLIDAYS = frozenset(date(2027, month, day) for month in range(1, 13) for day in (1, 6))
#: A rule's timing, and about how long before the start it falls due.
_TIMINGS = (
    (Timing(TimingKind.BEFORE_ELAPSED, 24 * 60), timedelta(days=1)),
    (Timing(TimingKind.DAYS_BEFORE_SAME_TIME, 2), timedelta(days=2)),
    (Timing(TimingKind.DAYS_BEFORE_AT, 1, time(18)), timedelta(hours=18)),
    (Timing(TimingKind.DAYS_BEFORE_AT, 3, time(10, 30), working_days=True), timedelta(days=4)),
)


def questions(seed: int, count: int) -> list[Question]:
    """So many facts, and the moment at which the decision is asked for; the same for the same seed."""
    chance = Random(seed)
    return [_question(chance) for _ in range(count)]


def _question(chance: Random) -> Question:
    zone = chance.choice(_ZONES)
    visit = time(chance.randrange(7, 21), 5 * chance.randrange(12))
    day = _FIRST + timedelta(days=chance.randrange(360))
    start = datetime.combine(day, visit, ZoneInfo(zone)).astimezone(UTC)
    timing, due_before = chance.choice(_TIMINGS)
    part = _notice(chance, start) if chance.randrange(8) == 0 else _timed(chance, start)
    about_due = (part.event_at or start - due_before) + timedelta(seconds=chance.randrange(4 * 3600))
    now = chance.choice((start - timedelta(days=15), about_due))
    rule = RuleFacts(
        True, part.channel.value, frozenset({"requested", "scheduled", "confirmed"}), timing,
        chance.choice(tuple(LatePolicy)), stop_when_confirmed=True, has_fallback=True,
    )  # fmt: skip
    return _facts(zone, start, rule, part), now


def _timed(chance: Random, start: datetime) -> ReminderFacts:
    booked = start - timedelta(days=chance.choice((1, 20, 60)), minutes=chance.randrange(600))
    return ReminderFacts(chance.choice(tuple(Channel)), 2, booked, False)


def _notice(chance: Random, start: datetime) -> ReminderFacts:
    agreed = start - timedelta(days=3, minutes=chance.randrange(600))
    told = NoticeFacts(newest=True, declined=False, differs=True, told_start=start - timedelta(hours=1))
    return ReminderFacts(
        chance.choice(tuple(Channel)), 2, agreed, False, kind=Kind.CHANGE, event_at=agreed, notice=told
    )


def _facts(zone: str, start: datetime, rule: RuleFacts, part: ReminderFacts) -> Facts:
    other = next(one.value for one in Channel if one is not part.channel)
    hours = Hours(zone, time(20, 30), time(8, 30), frozenset({6, 7}), _HOLIDAYS)
    return Facts(
        clinic=ClinicFacts(False, frozenset(Channel), "email", start - timedelta(days=90), False, hours),
        rule=rule,
        appointment=AppointmentFacts(
            start, "scheduled", False, 2, part.first_seen + GRACE, frozenset({other}), {other: "phone"}
        ),
        patient=PatientFacts(False, True, True, frozenset(Channel), rule.channel, True, True),
        reminder=part,
        has_sender=True,
        has_wording=True,
    )
