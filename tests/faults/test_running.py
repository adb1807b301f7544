"""The runner never passes over a campaign that broke, and the README says what the last runs found."""

from pathlib import Path

import pytest

from tests.faults import results
from tests.faults.registry import ALONE, LIGHT, MACHINE, Campaign, campaigns
from tests.faults.report import Order, Outcome
from tests.faults.running import Run, read_outcome, run_here, run_several, write_outcome

pytestmark = pytest.mark.feature("B14", enters="command")


def breaks(order: Order) -> Outcome:
    raise OSError("the disk is away")


def campaign(name: str, lines: tuple[int, ...] = (), share: int = LIGHT) -> Campaign:
    return Campaign(name, breaks, lines, f"{name} holds", share)


def test_a_campaign_that_breaks_off_has_failed_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run_here(campaign("one"), 7, 0.5)
    assert not outcome.passed
    assert outcome.findings == ["broke off: OSError: the disk is away"]
    assert outcome.figures["seed"] == 7


def test_a_campaign_whose_process_dies_has_failed_and_the_lonely_ones_run_first() -> None:
    runs: list[Run] = []
    chosen = [campaign("no-such-1"), campaign("no-such-2", share=ALONE), campaign("no-such-3")]
    run_several(chosen, 7, 1, runs.append)
    assert [run.outcome.passed for run in runs] == [False] * 3
    assert runs[0].campaign.name == "no-such-2"
    assert runs[0].outcome.findings == ["its process ended with 2"]  # as argparse ends a wrong call


def test_what_a_child_writes_is_what_its_parent_reads(tmp_path: Path) -> None:
    found = Outcome({"runs": 1, "seed": 7}, passed=True, listed=["unknown: one"])
    write_outcome(tmp_path / "one", found)
    assert read_outcome(tmp_path / "one", 0) == found
    assert read_outcome(tmp_path / "two", -9).findings == ["its process ended with -9"]


def test_the_readme_shows_each_campaign_with_the_figures_of_its_last_run(tmp_path: Path) -> None:
    file, readme = tmp_path / "faults.json", tmp_path / "README.md"
    readme.write_text(f"before\n{results.BEGINS}\nyesterday\n{results.ENDS}\nafter\n", encoding="utf-8")
    kill, mute = campaign("kill", (1, 16)), campaign("deaf", (7,))
    for lost in (3, 0):
        outcome = Outcome({"runs": 1, "lost": lost, "seed": 9}, passed=not lost)
        results.note([Run(kill, 0.5, outcome)], file)
    results.write_readme([kill, mute, campaign("extra")], results.read(file), readme)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{results.BEGINS}\n\n| Line |")
    assert "| 1, 16 | `kill` | kill holds | runs=1 lost=0 scale=0.5 | pass | 9 | " in text
    assert "| 7 | `deaf` | deaf holds |  | not run |  |  |" in text
    assert "yesterday" not in text
    assert "|  | `extra` | extra holds |  | not run |  |  |" in text
    assert text.endswith(f"{results.ENDS}\nafter\n")


def test_a_readme_without_markers_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("words\n", encoding="utf-8")
    with pytest.raises(ValueError, match="README.md has no"):
        results.write_readme([], {}, readme)
    assert readme.read_text(encoding="utf-8") == "words\n"


def test_none_takes_more_than_the_machine() -> None:
    assert {1 <= one.share <= MACHINE for one in campaigns().values()} == {True}


def test_every_campaign_says_what_it_must_show() -> None:
    assert [one.name for one in campaigns().values() if not one.must] == []


def test_what_runs_unasked_answers_the_whole_scorecard() -> None:
    unasked = [one for one in campaigns().values() if not one.on_request]
    assert {line for one in unasked for line in one.lines} == set(range(1, 28))
