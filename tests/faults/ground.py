"""Did every reminder arrive once, and does the record say so? Compares the database with what the sandbox received.

The judgement is pure: plain rows in, findings out. It shares no code with the product, so that no mistake of the
product is repeated here.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.database import Database
from tests.faults.outside import Outside

HANDED_OVER, UNCERTAIN = "handed_over", "uncertain"
EMAIL, SMS = "email", "sms"
#: An attempt in one of these says that the message was taken over.
_SURE = ("accepted", "delivered", "read")
UNFINISHED = frozenset({"planned", "held", "claimed", "sending"})

#: Every appointment should have had its reminder, over the channel that its patient prefers; one that was never planned
#: comes with an empty state.
_REMINDERS = """
SELECT a.clinic_id, a.id AS appointment_id, r.id, coalesce(r.state, '') AS state,
       CASE p.preferred_channel WHEN 'sms' THEN 'sms' ELSE 'email' END AS channel,
       CASE p.preferred_channel WHEN 'sms' THEN
           (SELECT n.e164 FROM patients_phone n
            WHERE n.clinic_id = p.clinic_id AND n.patient_id = p.id AND n.use_for_reminders)
       ELSE p.email END AS address,
       (SELECT coalesce(json_agg(json_build_array(t.id, t.state, t.called_at, t.phase) ORDER BY t.number), '[]')
        FROM messaging_attempt t WHERE t.clinic_id = r.clinic_id AND t.message_id = r.message_id) AS attempts
FROM appointments_appointment a
JOIN patients_patient p ON p.clinic_id = a.clinic_id AND p.id = a.patient_id
LEFT JOIN reminders_reminder r ON r.clinic_id = a.clinic_id AND r.appointment_id = a.id
ORDER BY a.clinic_id, a.id, r.id
"""

#: No reminder may be open so long after its deadline (15 minutes in real life; campaigns count in tenths).
OVERDUE = """
SELECT r.clinic_id, r.id, r.state FROM reminders_reminder r
WHERE r.state IN ('planned', 'claimed', 'sending', 'held')
AND r.deadline + %s * interval '1 second'
    < clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0')
ORDER BY r.clinic_id, r.id
"""


@dataclass(frozen=True)
class Try:
    """One attempt as the database knows it."""

    id: int
    state: str
    called_at: str | None = None
    phase: str = ""


@dataclass(frozen=True)
class Row:
    """One reminder as the database knows it; `id` is None and `state` empty where none was ever planned."""

    clinic_id: int
    appointment_id: int
    address: str
    id: int | None
    state: str
    tries: tuple[Try, ...] = ()
    channel: str = EMAIL

    def named(self) -> str:
        """How a finding names it: by ids, never by address."""
        return f"{self.channel}: clinic {self.clinic_id} appointment {self.appointment_id} reminder {self.id or 'none'}"


@dataclass(frozen=True)
class Arrival:
    """A mail whose final dot the sandbox received, or an SMS that it sent: whether the patient has it, whether we were
    told so (250, or whoever asks for it), and the commanded fault that struck it."""

    address: str
    kept: bool
    accepted: bool
    fault: str | None = None


@dataclass
class Judgement:
    """What was found, each finding a line that names its reminder."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    #: Mails that may or may not have been sent, and are shown to staff as that.
    unknown: list[str] = field(default_factory=list)
    #: SMS of which the same is said, although their provider can be asked.
    unknown_sms: list[str] = field(default_factory=list)
    #: The record and the outside world contradict each other in some other way.
    disagreeing: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing twice, nothing contradicted, no SMS unknown. Unknown mails the campaign counts."""
        return not self.faults

    @property
    def faults(self) -> list[str]:
        """Everything that speaks against the product."""
        return [*self.lost, *self.duplicated, *self.unknown_sms, *self.disagreeing]


def judge(
    rows: Iterable[Row], arrivals: Iterable[Arrival], may_stay: Collection[str] = (), *, askable: bool = True
) -> Judgement:
    """Compares. `may_stay` are the ended states in which a reminder of this campaign may rightly not have gone;
    `askable`: the provider of SMS could be asked what became of them."""
    found = Judgement()
    kept: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for arrival in arrivals:
        kept[arrival.address] += arrival.kept
        accepted[arrival.address] += arrival.accepted
    known = set()
    for row in rows:
        known.add(row.address)
        _judge_row(row, kept[row.address], accepted[row.address], may_stay, found)
    if not askable:
        found.unknown, found.unknown_sms = [*found.unknown, *found.unknown_sms], []
    strays = sum(count for address, count in kept.items() if address not in known)
    if strays:
        found.disagreeing.append(f"disagreeing: {strays} messages went to addresses of nobody")
    return found


def _judge_row(row: Row, kept: int, accepted: int, may_stay: Collection[str], found: Judgement) -> None:
    words = f"{row.named()}: state {row.state or 'missing'}, arrived {kept} times{_tried(row.tries)}"
    if kept > 1:
        found.duplicated.append(f"duplicated: {words}")
    if row.state == UNCERTAIN:
        (found.unknown_sms if row.channel == SMS else found.unknown).append(f"unknown: {words}")
    elif row.state == HANDED_OVER:
        if kept == 0:
            found.lost.append(f"lost: {words}")
    elif row.state in UNFINISHED or row.state not in may_stay:
        found.lost.append(f"lost: {words}")
    states = Counter(one.state for one in row.tries)
    sure, unsure = sum(states[one] for one in _SURE), states["unknown"] + states["sending"]
    if sure > accepted:
        found.disagreeing.append(f"disagreeing: accepted here, not there: {words}")
    elif kept > sure + unsure:
        found.disagreeing.append(f"disagreeing: it arrived, and no attempt says so: {words}")
    elif (row.state == HANDED_OVER) != (sure > 0):
        found.disagreeing.append(f"disagreeing: reminder and attempts: {words}")


def _tried(tries: Sequence[Try]) -> str:
    return "".join(f"; attempt {one.id} {one.state}/{one.phase} called {one.called_at or 'never'}" for one in tries)


def read_rows(database: Database) -> list[Row]:
    """Every reminder that there should be."""
    return [_row(row) for row in database.rows(_REMINDERS)]


def _row(row: dict[str, Any]) -> Row:
    tries = tuple(Try(*one) for one in row["attempts"])
    return Row(row["clinic_id"], row["appointment_id"], row["address"], row["id"], row["state"], tries, row["channel"])


def read_arrivals(outside: Outside) -> list[Arrival]:
    """Every mail that the outside world received."""
    return [Arrival(one["recipient"].lower(), one["kept"], one["accepted"], one["fault"]) for one in outside.messages()]


def read_texts(outside: Outside) -> list[Arrival]:
    """Every SMS that the outside world sent. Whatever was answered, its list tells of it."""
    return [Arrival(one["recipient"], one["kept"], accepted=True, fault=one["fault"]) for one in outside.texts()]


def refused_callbacks(outside: Outside) -> list[str]:
    """What the product answered to callbacks other than "stored", by how often."""
    answers = Counter(one["answered"] for one in outside.callbacks() if one["answered"] not in (None, 204))
    return [f"callbacks answered with {status}: {count}" for status, count in sorted(answers.items())]


def overdue(database: Database, seconds: float) -> list[str]:
    """The reminders that are still open so long after their deadline."""
    return [
        f"overdue: clinic {row['clinic_id']} reminder {row['id']}: {row['state']}"
        for row in database.rows(OVERDUE, [seconds])
    ]
