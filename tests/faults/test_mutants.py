"""Every mutant still fits the tree, is small, and names a campaign; a campaign that could not run kills none."""

from pathlib import Path

import pytest

from config.local.places import ROOT
from tests.faults.mutants import Mutant, is_killed, mutants
from tests.faults.registry import campaigns
from tests.faults.report import Outcome

pytestmark = pytest.mark.feature("B14", enters="command")
MOST_LINES = 5


@pytest.mark.parametrize("mutant", mutants(), ids=lambda one: one.name)
def test_a_mutant_fits_is_small_and_names_a_campaign(mutant: Mutant) -> None:
    mutant.apply(ROOT, only_check=True)
    assert 1 <= mutant.changed() <= MOST_LINES
    assert mutant.campaign in campaigns()
    assert mutant.scale > 0


def test_a_patch_that_does_not_fit_is_told(tmp_path: Path) -> None:
    file = tmp_path / "stale.patch"
    file.write_text("campaign=kill scale=1\n--- a/run.py\n+++ b/run.py\n@@ -1 +1 @@\n-never there\n+nor this\n")
    with pytest.raises(ValueError, match="stale does not fit"):
        Mutant("stale", "kill", 1, file).apply(ROOT, only_check=True)


@pytest.mark.parametrize(
    ("outcome", "killed"),
    [
        (Outcome({}, passed=True), False),
        (Outcome({}, passed=False, findings=["duplicated: one"]), True),
        (Outcome({}, passed=False, findings=["broke off: TooLate: not within 9 s: all ended"]), True),
        (Outcome({}, passed=False, findings=["broke off: RuntimeError: migrate failed"]), False),
        (Outcome({}, passed=False, findings=["its process ended with 1"]), False),
    ],
)
def test_only_a_campaign_that_found_something_kills(outcome: Outcome, killed: bool) -> None:
    assert is_killed(outcome) is killed
