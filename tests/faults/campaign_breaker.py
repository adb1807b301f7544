"""Is an account with a wrong password let be, and does its mail go on once it is mended? RELIABILITY.md scorecard 23.

A clinic's whole day is due, and its mail server refuses the password. Servers lock accounts by such counts: at most
three log-ins may be seen, and one mail to the administrator. Then the administrator types the right password on the
product's page, and everything that is still of use has left within five minutes. Waits are a tenth of real life, and
so is the time that is given; sending itself is not quicker, so each mail is given a little on top.
"""

import time
from typing import Any

from tests.faults import ground
from tests.faults.account_acts import ADMINISTRATOR, SLUG
from tests.faults.closing import OVERDUE_SECONDS, fallen_walls
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Stack, stack
from tests.faults.waiting import TooLate, until

_WORKERS = ("worker-1", "worker-2", "worker-3")
_ACCOUNT = f"citas@{SLUG}.example"
MOST_LOGINS = 3
#: The scorecard's five minutes, as campaigns count, and what each mail takes on a small machine.
_MEND_SECONDS, _A_MAIL_SECONDS = 30.0, 0.1
#: So long may it take until the workers have begun to work, and then until they hold everything.
_START_SECONDS, _SETTLE_SECONDS = 120.0, 60.0
#: So long after all is held nothing more must be tried, and no second alert come.
_QUIET_SECONDS = 10.0

_STANDS = """
SELECT (SELECT count(*) FROM reminders_reminder WHERE state = 'held') AS held,
       (SELECT count(*) FROM reminders_reminder WHERE state = 'handed_over') AS gone
"""


def run(order: Order) -> Outcome:
    """1,000 reminders at scale 1."""
    began, reminders = time.monotonic(), max(20, round(1000 * order.scale))
    most, settles = (seconds + _A_MAIL_SECONDS * reminders for seconds in (_MEND_SECONDS, _SETTLE_SECONDS))
    with stack() as product:
        product.start_sandbox()
        product.run("-m", "tests.faults.load", "1", str(reminders), "0")
        product.run("-m", "tests.faults.account_acts", "spoil")
        product.start(*_WORKERS, "beat-1")
        findings: list[str] = []
        try:
            until(lambda: len(product.working(_WORKERS)) == len(_WORKERS), _START_SECONDS, "the workers work")
            until(
                lambda: _is_let_be(product, reminders), settles, "all that is due is held, and the administrator told"
            )
        except TooLate as late:
            findings.append(str(late))
        time.sleep(_QUIET_SECONDS)  # nothing can be waited for: nothing must happen
        logins = _logins(product)
        product.run("-m", "tests.faults.account_acts", "mend")
        mended = time.monotonic()
        try:
            until(lambda: _gone(product) >= reminders, most, "what is of use goes after the mending")
        except TooLate as late:
            findings.append(str(late))
        took = time.monotonic() - mended
        alerts, rows = _alerts(product), ground.read_rows(product.database)
        arrivals = [one for one in ground.read_arrivals(product.outside) if one.address != ADMINISTRATOR]
        judgement = ground.judge(rows, arrivals)
        findings += [*judgement.faults, *ground.overdue(product.database, OVERDUE_SECONDS)]
        findings += [f"died by itself: {name}" for name in product.dead()] + fallen_walls(product.database)
    if not 1 <= logins <= MOST_LOGINS:
        findings.insert(0, f"{logins} log-ins were refused; at most {MOST_LOGINS}")
    if alerts != 1:
        findings.insert(0, f"the administrator was told {alerts} times")
    figures: dict[str, object] = {"runs": 1, "seed": order.seed, "reminders": reminders, "logins": logins}
    figures |= {"alerts": alerts, "mended_seconds": round(took, 1), "lost": len(judgement.lost)}
    figures |= {"duplicated": len(judgement.duplicated), "unknown": len(judgement.unknown)}
    figures["seconds"] = round(time.monotonic() - began, 1)
    return Outcome(figures, not findings and not judgement.unknown, findings, listed=judgement.unknown)


def _is_let_be(product: Stack, reminders: int) -> bool:
    """Whether all has come to rest; also where too much was tried, as that is the end of it."""
    rests = _held(product) >= reminders - MOST_LOGINS and bool(_alerts(product))
    return rests or _logins(product) > MOST_LOGINS


def _held(product: Stack) -> int:
    return int(product.database.rows(_STANDS)[0]["held"])


def _gone(product: Stack) -> int:
    return int(product.database.rows(_STANDS)[0]["gone"])


def _logins(product: Stack) -> int:
    """How often the account's password was refused."""
    return sum(one["account"] == _ACCOUNT and one["code"] == 535 for one in _attempts(product))


def _attempts(product: Stack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = product.outside.control("GET", "truth/attempts?limit=2000")["attempts"]
    return found


def _alerts(product: Stack) -> int:
    """How many mails the administrator has, by whichever account."""
    return sum(one["recipient"].lower() == ADMINISTRATOR for one in product.outside.messages())


CAMPAIGNS = (Campaign("breaker", run, (23,), "3 log-ins, 1 alert, all of use sent 5 min after the fix"),)
