"""What does the machine choose from? Strategies for moments, rules and switches, small and near each other on purpose:
what matters happens where a start, a lead, a night and a closed day meet."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)

#: A Wednesday morning in winter; an evening; Fridays before the clocks change in spring and in autumn.
BEGINNINGS = st.sampled_from(
    [
        datetime(2027, 1, 13, 9, tzinfo=UTC),
        datetime(2027, 1, 12, 18, 30, tzinfo=UTC),
        datetime(2027, 3, 26, 14, tzinfo=UTC),
        datetime(2027, 10, 29, 9, tzinfo=UTC),
    ]
)
#: From now to a start, late bookings among them.
AHEAD = st.sampled_from(
    [20 * MINUTE, HOUR, 100 * MINUTE, 3 * HOUR, 5 * HOUR, 13 * HOUR, 21 * HOUR, 24 * HOUR, 26 * HOUR, 30 * HOUR,
     44 * HOUR, 2 * DAY, 62 * HOUR, 3 * DAY, 4 * DAY]
)  # fmt: skip
#: From one visit of a patient to the next, so that their reminders meet.
BESIDE = st.sampled_from([timedelta(0), timedelta(0), 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR])
SHORT = st.sampled_from([MINUTE, 2 * MINUTE, 4 * MINUTE, 16 * MINUTE, 40 * MINUTE])
HOURS = st.sampled_from([HOUR, 2 * HOUR, 5 * HOUR, 9 * HOUR, 14 * HOUR])
DAYS = st.sampled_from([DAY, 36 * HOUR, 2 * DAY])
QUIET = st.sampled_from([(time(21), time(8)), (time(20), time(9, 30)), (time(0), time(0)), (time(13), time(16, 30))])
WEEKDAYS = st.sampled_from([set(), {7}, {6, 7}, {3, 6, 7}])
CHANNELS = st.sampled_from([{"email", "sms"}, {"email"}, {"sms"}])
CHANNEL = st.sampled_from(["email", "sms"])
INDEX = st.integers(0, 5)
YES = st.booleans()

_TIMINGS: list[dict[str, Any]] = [
    *({"timing": "before_elapsed", "amount": minutes} for minutes in (90, 4 * 60, 24 * 60, 48 * 60)),
    *({"timing": "days_before", "amount": days, "working_days": working} for days, working in ((1, False), (2, True))),
    {"timing": "days_before_at", "amount": 1, "at_time": time(18)},
    {"timing": "days_before_at", "amount": 1, "at_time": time(7, 30), "working_days": True},
    {"timing": "days_before_at", "amount": 2, "at_time": time(22)},
]
_PLAIN: dict[str, Any] = {"working_days": False, "at_time": None}
TIMINGS = st.sampled_from([{**_PLAIN, **timing} for timing in _TIMINGS])
LATE = st.sampled_from(["send_now", "next_allowed", "skip"])
STATUSES = st.sampled_from([frozenset({"scheduled", "confirmed"}), frozenset({"scheduled"})])
#: How a rule reaches the patient: its channel, and where that fails another.
_WAYS: list[dict[str, Any]] = [
    {"channel": "email"},
    {"channel": "sms"},
    {"channel": ""},
    {"channel": "email", "fallback_channel": "sms"},
    {"channel": "sms", "fallback_channel": "email", "fallback_minutes": 30},
    {"channel": "sms", "fallback_channel": "email"},
]
WAYS = st.sampled_from(_WAYS)
KINDS = st.sampled_from(["reminder", "reminder", "confirmation"])


@st.composite
def timed_rules(draw: st.DrawFn) -> dict[str, Any]:
    """A step that counts back from the start."""
    return {
        "kind": draw(KINDS),
        **draw(TIMINGS),
        **draw(WAYS),
        "late_policy": draw(LATE),
        "statuses": draw(STATUSES),
        "stop_when_confirmed": draw(YES),
    }


@st.composite
def notice_rules(draw: st.DrawFn) -> dict[str, Any]:
    """A notice of what happened."""
    kind = draw(st.sampled_from(["booking", "change", "cancellation"]))
    return {"kind": kind, "timing": "on_event", "amount": 0, "channel": draw(st.sampled_from(["email", "sms", ""]))}


#: A clinic's rules: one to three, a notice among them at times.
RULES = st.lists(st.one_of(timed_rules(), timed_rules(), notice_rules()), min_size=1, max_size=3)


@dataclass(frozen=True)
class Opening:
    """A clinic at its beginning: when, its hours, its rules, and how far ahead its first visits are."""

    now: datetime
    quiet: tuple[time, time]
    closed: frozenset[int]
    rules: tuple[dict[str, Any], ...]
    visits: tuple[timedelta, timedelta]


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    """Any of them."""
    visits = (draw(AHEAD), draw(AHEAD))
    return Opening(draw(BEGINNINGS), draw(QUIET), frozenset(draw(WEEKDAYS)), tuple(draw(RULES)), visits)


EDITS = st.one_of(
    TIMINGS,
    LATE.map(lambda policy: {"late_policy": policy}),
    STATUSES.map(lambda statuses: {"statuses": statuses}),
    YES.map(lambda on: {"stop_when_confirmed": on}),
)
APPOINTMENT = st.sampled_from(
    [
        {"status": "cancelled"},
        {"status": "scheduled"},
        {"status": "confirmed"},
        {"status": "arrived"},
        {"deleted": True},
        {"deleted": False},
        {"practitioner": 0},
        {"practitioner": 1},
        {"location": 0},
        {"location": 1},
        {"type": 1},
        {"patient": None},
        {"patient": 0},
    ]
)
PATIENT = st.sampled_from(
    [
        {"email": ""},
        {"email": "p@pacientes.example"},
        {"email": "no-es-una-direccion"},
        {"default_notifications": False},
        {"default_notifications": True},
        {"data_protection": False},
        {"data_protection": True},
        {"preferred": "sms"},
        {"preferred": "none"},
        {"preferred": ""},
        {"archived": True},
        {"archived": False},
        {"consent_email": False},
        {"consent_email": True},
        {"consent_sms": False},
        {"consent_sms": True},
        {"phone": ""},
        {"phone": "mobile"},
        {"phone": "landline"},
    ]
)
