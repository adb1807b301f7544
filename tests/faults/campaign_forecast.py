"""Is what the product forecasts what patients receive? Thousands of sequences of what people do, against a model.

Bookings, moves, cancellations, consents, rules, hours, pauses, notices and the clock, in any order, in the real
database with real drains; after each step what arrived at the sandbox, what was forecast for it, and what an
independent model says are compared (tests/forecast/). Two processes side by side, each with a database of its own.
"""

import json
import os
import signal
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from config.local import environment, foreground
from config.local.processes import signal_group, spawn
from config.local.secrets import Secrets
from config.local.servers import Urls
from tests.faults import template
from tests.faults.database import Database
from tests.faults.registry import ALONE, Campaign
from tests.faults.report import Order, Outcome

SEQUENCES, PROCESSES = 2000, 2


def run(order: Order) -> Outcome:
    """2,000 sequences at scale 1."""
    began = time.monotonic()
    each = max(1, round(SEQUENCES * order.scale / PROCESSES))
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory()))
        children = []
        for number in range(PROCESSES):
            variables = _database(ending)
            words = (
                "-m",
                "tests.forecast.campaign",
                str(order.seed + 1000 * number),
                str(each),
                str(folder / f"{number}"),
            )
            child = spawn(foreground.python(*words), folder / f"{number}.log", variables)
            ending.callback(signal_group, child.pid, signal.SIGKILL)
            children.append(child)
        for child in children:
            child.wait()
        results = [_result(folder, number) for number in range(PROCESSES)]
    differences = [told for result in results for told in result["differences"]]
    runs = sum(result["runs"] for result in results)
    figures = {"runs": runs, "differences": len(differences), "seed": order.seed}
    figures["seconds"] = round(time.monotonic() - began)
    complete = runs >= each * PROCESSES
    return Outcome(
        dict(figures), complete and not differences, [line for told in differences for line in told.splitlines()]
    )


def _database(ending: ExitStack) -> dict[str, str]:
    """The environment of a migrated database of its own, dropped at the end."""
    database = Database(os.environ)
    made_before = template.name()
    database.create(made_before or template.EMPTY)
    ending.callback(database.drop)
    secrets = Secrets()
    urls = Urls(database.app_url, database.owner_url, os.environ["REDIS_URL"])
    variables = {**environment.for_product(urls, secrets), "FIELD_KEYS": secrets.field_keys}
    if made_before is None:
        template.migrate(variables)
    database.let_app_empty_tables()
    return variables


def _result(folder: Path, number: int) -> dict[str, Any]:
    """What a process wrote; one that died is a difference too."""
    file = folder / f"{number}"
    if file.exists():
        return dict(json.loads(file.read_text(encoding="utf-8")))
    return {"runs": 0, "differences": [f"a process died: {(folder / f'{number}.log').read_text()[-2000:]}"]}


#: Alone, as its two processes fill two cores.
CAMPAIGNS = (Campaign("forecast", run, (), "no difference", share=ALONE, on_request=True),)
