"""When did each part of the machinery last do its work? One row a part, in real time, belonging to no clinic.

`drain`: a drain began. `worker:NAME`: that worker took up a ring (one that is connected and takes up none is mute).
`receipts`: a provider's callback was stored.
"""

from django.db import connection

DRAIN = "drain"
RECEIPTS = "receipts"
#: Before the name of a worker, as Celery knows it.
WORKER = "worker:"
#: What happens often is noted so often at most, in seconds: a beat must not become work of its own.
APART = 10

_BEAT = """
INSERT INTO reminders_heartbeat (part, at) SELECT %(part)s, clock_timestamp()
WHERE NOT EXISTS (
    SELECT 1 FROM reminders_heartbeat WHERE part = %(part)s AND at > clock_timestamp() - %(apart)s * interval '1 second'
)
ON CONFLICT (part) DO UPDATE SET at = greatest(reminders_heartbeat.at, excluded.at)
"""
_FORGET = "DELETE FROM reminders_heartbeat WHERE starts_with(part, %s) AND at < clock_timestamp() - interval '7 days'"


def beat(part: str, apart: float = APART) -> None:
    """Notes that this part does its work. While its last beat is younger than `apart` seconds nothing is written, and
    no row is locked."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, {"part": part, "apart": apart})


def part_of_worker(name: str) -> str:
    """The part as which a worker beats, by its name."""
    return f"{WORKER}{name}"[:120]


def forget_gone_workers() -> None:
    """Workers that have not beaten for a week are gone: containers get new names."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [WORKER])


def ages() -> dict[str, float]:
    """Real seconds since the last beat of every part. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT part, extract(epoch FROM clock_timestamp() - at)::float FROM reminders_heartbeat")
        return dict(cursor.fetchall())
