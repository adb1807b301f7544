"""The command: `run.py faults [NAME …] [--seed N] [--scale F]`. Exit 1 if a campaign fails, 2 for a wrong call.

Reads DATABASE_URL (app role) and DATABASE_OWNER_URL (may create databases) from the environment.
"""

import argparse
import random
import sys
import time
import traceback
from collections.abc import Sequence

from config.local.foreground import end_on_signals
from tests.faults.registry import Campaign, campaigns
from tests.faults.report import Order, Outcome


def main(arguments: Sequence[str]) -> int:
    """Runs the named campaigns (all, where none is named), one after the other."""
    known = campaigns()
    parser = argparse.ArgumentParser(prog="run.py faults", description="Fault campaigns with a ground truth.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(known)}")
    parser.add_argument("--seed", type=int, help="replays a run; without it each run draws one and prints it")
    parser.add_argument("--scale", type=float, default=1.0, help="more or less of everything (default 1)")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.names if name not in known]:
        parser.error(f"there is no campaign {', '.join(unknown)}; there are: {', '.join(known)}")
    if not asked.scale > 0:
        parser.error("--scale must be more than 0")
    end_on_signals()
    try:
        passed = [_run(known[name], asked.seed, asked.scale) for name in asked.names or known]
    except KeyboardInterrupt:  # by now everything that was started has been ended
        return 130
    return 0 if all(passed) else 1


def _run(campaign: Campaign, seed: int | None, scale: float) -> bool:
    order = Order(random.SystemRandom().randrange(10**6) if seed is None else seed, scale)
    began = time.monotonic()
    try:
        outcome = campaign.run(order)
    except Exception as error:  # one campaign that breaks must not silence the others; it has failed
        traceback.print_exc()
        figures = {"runs": 1, "seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
        outcome = Outcome(dict(figures), passed=False, findings=[f"broke off: {type(error).__name__}"])
    print("\n".join(outcome.lines(campaign.name)), flush=True)
    return outcome.passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
