"""What did the last run of each campaign find, and how does the README say so? Figures come from runs, never by hand.

The results lie in `var/faults.json`, by campaign; the README's table stands between two marker comments.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.local import places
from tests.faults.registry import Campaign
from tests.faults.running import Run

FILE = places.VAR / "faults.json"
README = places.ROOT / "README.md"
BEGINS, ENDS = "<!-- scorecard -->", "<!-- /scorecard -->"
_HEAD = ("Line", "Campaign", "Must", "Figures", "Verdict", "Seed", "Date")
#: Figures that have a column of their own.
_APART = ("seed",)


def read(file: Path = FILE) -> dict[str, Any]:
    """The last results by campaign; none where none ran."""
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def note(runs: Iterable[Run], file: Path = FILE) -> None:
    """Writes down what these found, in place of what the same campaigns found before."""
    results = read(file)
    today = datetime.now(UTC).date().isoformat()
    for run in runs:
        outcome = run.outcome
        results[run.campaign.name] = {
            "figures": outcome.figures,
            "passed": outcome.passed,
            "scale": run.scale,
            "date": today,
            "findings": outcome.findings,
        }
    places.make(file.parent)
    places.write_private(file, json.dumps(results, indent=1))


def table(campaigns: Iterable[Campaign], results: Mapping[str, Any]) -> str:
    """The scorecard as the README shows it: a row a campaign, in the order of the lines that they answer."""
    rows = [_row(one, results.get(one.name)) for one in campaigns]
    lines = [_HEAD, tuple("---" for _ in _HEAD), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write_readme(campaigns: Iterable[Campaign], results: Mapping[str, Any], readme: Path = README) -> None:
    """Puts the table between the README's markers. Raises ValueError where they are missing."""
    text = readme.read_text(encoding="utf-8")
    before, begins, rest = text.partition(BEGINS)
    _old, ends, after = rest.partition(ENDS)
    if not (begins and ends):
        raise ValueError(f"{readme.name} has no {BEGINS} … {ENDS}")
    readme.write_text(f"{before}{BEGINS}\n\n{table(campaigns, results)}\n\n{ENDS}{after}", encoding="utf-8")


def _row(campaign: Campaign, result: Mapping[str, Any] | None) -> tuple[str, ...]:
    lines = ", ".join(map(str, campaign.lines))
    if result is None:
        return lines, f"`{campaign.name}`", campaign.must, "", "not run", "", ""
    figures = [f"{name}={value}" for name, value in result["figures"].items() if name not in _APART]
    figures += [] if result["scale"] == 1 else [f"scale={result['scale']:g}"]
    verdict = "pass" if result["passed"] else "**fail**"
    seed = str(result["figures"].get("seed", ""))
    return lines, f"`{campaign.name}`", campaign.must, " ".join(figures), verdict, seed, result["date"]
