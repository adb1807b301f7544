"""The command: `run.py faults [NAME …] [--seed N] [--scale F] [--mutants] [--readme]`.

Exit 1 if a campaign fails or a mutant lives, 2 for a wrong call. Reads DATABASE_URL (app role) and DATABASE_OWNER_URL
(may create databases) from the environment.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from config.local.foreground import end_on_signals
from tests.faults import results
from tests.faults.mutants import Mutant, mutants, run_mutants
from tests.faults.registry import Campaign, campaigns
from tests.faults.running import Run, run_here, run_several, write_outcome
from tests.faults.template import migrated_once


def main(arguments: Sequence[str]) -> int:
    """Runs the named campaigns (where none is named, all but those on request), side by side where they may."""
    known = campaigns()
    asked = _parse(arguments, known)
    end_on_signals()
    try:
        if asked.readme:
            results.write_readme(known.values(), results.read())
            return 0
        if asked.mutants:
            return 0 if run_mutants(_mutants(asked.names), asked.seed) else 1
        chosen = [known[name] for name in asked.names] or [one for one in known.values() if not one.on_request]
        if asked.result:
            return _run_for_parent(chosen[0], asked)
        return 0 if _run(chosen, asked.seed, asked.scale) else 1
    except KeyboardInterrupt:  # by now everything that was started has been ended
        return 130


def _parse(arguments: Sequence[str], known: dict[str, Campaign]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py faults", description="Fault campaigns with a ground truth.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(known)}")
    parser.add_argument("--seed", type=int, help="replays a run; without it each run draws one and prints it")
    parser.add_argument("--scale", type=float, default=1.0, help="more or less of everything (default 1)")
    parser.add_argument("--mutants", action="store_true", help="the mutants of these names or campaigns must fail")
    parser.add_argument("--readme", action="store_true", help="only writes the last results into the README")
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)  # where a child tells its parent
    asked = parser.parse_args(arguments)
    possible = {*known, *(one.name for one in mutants())} if asked.mutants else known
    if unknown := [name for name in asked.names if name not in possible]:
        parser.error(f"there is no campaign {', '.join(unknown)}; there are: {', '.join(known)}")
    if not asked.scale > 0:
        parser.error("--scale must be more than 0")
    return asked


def _mutants(names: Sequence[str]) -> list[Mutant]:
    """Those of these names or campaigns; all, where none is named."""
    return [one for one in mutants() if not names or one.name in names or one.campaign in names]


def _run(chosen: list[Campaign], seed: int | None, scale: float) -> bool:
    """Whether all passed."""
    began, runs = time.monotonic(), list[Run]()

    def tell(run: Run) -> None:
        runs.append(run)
        results.note([run])
        print("\n".join(run.outcome.lines(run.campaign.name)), flush=True)

    if len(chosen) == 1:
        tell(Run(chosen[0], scale, run_here(chosen[0], seed, scale)))
    else:
        with migrated_once():
            run_several(chosen, seed, scale, tell)
        passed = sum(run.outcome.passed for run in runs)
        seconds, verdict = round(time.monotonic() - began), "pass" if passed == len(runs) else "fail"
        print(f"faults total campaigns={len(runs)} passed={passed} seconds={seconds} verdict={verdict}", flush=True)
    return all(run.outcome.passed for run in runs)


def _run_for_parent(campaign: Campaign, asked: argparse.Namespace) -> int:
    outcome = run_here(campaign, asked.seed, asked.scale)
    write_outcome(asked.result, outcome)
    return 0 if outcome.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
