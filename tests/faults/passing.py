"""How does a campaign pass over waits of minutes? It moves the product's clock to the next moment that matters.

As /sandbox/clock does it: forward only, and only while nothing is claimed or sending. The sandbox is told, so that its
record has the shifted time.
"""

from tests.faults import ground
from tests.faults.stack import Stack
from tests.faults.waiting import PATIENCE, until

#: Tries that chance has spread over minutes are made at once where they lie within so many seconds.
TOGETHER = 60.0
_PASS_OVER = """
INSERT INTO clinics_clock (id, shift)
SELECT 1, next.look_at - clock_timestamp() + %s * interval '1 second' FROM reminders_next() AS next
WHERE NOT next.busy
AND next.look_at > clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0')
ON CONFLICT (id) DO UPDATE SET shift = excluded.shift
RETURNING extract(epoch FROM shift)::float AS shift
"""
#: Reminders that are still to come to an end, and appointments whose plan is still to be made.
_TO_COME = """
SELECT (SELECT count(*) FROM reminders_reminder WHERE state = ANY (%s))
     + (SELECT count(*) FROM appointments_appointment WHERE revision <> planned_revision) AS count
"""
#: No plan is behind, nothing is claimed or sending, and no open reminder waits for a moment that has come.
_AT_REST = """
SELECT NOT EXISTS (SELECT 1 FROM appointments_appointment WHERE revision <> planned_revision)
   AND NOT EXISTS (SELECT 1 FROM reminders_planstamp WHERE NOT done)
   AND NOT EXISTS (SELECT 1 FROM reminders_reminder WHERE state IN ('claimed', 'sending'))
   AND NOT EXISTS (
       SELECT 1 FROM reminders_reminder WHERE state IN ('planned', 'held')
       AND look_at <= clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0')) AS at_rest
"""


def pass_over(product: Stack, together: float = 0.0) -> bool:
    """Moves the clock to the next moment at which anything is to be looked at, and on by `together` seconds, so that
    what comes soon after comes with it; while nothing is under way. Gives whether it moved."""
    moved = product.database.rows(_PASS_OVER, [together])
    if moved:
        product.outside.control("POST", "clock", {"offset_seconds": moved[0]["shift"]})
    return bool(moved)


def at_rest(product: Stack) -> bool:
    """Whether nothing that is due is left to do."""
    return bool(product.database.rows(_AT_REST)[0]["at_rest"])


def all_ended(product: Stack) -> bool:
    """Whether every appointment is planned and every reminder has ended."""
    return not product.database.rows(_TO_COME, [sorted(ground.UNFINISHED)])[0]["count"]


def run_out(product: Stack, seconds: float, together: float = 0.0) -> None:
    """Waits until everything has ended, passing over the waits before another try (`pass_over`). Raises TooLate."""

    def ended() -> bool:
        if all_ended(product):
            return True
        pass_over(product, together)
        return False

    until(ended, seconds * PATIENCE, "every reminder has ended")
